"""A link says whom it leads to, however its text is dressed (attacks A165, A171)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.foundation.text.links import honest
from fedishare.foundation.text.sanitise import sanitise

EVIL = "https://evil.test/x"
HIDDEN = '<span class="invisible">{}</span>'


def shown(text: str, *, href: str = EVIL) -> str:
    """What stands between the tags of a link in the end."""
    return sanitise(f'<a href="{href}">{text}</a>').partition(">")[2].removesuffix("</a>")


@pytest.mark.parametrize(
    "text",
    [
        "https://bank.test/login",
        "bank.test",
        "http://www.bank.test",
        "//bank.test",
        "Ma banque: bank.test, vraiment",
        "«bank.test»",
        "https://bank.test@evil.test/",
        "https://bank.test\\@evil.test/",
        "contact@bank.test",
        "bank。test",
        "ｂａｎｋ．ｔｅｓｔ",
        "ba\u200bnk.test",
        "https://bank.test:8443/",
        "<b>bank</b>.test",
        "bank.test evil.test",
        "bank.test.",
        "@bank@bank.test",
        HIDDEN.format("https://evil.test/") + "bank.test",
        HIDDEN.format("<span></span>evil.test/") + "bank.test",
        HIDDEN.format("https://") + "bank.test" + HIDDEN.format(".evil.test"),
    ],
)
def test_a_text_that_looks_like_another_address_gets_the_real_host_behind_it(text: str) -> None:
    said = shown(text)

    assert said.endswith(" (evil.test)"), said
    assert sanitise(f'<a href="{EVIL}">{said}</a>').count("(evil.test)") == said.count("(evil.test)")


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("Ma banque", EVIL),
        ("https://evil.test/x", EVIL),
        ("www.evil.test", EVIL),
        ("evil.test", "https://www.evil.test:443/x"),
        ("bank.test (evil.test)", EVIL),
        ("@<span>jean</span>", EVIL),
        ("@jean.dupont", EVIL),
        ("@jean@remise.test", "https://social.remise.test/@jean"),
        ("#<span>vélo</span>", EVIL),
        (HIDDEN.format("https://") + "evil.test/tr" + HIDDEN.format("ès/long"), "https://evil.test/tres/long"),
        ("nadia@evil.test", "mailto:nadia@evil.test?subject=x"),
        ("03.20.00.00.00", "tel:+33320000000"),
    ],
)
def test_a_text_that_tells_the_truth_or_names_no_address_stays(text: str, href: str) -> None:
    assert shown(text, href=href) == text


def test_letters_of_another_alphabet_are_told_apart_by_their_ascii_form() -> None:
    assert shown("https://bаnk.test", href="https://bаnk.test") == "https://bаnk.test (xn--bnk-6cd.test)"


@pytest.mark.parametrize(
    "href",
    [
        "//evil.test",
        "/sign-out",
        "#contenu",
        "?lang=en",
        "sign-out",
        "\\\\evil.test",
        "https:evil.test",
        "https:/evil.test",
        "HTTPS:/\\evil.test",
        "https://nadia@evil.test/",
        "https://bank.test\\@evil.test/",
        "https://bank.test%2eevil.test/",
        "https:///evil.test",
        "javascript:alert(1)",
        " java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "ftp://evil.test/x",
        "https://",
    ],
)
def test_a_link_leads_only_to_a_whole_address_that_everybody_reads_alike(href: str) -> None:
    assert sanitise(f'<a href="{href}">mot</a>') == '<a rel="nofollow noopener ugc">mot</a>'


@pytest.mark.parametrize(
    "text",
    ["a" * 90_000, "a." * 45_000, "-." * 45_000, "//" * 45_000, "@" * 90_000, ":" * 90_000, "<b>a.fr</b>" * 2_400],
)
def test_a_long_text_costs_no_more_than_its_length(text: str) -> None:
    begun = time.process_time()
    shown(text)

    assert time.process_time() - begun < 2


PIECES = (
    *('<a href="https://evil.test/">', '<a href="https://bänk.test">', '<a href="mailto:a@b.fr">', "</a>", "bank.test"),
    *("https://", "(evil.test)", " (evil.test)", "<span class=invisible>", "</span>", "@", ".", "&#8203;", "\u3002"),
    *("<p>", "<p lang='\">'>", "évil.test", "\\", "x ", "&amp;", "&lt;a&gt;"),
)
LINKS = st.lists(st.sampled_from(PIECES), max_size=15).map("".join)


@given(LINKS)
def test_making_links_honest_twice_changes_nothing(html: str) -> None:
    once = sanitise(html)

    assert honest(once) == once
    assert sanitise(once) == once
