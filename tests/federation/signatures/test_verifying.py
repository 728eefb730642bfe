"""What we accept: only what covers everything, is fresh, and is said once (INTEROP B.2, SECURITY 0.6)."""

import base64
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.federation.signatures import cavage
from fedishare.federation.signatures.errors import BadSignature
from fedishare.foundation.values.clock import SECOND
from tests.federation.signatures.requests import check, refused
from tests.federation.signatures.signing import KEY_ID, NOW, changed, digest, pem, rsa, signed, usual


@pytest.mark.parametrize(
    "covered",
    [
        "host date digest content-type (request-target)",  # Mastodon
        "(request-target) host date digest",  # GoToSocial
        "(request-target) date host digest",  # Misskey
        "(request-target) content-type date digest host",  # Lemmy
    ],
)
@pytest.mark.parametrize("algorithm", ["rsa-sha256", "hs2019", "RSA-SHA256", None])
def test_every_kind_of_server_is_understood(covered, algorithm):
    assert check(signed(usual(), covered, algorithm=algorithm)) == NOW


def test_our_own_signature_is_accepted_at_its_second():
    assert check(signed(usual()), key=rsa().public_key()) == NOW - NOW % SECOND


def test_a_signature_in_capitals_and_spaces_is_read():
    name, value = signed(usual())[-1]
    pairs = [(key.title(), b"  " + text + b" ") for key, text in usual()]

    assert check([*pairs, (name.title(), value.replace(b'",', b'" , '))]) == NOW


@pytest.mark.parametrize("target", [b"post /inbox?a=b", b"post /inbox"])
def test_a_query_may_be_signed_or_not(target):
    assert check(signed(usual(), target=target), target=b"/inbox?a=b") == NOW


def test_a_query_that_was_signed_cannot_be_left_out():
    refused(signed(usual(), target=b"post /inbox?a=b"), "does not hold", target=b"/inbox")


def test_headers_of_one_name_are_joined_in_their_order():
    pairs = [*usual(), (b"x-list", b"one"), (b"x-list", b" two ")]
    covered = "(request-target) host date digest x-list"
    made = signed([*usual(), (b"x-list", b"one, two")], covered)

    assert check([*pairs, made[-1]]) == NOW
    refused([*usual(), (b"x-list", b"two"), (b"x-list", b"one"), made[-1]], "does not hold")


# --- A001, A002, A023, A024, A027: the header itself


def test_an_unsigned_request_is_refused():
    refused(usual(), "not signed")


def test_two_signatures_are_one_too_many():
    refused([*signed(usual()), (b"signature", b"whatever")], "more than once")


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ('keyId="a",signature="!!!!"', "cannot be read"),
        ('keyId="a",signature="YWJ"', "cannot be read"),
        ('signature="YWJj"', "no keyId"),
        ('keyId="a"', "no signature"),
        ('keyId="a",keyId="b",signature="YWJj"', "twice"),
        ('keyId="",keyId="",signature="YWJj"', "twice"),
        ('keyId="a" signature="YWJj"', "cannot be read"),
        ('keyId="a\\"b",signature="YWJj"', "cannot be read"),
        ('keyId=a,signature="YWJj"', "cannot be read"),
        ('keyId="é",signature="YWJj"', "cannot be read"),
        ('keyId="a",signature="YWJj",created=1e9', "cannot be read"),
        ('keyId="a",signature="YWJj",created="soon"', "cannot be read"),
        ('keyId="a",signature="YWJj",created=1234567890123', "cannot be read"),
        ("", "no keyId"),
        ("x" * 4_097, "too long"),
        ('keyId="a",signature="YWJj",algorithm="hmac-sha256"', "not accepted"),
        ('keyId="a",signature="YWJj",algorithm="none"', "not accepted"),
        ('keyId="a",signature="YWJj",algorithm="rsa-sha1"', "not accepted"),
        ('keyId="a",signature="YWJj",algorithm="ed25519"', "not accepted"),
    ],
)
def test_a_header_that_can_be_read_in_two_ways_is_refused(header, why):
    with pytest.raises(BadSignature, match=why):
        cavage.parse([(b"signature", header.encode())])


def test_the_public_key_is_no_shared_secret():
    pairs = signed(usual())
    forged = base64.b64encode(hmac.digest(pem(rsa()).encode(), b"anything", "sha256")).decode()
    for algorithm in ("rsa-sha256", "hs2019"):
        named = f'keyId="{KEY_ID}",algorithm="{algorithm}",headers="(request-target) host date digest"'
        refused(changed(pairs, b"signature", f'{named},signature="{forged}"'.encode()), "does not hold")


