"""RFC 9421 in: what others sign is accepted, what covers too little is not (INTEROP B.3, SECURITY 0.6)."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fedishare.foundation.values.clock import SECOND
from tests.federation.signatures.messages import AT, URL, USUAL, check, content_digest, refused, signed, usual
from tests.federation.signatures.signing import KEY_ID, changed, rsa


def given(*parts: str) -> str:
    """Parameters of a signature, one after the other."""
    return "".join(f";{part}" for part in parts)


WHO, WHEN = f'keyid="{KEY_ID}"', f"created={AT}"


@pytest.mark.parametrize(
    ("covered", "parameters"),
    [
        # Fedify; WordPress; Mitra
        ('"@method" "@target-uri" "@authority" "host" "content-digest"', given('alg="rsa-v1_5-sha256"', WHO, WHEN)),
        (USUAL, given(WHEN, WHO, 'alg="rsa-v1_5-sha256"')),
        ('"@method" "@target-uri" "content-digest" "content-type"', given(WHEN, WHO)),
    ],
)
def test_what_servers_send_is_accepted_at_its_second(covered, parameters):
    assert check(signed(usual(), covered, given=parameters)) == AT * SECOND


@pytest.mark.parametrize("name", ["@authority", "@scheme", "@path", "@query", "@request-target"])
@pytest.mark.parametrize("url", [URL, f"{URL}?page=1", f"{URL}?", "https://fedi.test:8443/inbox"])
def test_each_part_of_a_request_may_be_covered_too(name, url):
    assert check(signed(usual(), f'{USUAL} "{name}"', url=url), url=url)


def test_an_ed25519_key_may_sign():
    key = Ed25519PrivateKey.generate()

    for parameters in (given(WHEN, WHO), given(WHEN, WHO, 'alg="ed25519"')):
        assert check(signed(usual(), given=parameters, key=key), key=key.public_key())


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_fetch_needs_no_digest(method):
    made = signed([], '"@method" "@target-uri"', method=method)

    assert check(made, method=method, body=b"")
    refused(signed([], '"@method" "@target-uri"', method="DELETE"), "not covered .*: content-digest", method="DELETE")


def test_a_fetch_with_a_body_needs_one():
    refused(signed(usual(), '"@method" "@target-uri"', method="GET"), "not covered .*: content-digest", method="GET")


def test_headers_of_one_name_are_joined_in_their_order():
    covered = f'{USUAL} "x-list"'
    *_, about, value = signed([*usual(), (b"x-list", b"one, two")], covered)

    assert check([*usual(), (b"X-List", b" one"), (b"x-list", b"two\t"), about, value])
    refused([*usual(), (b"x-list", b"two"), (b"x-list", b"one"), about, value], "does not hold")


def test_names_of_headers_in_capitals_are_read():
    assert check([(name.title(), b" " + value + b"\t") for name, value in signed(usual())])


def test_the_description_is_signed_in_its_one_form():
    # RFC 9651 has one way of writing; spaces that a proxy or a sender adds are not part of what was signed.
    *pairs, (name, about), value = signed(usual())

    loose = about.replace(b'" "', b'"   "').replace(b"sig1=(", b"sig1=( ").replace(b";created", b"; created")
    assert check([*pairs, (name, loose), value])


# --- A030, A031: what has to be covered


@pytest.mark.parametrize(
    ("covered", "missing"),
    [
        ('"@method" "@target-uri"', "content-digest"),
        ('"@method" "content-digest"', "@target-uri"),
        ('"@target-uri" "content-digest"', "@method"),
        ('"@authority" "@path" "@method" "content-digest"', "@target-uri"),
        ("", "@method, @target-uri, content-digest"),
    ],
)
def test_a_post_covers_method_address_and_body(covered, missing):
    refused(signed(usual(), covered), f"not covered by the signature: {missing}")


def test_a_signature_for_another_address_does_not_hold():
    for url in (
        "https://fedi.test/users/bob/inbox",
        "https://other.test/inbox",
        f"{URL}?a=b",
        "http://fedi.test/inbox",
    ):
        refused(signed(usual()), "does not hold", url=url)


@pytest.mark.parametrize(
    "covered",
    [f'{USUAL} "@method"', f'{USUAL} "x" "x"', " ".join([USUAL, *(f'"x-{number}"' for number in range(22))])],
)
def test_a_list_of_components_that_makes_no_sense_is_refused(covered):
    pairs = [*usual(), (b"x", b"1"), *((f"x-{number}".encode(), b"1") for number in range(22))]

    refused(signed(pairs, covered), "makes no sense")


@pytest.mark.parametrize(
    ("component", "why"),
    [
        ('"content-type";sf', "not a plain name"),
        ('"@query-param";name="a"', "not a plain name"),
        ('"@method";req', "not a plain name"),
        ("content-type", "not a plain name"),
        ("7", "not a plain name"),
        ('"x-none"', "'x-none' is covered and not sent"),
        ('"Host"', "'Host' is covered and not sent"),
        ('"@status"', "'@status' is nothing of a request"),
        ('"@query-param"', "is nothing of a request"),
        ('"@signature-params"', "is nothing of a request"),
    ],
)
def test_a_component_that_we_do_not_know_is_refused(component, why):
    *pairs, (name, about), value = signed(usual())

    refused([*pairs, (name, about.replace(b'"content-digest"', b'"content-digest" ' + component.encode())), value], why)


@pytest.mark.parametrize("value", [b"caf\xe9", b"one\ntwo", b"one\x00two", b"one\x7ftwo"])
def test_what_cannot_stand_on_one_line_cannot_be_signed(value):
    refused(signed([*usual(), (b"x-odd", value)], f'{USUAL} "x-odd"'), "x-odd cannot be signed")


def test_an_address_that_is_no_ascii_cannot_be_signed():
    refused(signed(usual()), "@target-uri cannot be signed", url="https://fedi.test/caf\xe9")


# --- A032: when it was signed


@pytest.mark.parametrize("hours", [-12, -1, 0, 1])
def test_it_holds_for_half_a_day(hours):
    at = AT + hours * 3600 + (1 if hours == -12 else 0)

    assert check(signed(usual(), given=f";created={at};{WHO}")) == at * SECOND


@pytest.mark.parametrize("seconds", [-12 * 3600 - 1, 3601, -13 * 3600, 2 * 3600, -AT, 10**15 - 1 - AT])
def test_it_holds_no_longer_and_no_earlier(seconds):
    refused(signed(usual(), given=f";created={AT + seconds};{WHO}"), "seconds (ago|ahead)")


def test_after_its_own_end_it_holds_no_more():
    assert check(signed(usual(), given=f";{WHEN};expires={AT + 1};{WHO}"))
    refused(signed(usual(), given=f";{WHEN};expires={AT - 1};{WHO}"), "has expired")


@pytest.mark.parametrize(
    "parameters",
    [
        given(WHO),
        given("created", WHO),
        given('created="1"', WHO),
        given("created=1.5", WHO),
        given(f"created=@{AT}", WHO),
        given(WHEN, 'expires="tomorrow"', WHO),
        given(WHEN, "expires", WHO),
    ],
)
def test_a_signature_says_when_it_was_made(parameters):
    refused(signed(usual(), given=parameters), "does not say when")


@pytest.mark.parametrize(
    "parameters", [given(WHEN), given(WHEN, "keyid"), given(WHEN, "keyid=carol"), given(WHEN, WHO, "alg=1")]
)
def test_a_signature_names_its_key(parameters):
    refused(signed(usual(), given=parameters), "names no key")


# --- A033: the body


def test_the_digest_is_of_this_body():
    refused(signed(usual(b"another body")), "of another body")


def test_a_digest_that_is_covered_has_to_be_sent():
    *_, about, value = signed(usual())

    refused([pair for pair in usual() if pair[0] != b"content-digest"] + [about, value], "no digest that we know")


@pytest.mark.parametrize("value", [b"", b"md5=:YWJj:", b'unixsum="1"', b"sha-1024=:YWJj:"])
def test_a_digest_that_we_cannot_compute_proves_nothing(value):
    refused(signed(changed(usual(), b"content-digest", value)), "no digest that we know")


@pytest.mark.parametrize("value", [b"sha-256=YWJj", b"sha-256", b"sha-256=(:YWJj:)", b"sha-256=:YWJj:"])
def test_a_digest_that_is_none_is_of_another_body(value):
    refused(signed(changed(usual(), b"content-digest", value)), "of another body")


def test_a_second_digest_is_as_right_as_the_first():
    right = b"sha-512=:" + base64.b64encode(hashlib.sha512(b'{"type":"Create"}').digest()) + b":"

    assert check(signed(changed(usual(), b"content-digest", right)))
    assert check(signed(changed(usual(), b"content-digest", content_digest() + b", " + right + b", other=:YQ==:")))
    wrong = content_digest() + b", sha-512=:YWJj:"
    refused(signed(changed(usual(), b"content-digest", wrong)), "of another body")
    twice = content_digest() + b", " + content_digest()
    refused(signed(changed(usual(), b"content-digest", twice)), "given twice")


# --- A027, A034: one signature, one way to make it


@pytest.mark.parametrize("algorithm", ["rsa-pss-sha512", "hmac-sha256", "ed25519", "hs2019", "RSA-V1_5-SHA256", ""])
def test_the_key_decides_how_it_signs(algorithm):
    refused(signed(usual(), given=given(WHEN, WHO, f'alg="{algorithm}"')), f"algorithm {algorithm} is not accepted")


def test_an_ed25519_key_makes_no_rsa_signature():
    key = Ed25519PrivateKey.generate()

    made = signed(usual(), given=given(WHEN, WHO, 'alg="rsa-v1_5-sha256"'), key=key)
    refused(made, "not accepted with this key", key=key.public_key())


def test_a_signature_by_another_key_does_not_hold():
    refused(signed(usual(), key=rsa(2048, 1)), f"the signature by {KEY_ID} does not hold")
    refused(signed(usual()), "does not hold", key=Ed25519PrivateKey.generate().public_key())


def test_two_signatures_are_one_too_many():
    first, second = signed(usual()), signed(usual(), label="sig2")
    both = [(one[0], one[1] + b", " + two[1]) for one, two in zip(first[-2:], second[-2:], strict=True)]

    refused([*usual(), *both], "2 signatures")
    refused([*first, *second[-2:]], "2 lines of signature-input")
    refused([*usual(), first[-2], both[1]], "not where its description says")
    refused([*first, second[-1]], "2 lines of signature")


@pytest.mark.parametrize(
    "value", [b"sig2=:YWJj:", b"sig1=YWJj", b'sig1="YWJj"', b"sig1", b"sig1=(:YWJj:)", b"", b"sig1=:YWJj"]
)
def test_a_signature_stands_under_its_label(value):
    refused(changed(signed(usual()), b"signature", value), "not where its description says|not a structured field")


def test_a_description_without_a_signature_is_refused():
    refused(changed(signed(usual()), b"signature", None), "0 lines of signature")


@pytest.mark.parametrize(
    ("about", "why"),
    [
        (b"", "0 signatures"),
        (b"sig1", "no list of components"),
        (b'sig1="@method"', "no list of components"),
        (b"Sig1=()", "not a structured field"),
        (b'sig1=("@method"', "not a structured field"),
        (b'sig1=("@method")x', "not a structured field"),
        (b"\xff\xfe", "not a structured field"),
        (b"sig1=();created=1;created=2", "created is given twice"),
        (b'sig1=();keyid="a";keyid="b"', "keyid is given twice"),
        (b'sig1=("a";b;b)', "b is given twice"),
        (b"sig1=(), sig1=()", "sig1 is given twice"),
        (b"sig1=" + b"(" * 5_000, "too long"),
    ],
)
def test_a_description_that_cannot_be_read_is_refused(about, why):
    refused(changed(signed(usual()), b"signature-input", about), why)
