"""One form for every address: two ways to write one must not be two actors (A075)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.federation.vocabulary.origins import canonical, host, origin, same_origin


@pytest.mark.parametrize(
    ("written", "one_form"),
    [
        ("https://GOOD.test/users/Carol", "https://good.test/users/Carol"),
        ("HTTPS://good.test/users/carol", "https://good.test/users/carol"),
        ("https://good.test:443/users/carol", "https://good.test/users/carol"),
        ("https://good.test./users/carol", "https://good.test/users/carol"),
        ("https://good.test.:443/users/carol", "https://good.test/users/carol"),
        ("http://localhost:8001/users/carol", "http://localhost:8001/users/carol"),
        ("http://127.0.0.1:80/", "http://127.0.0.1/"),
        ("https://[2001:DB8::1]:443/a", "https://[2001:db8::1]/a"),
        ("https://good.test", "https://good.test/"),
        ("https://good.test/users/carol?a=%2F#main-key", "https://good.test/users/carol?a=%2F#main-key"),
    ],
)
def test_each_address_has_one_form(written: str, one_form: str):
    assert canonical(written) == one_form


@pytest.mark.parametrize(
    "written",
    [
        "ftp://good.test/a",
        "javascript:alert(1)",
        "acct:carol@good.test",
        "//good.test/a",
        "good.test/a",
        "https://",
        "https:///a",
        "https://evil.test@good.test/a",
        "https://good.test:pw@evil.test/a",
        "https://good.test\\@evil.test/a",
        "https://evil.test#@good.test/a",
        "https://evil.test?@good.test/a",
        "https://good.test /a",
        "https://good.test/a\r\nHost: evil.test",
        "https://good.test/a\tb",
        "https://bücher.test/a",
        "https://good.test:0/a",
        "https://good.test:65536/a",
        "https://good.test:٤٤٣/a",
        "https://good.test/users/../admin",
        "https://good.test/users/%2e%2E/admin",
        "https://good..test/a",
        "https://[::1/a",
        "https://good.test/" + "a" * 2_048,
        "",
    ],
)
def test_what_has_no_one_form_is_refused(written: str):
    with pytest.raises(ValueError, match=r"."):
        canonical(written)


@given(st.text(max_size=60) | st.from_regex(r"https?://[^ ]{0,40}", fullmatch=True))
def test_the_one_form_of_the_one_form_is_itself(written: str):
    try:
        once = canonical(written)
    except ValueError:
        return
    assert canonical(once) == once
    assert once.startswith(origin(once))


def test_an_origin_is_scheme_host_and_port():
    assert same_origin("https://good.test/a", "https://GOOD.test:443/b#c")
    assert not same_origin("https://good.test/a", "http://good.test/a")
    assert not same_origin("https://good.test/a", "https://good.test:8443/a")
    assert not same_origin("https://good.test/a", "https://good.test.evil.test/a")
    assert not same_origin("42", "42")


def test_a_host_keeps_a_port_of_its_own():
    assert host("http://localhost:8001/users/a") == "localhost:8001"
    assert host("https://good.test:443/users/a") == "good.test"
