"""RFC 9421 out: what we sign when somebody does not want the draft (INTEROP B.3)."""

import pytest

from fedishare.federation.signatures import incoming, rfc9421
from fedishare.federation.signatures.incoming import Request
from fedishare.foundation.values.clock import SECOND
from fedishare.foundation.values.errors import Untrusted
from tests.federation.signatures.messages import content_digest
from tests.federation.signatures.signing import BODY, KEY_ID, NOW, carol, pem, rsa

AT = NOW // SECOND


def test_a_post_covers_method_address_and_body():
    headers = rfc9421.sign("POST", "https://fedi.test/inbox", body=BODY, key=carol(), now=NOW)

    assert list(headers) == ["Host", "Content-Digest", "Signature-Input", "Signature"]
    assert headers["Host"] == "fedi.test"
    assert headers["Content-Digest"] == content_digest().decode()
    assert headers["Signature-Input"] == (
        f'sig1=("@method" "@target-uri" "content-digest");created={AT};keyid="{KEY_ID}";alg="rsa-v1_5-sha256"'
    )


def test_a_get_has_no_digest():
    headers = rfc9421.sign("GET", "https://fedi.test/outbox?page=1", body=None, key=carol(), now=NOW)

    assert list(headers) == ["Host", "Signature-Input", "Signature"]
    assert headers["Signature-Input"].startswith('sig1=("@method" "@target-uri");created=')


@pytest.mark.parametrize(
    ("url", "base_url", "target"),
    [
        ("https://fedi.test/inbox", "https://fedi.test", b"/inbox"),
        ("https://FEDI.test:443/inbox?a=%20b", "https://fedi.test", b"/inbox?a=%20b"),
        ("https://fedi.test", "https://fedi.test", b"/"),
        ("http://127.0.0.1:8001/inbox", "http://127.0.0.1:8001", b"/inbox"),
        ("https://fedi.test/café", "https://fedi.test", b"/caf%C3%A9"),
    ],
)
@pytest.mark.parametrize(("method", "body"), [("POST", BODY), ("GET", None)])
def test_what_we_sign_we_believe(url, base_url, target, method, body):
    headers = rfc9421.sign(method, url, body=body, key=carol(), now=NOW)

    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    request = Request(method=method, target=target, headers=pairs, body=body or b"", base_url=base_url)
    assert incoming.verify(incoming.parse(pairs), request, pem(rsa()), NOW) == AT * SECOND


def test_what_is_not_called_is_not_signed():
    with pytest.raises(Untrusted):
        rfc9421.sign("GET", "https://good.test@evil.test/", body=None, key=carol(), now=NOW)
