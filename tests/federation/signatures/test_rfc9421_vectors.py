"""The signatures that stand in RFC 9421 itself: B.2.6 by an Ed25519 key, 4.3 by an RSA key with PKCS#1 v1.5.

Both cover less than we want of a request, so it is the base and the check of the signature that are tried here.
"""

import pytest

from fedishare.federation.signatures import rfc9421
from fedishare.federation.signatures.errors import BadSignature
from fedishare.federation.signatures.headers import joined
from fedishare.federation.signatures.keys import public_key
from tests.federation.signatures.signing import NOW, Pairs, changed

BODY = b'{"hello": "world"}'
DIGEST = b"sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"
KEYS = {  # B.1.4, B.1.1
    "test-key-ed25519": """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----""",
    "test-key-rsa": """-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAhAKYdtoeoy8zcAcR874L8cnZxKzAGwd7v36APp7Pv6Q2jdsPBRrw
WEBnez6d0UDKDwGbc6nxfEXAy5mbhgajzrw3MOEt8uA5txSKobBpKDeBLOsdJKFq
MGmXCQvEG7YemcxDTRPxAleIAgYYRjTSd/QBwVW9OwNFhekro3RtlinV0a75jfZg
kne/YiktSvLG34lw2zqXBDTC5NHROUqGTlML4PlNZS5Ri2U4aCNx2rUPRcKIlE0P
uKxI4T+HIaFpv8+rdV6eUgOrB2xeI1dSFFn/nnv5OoZJEIB+VmuKn3DCUcCZSFlQ
PSXSfBDiUGhwOw76WuSSsf1D4b/vLoJ10wIDAQAB
-----END RSA PUBLIC KEY-----""",
}
REQUEST: Pairs = [
    (b"host", b"example.com"),
    (b"date", b"Tue, 20 Apr 2021 02:07:55 GMT"),
    (b"content-type", b"application/json"),
    (b"content-digest", DIGEST),
    (b"content-length", b"18"),
]
ED25519: Pairs = [
    *REQUEST,
    (
        b"signature-input",
        b'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")'
        b';created=1618884473;keyid="test-key-ed25519"',
    ),
    (
        b"signature",
        b"sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
    ),
]
ED25519_BASE = b"""\
"date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@authority": example.com
"content-type": application/json
"content-length": 18
"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length")\
;created=1618884473;keyid="test-key-ed25519\""""
PROXY: Pairs = [
    *changed(REQUEST, b"host", b"origin.host.internal.example"),
    (b"forwarded", b"for=192.0.2.123;host=example.com;proto=https"),
    (
        b"signature-input",
        b'proxy_sig=("@method" "@authority" "@path" "content-digest" "content-type" "content-length" "forwarded")'
        b';created=1618884480;keyid="test-key-rsa";alg="rsa-v1_5-sha256";expires=1618884540',
    ),
    (
        b"signature",
        b"proxy_sig=:S6ZzPXSdAMOPjN/6KXfXWNO/f7V6cHm7BXYUh3YD/fRad4BCaRZxP+JH+8XY1I6+8Cy+CM5g92iHgxtRPz+MjniOaYmdkDcn"
        b"L9cCpXJleXsOckpURl49GwiyUpZ10KHgOEe11sx3G2gxI8S0jnxQB+Pu68U9vVcasqOWAEObtNKKZd8tSFu7LB5YAv0RAGhB8tmpv7sFnIm9"
        b"y+7X5kXQfi8NMaZaA8i2ZHwpBdg7a6CMfwnnrtflzvZdXAsD3LH2TwevU+/PBPv0B6NMNk93wUs/vfJvye+YuI87HU38lZHowtznbLVdp770"
        b"I6VHR6WfgS9ddzirrswsE1w5o0LV/g==:",
    ),
]
URLS = {
    "test-key-ed25519": "https://example.com/foo?param=Value&Pet=dog",
    "test-key-rsa": "https://origin.host.internal.example/foo?param=Value&Pet=dog",
}


def check(pairs: Pairs) -> None:
    head = rfc9421.parse(pairs)
    base = rfc9421.signature_base(head, "POST", URLS[head.key_id], joined(pairs))
    rfc9421.check_holds(head, base, public_key(KEYS[head.key_id]))


def test_the_base_is_that_of_the_rfc():
    head = rfc9421.parse(ED25519)

    assert rfc9421.signature_base(head, "POST", URLS[head.key_id], joined(ED25519)) == ED25519_BASE


@pytest.mark.parametrize("pairs", [ED25519, PROXY])
def test_the_signatures_of_the_rfc_hold(pairs):
    check(pairs)
    with pytest.raises(BadSignature, match="does not hold"):
        check(changed(pairs, b"content-type", b"application/activity+json"))


@pytest.mark.parametrize("pairs", [ED25519, PROXY])
def test_what_they_cover_is_not_enough_for_us(pairs):
    head = rfc9421.parse(pairs)

    with pytest.raises(BadSignature, match="not covered"):
        rfc9421.verify(head, "POST", URLS[head.key_id], pairs, BODY, public_key(KEYS[head.key_id]), NOW)
