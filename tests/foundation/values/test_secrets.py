"""The master secret: what is derived from it, what it seals, and that it never shows itself."""

import hmac
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.foundation.values.errors import Misconfigured
from fedishare.foundation.values.secrets import Secret

OURS = Secret(bytes(range(32)))


def test_each_purpose_has_a_key_of_its_own():
    keys = {OURS.subkey(purpose) for purpose in ("csrf", "actor-keys", "totp", "unsubscribe")}

    assert len(keys) == 4
    assert all(len(key) == 32 for key in keys)


def test_a_subkey_is_the_same_after_a_restart():
    # HKDF-SHA256 (RFC 5869) without salt, written out: it must never change, or nothing sealed opens again.
    extracted = hmac.digest(bytes(32), bytes(range(32)), "sha256")

    assert OURS.subkey("csrf") == hmac.digest(extracted, b"fedishare csrf\x01", "sha256")


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_secret_of_another_size_is_refused(size):
    with pytest.raises(ValueError, match=str(size)):
        Secret(bytes(size))


def test_the_secret_is_in_no_trace_and_no_pickle():
    assert bytes(range(32)).hex() not in repr(OURS)
    assert repr(OURS) == "Secret(…)"
    with pytest.raises(TypeError):
        pickle.dumps(OURS)


@given(plain=st.binary(max_size=4_000), owner=st.text(max_size=80))
def test_what_is_sealed_opens_again_for_its_owner(plain, owner):
    sealed = OURS.seal("actor-keys", plain, owner=owner)

    assert OURS.unseal("actor-keys", sealed, owner=owner) == plain
    assert len(plain) < 4 or plain not in sealed


def test_sealing_twice_gives_two_different_texts():
    assert OURS.seal("totp", b"same", owner="x") != OURS.seal("totp", b"same", owner="x")


def test_what_is_sealed_for_one_does_not_open_for_another():
    sealed = OURS.seal("actor-keys", b"key", owner="https://remise.test/users/nadia")

    with pytest.raises(Misconfigured, match="damaged"):
        OURS.unseal("actor-keys", sealed, owner="https://remise.test/users/amel")


@pytest.mark.parametrize("place", [4, 20, -1])
def test_a_changed_byte_is_noticed(place):
    sealed = bytearray(OURS.seal("actor-keys", b"key", owner="x"))
    sealed[place] ^= 1

    with pytest.raises(Misconfigured, match="damaged"):
        OURS.unseal("actor-keys", bytes(sealed), owner="x")


@pytest.mark.parametrize("cut", [0, 3, 10])
def test_a_sealed_text_cut_short_is_noticed(cut):
    with pytest.raises(Misconfigured):
        OURS.unseal("actor-keys", OURS.seal("actor-keys", b"key", owner="x")[:cut], owner="x")


def test_another_secret_is_named_as_such():
    sealed = OURS.seal("actor-keys", b"key", owner="x")

    with pytest.raises(Misconfigured, match="FEDISHARE_SECRET_FILE"):
        Secret(bytes(32)).unseal("actor-keys", sealed, owner="x")


def test_what_a_former_secret_sealed_still_opens():
    old, new = Secret(b"o" * 32), Secret(b"n" * 32, former=[b"o" * 32])
    before = old.seal("actor-keys", b"key", owner="nadia")
    after = new.seal("actor-keys", b"key", owner="nadia")

    assert new.unseal("actor-keys", before, owner="nadia") == b"key"
    assert new.unseal("actor-keys", after, owner="nadia") == b"key"
    assert [new.sealed_here("actor-keys", text) for text in (before, after)] == [False, True]
    with pytest.raises(Misconfigured, match="not the secret"):
        old.unseal("actor-keys", after, owner="nadia")
    with pytest.raises(Misconfigured, match="damaged"):
        new.unseal("actor-keys", before, owner="amel")


def test_a_secret_knows_what_it_or_one_before_it_was_used_for():
    old, other = Secret(b"o" * 32), Secret(b"x" * 32)
    new = old.replaced_by(b"n" * 32)

    new.check(new.verifier)
    new.check(old.verifier)
    for stranger in (other, old):
        with pytest.raises(Misconfigured, match="not the secret"):
            stranger.check(new.verifier)
    assert old.verifier not in {new.verifier, other.verifier}
    assert bytes(range(32)).hex() not in OURS.verifier
