"""URLs that we call: read strictly, and written as httpx would write them."""

import httpx
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fedishare.foundation.net.urls import follow, read_url
from fedishare.foundation.values.errors import Untrusted


@pytest.mark.parametrize(
    ("url", "authority", "port", "target"),
    [
        ("https://good.test", "good.test", 443, "/"),
        ("https://Good.TEST./users/carol#main-key", "good.test", 443, "/users/carol"),
        ("https://good.test:443/a?b=c", "good.test", 443, "/a?b=c"),
        ("http://good.test:80/", "good.test", 80, "/"),
        ("https://good.test:8443/", "good.test:8443", 8443, "/"),
        ("https://good.test?a=/b", "good.test", 443, "/?a=/b"),
        ("https://good.test#x", "good.test", 443, "/"),
        ("https://good.test/.well-known/...?a=/../b", "good.test", 443, "/.well-known/...?a=/../b"),
        ("https://sous_domaine.xn--caf-dma.test/@é", "sous_domaine.xn--caf-dma.test", 443, "/@%C3%A9"),
        ("http://127.0.0.1:8001/a%2Fb", "127.0.0.1:8001", 8001, "/a%2Fb"),
        ("https://[2001:DB8::1]/", "[2001:db8::1]", 443, "/"),
        ("http://[::1]:8001/x", "[::1]:8001", 8001, "/x"),
    ],
)
def test_a_plain_url_is_read(url, authority, port, target):
    location = read_url(url)

    assert (location.authority, location.port, location.target) == (authority, port, target)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "good.test/users/carol",
        "//good.test/",
        "HTTPS:good.test",
        "ftp://good.test/",
        "file:///etc/passwd",
        "gopher://x",
        "data:application/activity+json,{}",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://good.test@evil.test/n",
        "https://user:pass@good.test/",
        "https://good.test\\@evil.test/n/1",
        "https://good.test%2eevil.test/n",
        "https://good.test:/",
        "https://good.test:0/",
        "https://good.test:65536/",
        "https://good.test:443443/",
        "https://good.test:４４３/",
        "https://café.test/",
        "https://good..test/",
        "https://.good.test/",
        "https://-good.test/",
        f"https://{'a' * 64}.test/",
        "https://good test/",
        "https://good.test/a b",
        "https://good.test/a\r\nHost: evil.test",
        "https://good.test/\0",
        "https://good.test/\u2028",
        "https://good.test/.",
        "https://good.test/a/../b",
        "https://good.test/a/%2E%2e",
        "https://good.test/a/.?b",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://1.2.3.4.5/",
        "https://127.0.0.1./",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://[::ffff:127.0.0.1.2]/",
        f"https://good.test/{'a' * 2048}",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(url):
    with pytest.raises(Untrusted):
        read_url(url)


@given(st.text(max_size=40))
def test_what_is_signed_is_what_httpx_sends(rest):
    try:
        location = read_url(f"https://good.test/{rest}")
    except Untrusted:
        return
    sent = httpx.URL(location.url)

    assert sent.raw_path.decode() == location.target
    assert sent.host == location.host
    assert read_url(str(sent)) == location


@given(st.text(st.sampled_from("abc.:/?#[]@%\\0178x-_ é"), max_size=30))
def test_no_host_is_read_otherwise_than_by_httpx(text):
    try:
        location = read_url(f"https://{text}")
    except Untrusted:
        return
    other = httpx.URL(f"https://{text}")
    assume(other.host)

    assert location.host == other.host.removesuffix(".")
    assert location.port == (other.port or 443)


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("/b", "https://good.test/b"),
        ("b?c", "https://good.test/a/b?c"),
        ("//other.test/x", "https://other.test/x"),
        ("https://other.test/", "https://other.test/"),
        ("#x", "https://good.test/a/1"),
        ("../../../b", "https://good.test/b"),
    ],
)
def test_a_redirect_is_resolved_from_where_it_came(reference, url):
    assert follow(read_url("https://good.test/a/1"), reference).url == url


@pytest.mark.parametrize(
    "reference",
    [
        "http://good.test/",
        "ftp://good.test/",
        "file:///etc/passwd",
        "data:application/activity+json,{}",
        "https://x@good.test/",
        "https://[::1",
        "//127.1/",
    ],
)
def test_a_redirect_leads_to_no_other_kind_of_place(reference):
    with pytest.raises(Untrusted):
        follow(read_url("https://good.test/a/1"), reference)


def test_a_redirect_may_lead_from_http_to_https():
    assert follow(read_url("http://good.test/"), "https://good.test/").secure
