"""Which scheme a request is judged by, and that nothing in its headers makes anybody stumble (SECURITY 0.6, R13)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.federation.signatures import cavage, incoming, rfc9421
from fedishare.federation.signatures.errors import BadKey, BadSignature, NotSigned
from fedishare.federation.signatures.incoming import Request
from tests.federation.signatures import messages
from tests.federation.signatures.signing import BODY, NOW, Pairs, changed, pem, rsa, signed, usual


def check(pairs: Pairs, *, target: bytes = b"/inbox", base_url: str = "https://fedi.test", key: str = "") -> int:
    request = Request(method="POST", target=target, headers=pairs, body=BODY, base_url=base_url)
    return incoming.verify(incoming.parse(pairs), request, key or pem(rsa()), NOW)


def test_the_description_of_a_signature_decides_its_scheme():
    assert isinstance(incoming.parse(signed(usual())), cavage.SignatureHead)
    assert isinstance(incoming.parse(messages.signed(messages.usual())), rfc9421.SignatureHead)


def test_both_schemes_hold():
    assert check(signed(usual())) == check(messages.signed(messages.usual())) == NOW - NOW % 1000


def test_what_is_described_twice_is_judged_by_rfc_9421_alone():
    with pytest.raises(NotSigned):
        incoming.parse([*signed(usual()), (b"Signature-Input", b'sig1=("@method");created=1')])


def test_who_did_not_sign_is_told_how():
    with pytest.raises(NotSigned, match="not signed"):
        incoming.parse(usual())
    with pytest.raises(NotSigned, match="hmac-sha256 is not accepted"):
        incoming.parse(signed(usual(), algorithm="hmac-sha256"))

    # What is asked for is what our own signatures have: as others do, whoever follows it is understood.
    about = dict(messages.signed(messages.usual()))[b"signature-input"].decode()
    assert incoming.accepted("POST").partition(";")[0] == about.partition(";")[0]
    for method in ("GET", "HEAD"):
        assert "content-digest" not in incoming.accepted(method)


@pytest.mark.parametrize(
    ("base_url", "target", "url"),
    [
        ("https://fedi.test", b"/inbox?a=%20", "https://fedi.test/inbox?a=%20"),
        ("https://fedi.test/shop", b"/shop/inbox", "https://fedi.test/shop/inbox"),
        ("http://127.0.0.1:8000", b"/inbox", "http://127.0.0.1:8000/inbox"),
    ],
)
def test_the_address_that_was_signed_begins_with_our_own(base_url, target, url):
    made = messages.signed(messages.usual(), url=url)

    assert check(made, base_url=base_url, target=target)
    with pytest.raises(BadSignature, match="does not hold"):
        check(made, base_url="https://other.test", target=target)


def test_an_ed25519_key_does_not_sign_as_the_draft_says():
    text = "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="
    ours = f"-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----"

    with pytest.raises(BadKey, match="not an RSA key"):
        check(signed(usual()), key=ours)


# --- properties: no exception but BadSignature, whatever comes

_TEXT = st.one_of(
    st.binary(max_size=200),
    st.text('sig1=()"@;:,abcdefy+/?%*-.0129 \\', max_size=120).map(str.encode),
)
_NAMES = st.sampled_from(
    [b"signature", b"signature-input", b"content-digest", b"digest", b"date", b"host", b"Signature-Input", b"x-odd"]
)


@given(st.lists(st.tuples(_NAMES, _TEXT), max_size=6))
def test_no_headers_make_the_door_stumble(pairs):
    with pytest.raises(BadSignature):
        check(pairs)


@given(
    place=st.integers(0, 10_000),
    change=st.binary(max_size=4),
    name=st.sampled_from([b"signature-input", b"signature", b"content-digest"]),
)
def test_no_damage_to_a_good_signature_makes_the_door_stumble(place, change, name):
    pairs = messages.signed(messages.usual())
    value = dict(pairs)[name]
    place %= len(value)
    damaged = value[:place] + change + value[place + len(change) :]
    if damaged == value:
        return

    try:
        check(changed(pairs, name, damaged))
    except BadSignature:
        return
    # Only what RFC 9651 reads in the same way may pass: a label, a space, the padding of base64.
    before, after = rfc9421.parse(pairs), rfc9421.parse(changed(pairs, name, damaged))
    assert after == before


@given(
    st.dictionaries(
        st.sampled_from(["created", "expires", "keyid", "alg", "nonce", "tag", "other"]),
        st.one_of(
            st.integers(-(10**15) + 1, 10**15 - 1).map(str),
            st.text("ab :/#", max_size=10).map(lambda text: f'"{text}"'),
            st.sampled_from(["?1", "?0", "@99999999999999", "1.5", ":YWJj:", "token", '%"f%c3%bc"']),
        ),
        max_size=7,
    ),
    st.lists(
        st.sampled_from(["@method", "@target-uri", "content-digest", "host", "@path", "@query", "@x"]), max_size=8
    ),
)
def test_no_description_makes_the_check_stumble(parameters, names):
    covered = " ".join(f'"{name}"' for name in names)
    about = f"sig1=({covered})" + "".join(f";{name}={value}" for name, value in parameters.items())
    pairs = [*messages.usual(), (b"signature-input", about.encode()), (b"signature", b"sig1=:YWJj:")]

    with pytest.raises(BadSignature):
        check(pairs)


@given(st.binary(max_size=60))
def test_no_address_makes_the_check_stumble(target):
    with pytest.raises(BadSignature):
        check(changed(messages.signed(messages.usual()), b"host", b"x"), target=b"/" + target + b"/")
