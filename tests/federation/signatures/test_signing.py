"""What we send: signed so that the pickiest of the others can read it (INTEROP B.1)."""

import base64
import hashlib
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from fedishare.federation.signatures import cavage
from fedishare.foundation.values.errors import Untrusted
from tests.federation.signatures.signing import BODY, KEY_ID, NOW, carol, rsa


def post(url: str = "https://fedi.test/inbox") -> dict[str, str]:
    return cavage.sign("POST", url, body=BODY, key=carol(), now=NOW)


def test_a_post_covers_target_host_date_and_digest():
    headers = post()

    digest = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    assert list(headers) == ["Host", "Date", "Digest", "Signature"]
    assert headers["Host"] == "fedi.test"
    assert headers["Date"] == "Wed, 18 Nov 2026 11:06:40 GMT"
    assert headers["Digest"] == f"SHA-256={digest}"
    text = f"(request-target): post /inbox\nhost: fedi.test\ndate: {headers['Date']}\ndigest: SHA-256={digest}"
    value = re.fullmatch(r'.*,signature="([^"]+)"', headers["Signature"])[1]
    rsa().public_key().verify(base64.b64decode(value), text.encode(), PKCS1v15(), SHA256())


def test_a_get_covers_its_query_and_no_digest():
    headers = cavage.sign("GET", "https://fedi.test/outbox?page=1", body=None, key=carol(), now=NOW)

    assert list(headers) == ["Host", "Date", "Signature"]
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    head = cavage.parse(pairs)
    assert head.headers == ("(request-target)", "host", "date")
    assert cavage.verify(head, "GET", b"/outbox?page=1", pairs, b"", rsa().public_key(), NOW) == NOW


def test_the_header_survives_being_split_at_commas():
    # flohmarkt: value.split(",") and then split("=", 1), no spaces allowed, everything quoted.
    parts = dict(part.split("=", 1) for part in post()["Signature"].split(","))

    assert list(parts) == ["keyId", "algorithm", "headers", "signature"]
    assert parts["keyId"] == f'"{KEY_ID}"'
    assert parts["algorithm"] == '"rsa-sha256"'
    assert all(value.startswith('"') and value.endswith('"') for value in parts.values())


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://fedi.test:443/inbox", "fedi.test"),
        ("https://FEDI.test/inbox", "fedi.test"),
        ("http://127.0.0.1:8001/inbox", "127.0.0.1:8001"),
        ("http://[::1]:8001/inbox", "[::1]:8001"),
    ],
)
def test_the_host_is_written_as_it_is_sent(url, host):
    assert post(url)["Host"] == host


def test_what_is_not_called_is_not_signed():
    with pytest.raises(Untrusted):
        post("https://good.test@evil.test/inbox")


def test_the_private_key_does_not_show_itself():
    assert repr(carol()) == f"PrivateKey({KEY_ID})"
