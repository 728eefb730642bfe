"""Markdown as members write it: what it may do, and what it never does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.foundation.text.markdown import LONGEST, render
from fedishare.foundation.text.sanitise import sanitise
from fedishare.foundation.values.errors import TooLarge

MARKS = st.lists(
    st.sampled_from(
        [
            *(
                "*",
                "**",
                "_",
                "`",
                "```\n",
                "[a](",
                ")",
                "![x](https://spy.test/x.png)",
                "<b>",
                "<script>",
                "</script>",
            ),
            *(
                "# ",
                "\n",
                "\n\n",
                "- ",
                "1. ",
                "> ",
                "https://remise.test",
                "javascript:alert(1)",
                "www.a.fr",
                "é",
                " ",
            ),
            *("~~", "&lt;", "|", "\\", "[ref]: javascript:x\n", "[ref]", "<https://a.test>", "<javascript:x>"),
        ]
    ),
    max_size=30,
).map("".join)


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("Avec **mèches** et *coffret*.", "<p>Avec <strong>mèches</strong> et <em>coffret</em>.</p>"),
        ("un\ndeux", "<p>un<br>\ndeux</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("~~pris~~ libre", "<p><s>pris</s> libre</p>"),
        ("# Titre", "<p><strong>Titre</strong></p>"),
        ("Titre\n=====", "<p><strong>Titre</strong></p>"),
        ("<b>gras</b>", "<p>&lt;b&gt;gras&lt;/b&gt;</p>"),
        (
            "voir https://remise.test/x",
            '<p>voir <a href="https://remise.test/x" rel="nofollow noopener ugc">https://remise.test/x</a></p>',
        ),
        ("", ""),
    ],
)
def test_what_is_written_and_what_is_read(source: str, html: str) -> None:
    assert render(source) == html


@pytest.mark.parametrize(
    "source",
    [
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "![a](https://spy.test/pixel.png)",
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "[a]: javascript:alert(1)\n\n[a]",
        "<javascript:alert(1)>",
        '[a](https://a.test "\\" onmouseover=alert(1) x=\\"")',
    ],
)
def test_nothing_runs_and_nothing_is_loaded(source: str) -> None:
    html = render(source)

    assert "<img" not in html
    assert "<script" not in html
    assert 'href="javascript' not in html.lower()
    assert 'href="data' not in html.lower()
    assert " onmouseover=" not in html.replace("&quot; onmouseover", "")


@given(MARKS)
def test_whatever_is_written_is_clean_already(source: str) -> None:
    html = render(source)

    assert sanitise(html).strip() == html
    assert "<img" not in html


def test_a_text_longer_than_any_listing_is_refused() -> None:
    with pytest.raises(TooLarge):
        render("x" * (LONGEST + 1))


def test_deep_nesting_ends_soon() -> None:
    assert render("> " * 2_000 + "x").count("<blockquote>") <= 20
