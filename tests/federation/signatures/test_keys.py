"""Keys of actors: made in pairs, sealed for their owner, and others' read with care."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from fedishare.federation.signatures import keys
from fedishare.federation.signatures.errors import BadKey
from fedishare.federation.signatures.keys import SealedKey, opened, opened_for_proofs, public_key, rsa_key, sealed
from fedishare.federation.vocabulary.public_keys import multikey
from fedishare.foundation.values.errors import Misconfigured
from fedishare.foundation.values.secrets import Secret
from tests.federation.signatures.signing import pem, rsa

NADIA = "https://remise.test/users/nadia"
SECRET = Secret(bytes(range(32)))


@pytest.fixture(scope="module")
def pairs():
    return keys.make_keys()


def kept(pair, *, owner=NADIA, secret=SECRET) -> SealedKey:
    private = sealed(pair, secret, actor_uri=owner)
    return SealedKey(uri=f"{owner}#main-key", actor_uri=owner, kind=pair.kind, private_sealed=private)


def test_an_actor_gets_rsa_2048_and_ed25519(pairs):
    assert load_pem_public_key(pairs.rsa.public_pem.encode()).key_size == 2048
    assert pairs.rsa.public_pem.startswith("-----BEGIN PUBLIC KEY-----\n")
    assert multikey(pairs.ed25519.public_pem).startswith("z6Mk")


def test_a_pair_does_not_show_its_private_half(pairs):
    assert repr(pairs) == "ActorKeys(rsa=KeyPair(rsa), ed25519=KeyPair(ed25519))"


def test_a_sealed_key_signs_again(pairs):
    private = opened(kept(pairs.rsa), SECRET)

    assert private.id == f"{NADIA}#main-key"
    assert pem(private.rsa) == pairs.rsa.public_pem


def test_a_key_is_loaded_once(pairs):
    key = kept(pairs.rsa)

    assert opened(key, SECRET).rsa is opened(key, SECRET).rsa


def test_a_key_put_into_another_row_does_not_open(pairs):
    private = sealed(pairs.rsa, SECRET, actor_uri="https://remise.test/users/amel")
    moved = SealedKey(uri=f"{NADIA}#main-key", actor_uri=NADIA, kind="rsa", private_sealed=private)

    with pytest.raises(Misconfigured):
        opened(moved, SECRET)


def test_only_an_rsa_key_signs_requests(pairs):
    with pytest.raises(TypeError, match="not an RSA key"):
        opened(kept(pairs.ed25519), SECRET)


def test_only_an_ed25519_key_proves_documents(pairs):
    key = opened_for_proofs(kept(pairs.ed25519), SECRET)

    assert public_key(pairs.ed25519.public_pem) == key.ed25519.public_key()
    with pytest.raises(TypeError, match="not an Ed25519 key"):
        opened_for_proofs(kept(pairs.rsa), SECRET)


def test_an_opened_key_shows_its_name_alone(pairs):
    assert repr(opened(kept(pairs.rsa), SECRET)) == f"PrivateKey({NADIA}#main-key)"
    assert repr(opened_for_proofs(kept(pairs.ed25519), SECRET)) == f"ProofKey({NADIA}#main-key)"


@pytest.mark.parametrize("form", [PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1])
@pytest.mark.parametrize("around", ["{}", "\n\n {}\n\n", "{}\n\n"])
def test_keys_are_read_as_servers_write_them(form, around):
    # Mobilizon writes PKCS#1, Erlang ends with blank lines.
    assert public_key(around.format(pem(rsa(), form))) == rsa().public_key()


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_larger_keys_are_accepted(bits):
    assert public_key(pem(rsa(bits))).key_size == bits


def test_a_key_is_parsed_once():
    assert public_key(pem(rsa())) is public_key(pem(rsa()))


def test_a_weak_key_is_refused_by_its_size():
    with pytest.raises(BadKey, match="1024 bits"):
        public_key(pem(rsa(1024)))


def written(bits: int, exponent: int) -> str:
    key = RSAPublicNumbers(exponent, (1 << bits - 1) + 1).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    ("bits", "exponent", "why"),
    [(16384, (1 << 64) + 13, "16384 bits"), (8193, 65537, "8193 bits"), (2048, (1 << 64) + 13, "exponent")],
)
def test_a_key_meant_to_keep_us_busy_is_refused(bits, exponent, why):
    with pytest.raises(BadKey, match=why):
        public_key(written(bits, exponent))


@pytest.mark.parametrize("text", ["", "no key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "\ud800"])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(BadKey, match="cannot be read"):
        public_key(text)


def shown(key) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_a_key_of_another_kind_is_refused():
    with pytest.raises(BadKey, match="neither RSA nor Ed25519 but"):
        public_key(shown(ec.generate_private_key(ec.SECP256R1())))


def test_an_ed25519_key_is_read_and_does_not_pass_for_rsa():
    key = ed25519.Ed25519PrivateKey.generate()

    assert public_key(shown(key)) == key.public_key()
    with pytest.raises(BadKey, match="not an RSA key"):
        rsa_key(shown(key))


def test_a_key_of_a_megabyte_is_not_even_looked_at():
    with pytest.raises(BadKey, match="1000000 characters"):
        public_key("x" * 1_000_000)
