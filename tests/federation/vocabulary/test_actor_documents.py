"""Actors of other servers: what they point at lies on their server, and their keys are their own."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fedishare.federation.vocabulary import limits
from fedishare.federation.vocabulary.actor import ActorDocument, read_actor, read_keys
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import Malformed

CAROL = "https://good.test/users/carol"


def pem(bits: int, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    public = generate_private_key(public_exponent=65537, key_size=bits).public_key()
    return public.public_bytes(Encoding.PEM, form).decode()


PEM = pem(2048)


def key(**properties: Any) -> dict[str, Any]:
    return {"id": f"{CAROL}#main-key", "owner": CAROL, "publicKeyPem": PEM, **properties}


def carol(**properties: Any) -> ActorDocument:
    document = {"id": CAROL, "type": "Person", "preferredUsername": "carol", "inbox": f"{CAROL}/inbox", **properties}
    return read_actor(document, Instant(5))


def test_an_actor_needs_little():
    found = carol()

    assert (found.name, found.domain, found.page_url, found.fetched_at) == ("carol", "good.test", CAROL, 5)
    assert found.keys == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "Note"},
        {"type": None},
        {"id": "carol"},
        {"inbox": None},
        {"inbox": "https://victim.test/inbox"},
        {"inbox": "http://good.test/users/carol/inbox"},
        {"preferredUsername": ""},
        {"preferredUsername": "carol@good.test"},
        {"preferredUsername": "car/ol"},
        {"preferredUsername": 7},
    ],
)
def test_what_cannot_be_written_to_is_no_actor(wrong: dict[str, Any]):
    with pytest.raises(Malformed):
        carol(**wrong)


@pytest.mark.parametrize("name", ["outbox", "followers", "following", "featured", "proposals"])
def test_collections_elsewhere_are_left_out(name: str):
    """A131."""
    assert getattr(carol(**{name: f"https://victim.test/{name}"}), name) is None
    assert getattr(carol(**{name: f"{CAROL}/{name}"}), name) == f"{CAROL}/{name}"


def test_a_shared_inbox_elsewhere_is_left_out():
    assert carol(endpoints={"sharedInbox": "https://victim.test/inbox"}).shared_inbox is None
    assert carol(endpoints={"sharedInbox": "https://good.test/inbox"}).shared_inbox == "https://good.test/inbox"
    assert carol(endpoints="https://good.test/inbox").shared_inbox is None


def test_a_page_elsewhere_is_not_theirs():
    assert carol(url="https://evil.test/@carol").page_url == CAROL


def test_keys_come_as_one_or_as_several():
    assert [found.uri for found in carol(publicKey=key()).keys] == [f"{CAROL}#main-key"]
    several = [key(), key(id=f"{CAROL}#key-2")]
    assert [found.uri for found in carol(publicKey=several).keys] == [f"{CAROL}#main-key", f"{CAROL}#key-2"]


def test_erlang_lines_and_pkcs1_become_one_form():
    """INTEROP B.2: Mobilizon sends PKCS#1, Pleroma an empty line more."""
    pkcs1 = pem(2048, PublicFormat.PKCS1)

    assert carol(publicKey=key(publicKeyPem=PEM + "\n\n")).keys[0].public_pem == PEM
    assert carol(publicKey=key(publicKeyPem=pkcs1)).keys[0].public_pem.startswith("-----BEGIN PUBLIC KEY-----")


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"id": "https://victim.test/users/eve#main-key"}, id="A006 a key id of another server"),
        pytest.param({"owner": "https://good.test/users/eve"}, id="owned by somebody else"),
        pytest.param({"owner": None}, id="owned by nobody"),
        pytest.param({"publicKeyPem": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"}, id="not a key"),
        pytest.param({"publicKeyPem": 7}, id="not a text"),
        pytest.param({"publicKeyPem": pem(1024)}, id="A025 too short"),
    ],
)
def test_a_key_that_is_not_theirs_or_weak_is_left_out(wrong: dict[str, Any]):
    assert carol(publicKey=key(**wrong)).keys == ()


def test_an_ed25519_multikey_is_read():
    multikey = {
        "id": f"{CAROL}#ed25519-key",
        "type": "Multikey",
        "controller": CAROL,
        "publicKeyMultibase": "z6Mkiiyzjd3oXpzcyZFe42rcieFDQSSZwRHpwn978YYqMdK4",
    }
    found = carol(publicKey=key(), assertionMethod=[multikey, {**multikey, "id": f"{CAROL}#x", "controller": "x"}])

    assert [(one.uri, one.kind) for one in found.keys] == [
        (f"{CAROL}#main-key", "rsa"),
        (f"{CAROL}#ed25519-key", "ed25519"),
    ]


def test_a_stub_with_nothing_but_a_key_gives_that_key():
    """GoToSocial's `/main-key`."""
    path_key = key(id=f"{CAROL}/main-key")

    assert [found.uri for found in read_keys({"publicKey": path_key}, CAROL)] == [f"{CAROL}/main-key"]


def test_who_implements_fep_0837_speaks_as_we_do():
    link = {"href": "https://w3id.org/fep/0837", "name": "FEP-0837"}

    assert carol(generator={"type": "Application", "implements": [link]}).speaks_fedishare
    assert carol(generator={"implements": "https://w3id.org/fep/0837"}).speaks_fedishare
    assert not carol(
        generator={"implements": [{"href": "https://datatracker.ietf.org/doc/html/rfc9421"}]}
    ).speaks_fedishare
    assert not carol(generator="https://w3id.org/fep/0837").speaks_fedishare


def test_long_biographies_and_many_aliases_are_cut():
    """A064, A065."""
    found = carol(summary="s" * 900_000, alsoKnownAs=[f"https://a.test/{n}" for n in range(100_000)])

    assert len(found.summary) == limits.SUMMARY
    assert len(found.also_known_as) == limits.ALIASES


def test_flags_that_are_no_flags_are_down():
    found = carol(manuallyApprovesFollowers="yes", discoverable=1)

    assert not found.approves_followers
    assert not found.discoverable