def test_another_key_does_not_fit():
    refused(signed(usual()), "does not hold", key=pem(rsa(number=1)))


# --- A008, A009, A012, A014, A015, A018: what is covered


@pytest.mark.parametrize(
    ("covered", "why"),
    [
        ("(request-target) date digest", "not covered.*host"),
        ("host date digest", "not covered.*request-target"),
        ("(request-target) host date", "not covered.*digest"),
        ("(request-target) host digest", "no time"),
        ("date", "not covered"),
        ("(request-target) host date digest digest", "no sense"),
        ("(request-target) host date digest x-not-sent", "x-not-sent is covered and not sent"),
        ("(request-target) host date digest (fresh)", "covered and not sent"),
        ("(request-target) host date digest " + " ".join(f"x-{n}" for n in range(21)), "no sense"),
    ],
)
def test_what_must_be_covered_is_ours_to_decide(covered, why):
    refused(signed(usual(), covered, fresh=1), why)


def test_a_header_without_a_list_covers_too_little():
    named = f'keyId="{KEY_ID}",signature="YWJj"'

    refused([*usual(), (b"signature", named.encode())], "not covered")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_fetch_needs_no_digest_unless_it_has_a_body(method):
    pairs = signed(usual(), "(request-target) host date", target=method.lower().encode() + b" /users/nadia")

    assert check(pairs, method=method, target=b"/users/nadia", body=b"") == NOW
    refused(pairs, "not covered.*digest", method=method, target=b"/users/nadia", body=b"{}")


def test_a_request_signed_for_another_path_is_refused():
    refused(signed(usual(), target=b"post /users/bob/inbox"), "does not hold", target=b"/users/alice/inbox")


def test_an_encoded_line_break_in_the_target_stays_encoded():
    # A029: what was signed over the decoded text does not fit the raw target.
    made = signed(usual(), target=b"post /inbox\nhost: good.test")

    refused(made, "does not hold", target=b"/inbox%0Ahost:%20good.test")


@pytest.mark.parametrize("name", [b"host", b"date"])
def test_host_and_date_are_given_once(name):
    made = signed(usual())

    refused([*made, (name, b"other.test")], "given 2 times")
    refused(changed(made, name, None), "given 0 times")


# --- A009: the digest


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (None, "0 SHA-256"),
        (digest(b"another body"), "another body"),
        (b"SHA-512=AAAA", "0 SHA-256"),
        (b"SHA-256=!!", "cannot be read"),
        (b"SHA-256", "another body"),
        (digest() + b"," + digest(), "2 SHA-256"),
        (digest() + b"," + digest(b"another body"), "2 SHA-256"),
    ],
)
def test_a_digest_is_of_this_body_and_said_once(given, why):
    refused(signed(changed(usual(), b"digest", given)), why)


@pytest.mark.parametrize("given", [digest().lower()[:8] + digest()[8:], b"SHA-512=AAAA, " + digest()])
def test_a_digest_may_stand_beside_others_in_any_case(given):
    assert check(signed(changed(usual(), b"digest", given))) == NOW


def test_a_body_swapped_after_signing_is_noticed():
    refused(signed(usual()), "another body", body=b'{"type":"Delete"}')


def test_a_second_digest_line_does_not_hide_the_first():
    made = signed(usual())

    refused([*made, (b"digest", digest(b"another body"))], "2 SHA-256")


# --- properties


@given(st.binary(max_size=300))
def test_no_header_makes_the_reader_stumble(value):
    try:
        head = cavage.parse([(b"signature", value)])
    except BadSignature:
        return
    assert head.key_id.isascii()


@given(
    st.dictionaries(
        st.sampled_from(["keyId", "algorithm", "headers", "signature", "created", "expires", "other"]),
        st.text("abc019=+/() ,-", max_size=30),
    )
)
def test_no_parameters_make_the_check_stumble(given):
    text = ",".join(f'{name}="{value}"' for name, value in given.items())
    with pytest.raises(BadSignature):
        check([*usual(), (b"signature", text.encode())])


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_bit_of_what_is_covered_can_be_turned(place, bit):
    pairs = signed(usual())
    names = [b"host", b"date", b"digest"]
    name = names[place % 3]
    value = bytearray(dict(pairs)[name])
    value[place % len(value)] ^= 1 << bit

    with pytest.raises(BadSignature):
        check(changed(pairs, name, bytes(value)))
