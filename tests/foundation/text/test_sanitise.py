"""HTML from anywhere: what is left can be shown, and cleaning it twice changes nothing."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.foundation.text.sanitise import LARGEST, SCHEMES, TAGS, plain, sanitise

PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<b>", "</b>", "<script>", "</script>", "<style>", "</style>", "<svg>", "<math>", "<mtext>"),
        *(
            "<template>",
            "<noscript>",
            "<title>",
            "<textarea>",
            "<iframe>",
            "<img src=x onerror=alert(1)>",
            "<!--",
            "-->",
        ),
        *('<a href="', "javascript:alert(1)", "https://remise.test/", '">', "</a>", "<table>", "<tr>", "<h1>", "<H2>"),
        *("&lt;", "&amp;", "&#0;", "&", "<", ">", '"', "'", "<p style='", "<span class='mention evil'>", "é", "\0"),
        *("<button>", "<select>", "<option>", "<pre>", "\n", "<h2 x=y>", "<dd>", "<ruby><rt>", "<plaintext>", "</p>"),
        *("<ul>", "<li>", "<ol start=3>", "<blockquote>", "<form action=/sign-out>", "<![CDATA[", "]]>", "<?php"),
    ]
)
SOUP = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=25).map("".join))


class Seen(HTMLParser):
    """Which elements and attributes a browser would find."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


@given(SOUP)
def test_cleaning_twice_changes_nothing(html: str) -> None:
    once = sanitise(html)

    assert sanitise(once) == once


@given(SOUP)
def test_whatever_comes_only_known_tags_and_harmless_attributes_are_left(html: str) -> None:
    seen = Seen(sanitise(html))

    assert seen.tags <= TAGS
    for name, value in seen.attributes:
        assert not name.startswith("on")
        assert name not in {"style", "id", "src", "srcset", "action", "formaction"}
        if name == "href":
            assert ":" not in value.split("/")[0] or value.split(":")[0].lower() in SCHEMES


@given(SOUP)
def test_plain_words_hold_no_markup_that_was_there(html: str) -> None:
    assert sanitise(plain("<p>a</p><script>b</script>")) == "a"
    assert isinstance(plain(html), str)


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<p>bonjour</p>", "<p>bonjour</p>"),
        ("<script>alert(1)</script>a", "a"),
        ('<img src="https://spy.test/x.png">a', "a"),
        ('<p style="position:fixed" onclick="x()" id="contenu">a</p>', "<p>a</p>"),
        ("<h1>Titre</h1>", "<p><strong>Titre</strong></p>"),
        ('<a href="javascript:alert(1)">a</a>', '<a rel="nofollow noopener ugc">a</a>'),
        ('<a href="ftp://a.test/x">a</a>', '<a rel="nofollow noopener ugc">a</a>'),
        ('<a href="data:text/html,x">a</a>', '<a rel="nofollow noopener ugc">a</a>'),
        (
            '<a href="https://a.test" class="mention evil" target="_blank" rel="me">a</a>',
            '<a href="https://a.test" class="mention" rel="nofollow noopener ugc">a</a>',
        ),
        ('<span class="invisible">https://</span>', '<span class="invisible">https://</span>'),
        ("<form><input name=csrf><button>Go</button></form>", "Go"),
        ('<p lang="en">hi</p>', '<p lang="en">hi</p>'),
        ("<svg><style><img src=x onerror=alert(1)></style></svg>", ""),
    ],
)
def test_what_becomes_of_a_piece_of_html(html: str, clean: str) -> None:
    assert sanitise(html) == clean


@pytest.mark.parametrize(
    "html",
    [
        "<p>mots &amp; x</p>" + "x" * LARGEST,
        "<p>mots &amp; x</p>" * 2_001,
        "<p>mots &amp; x" + "".join(f"<b lang=a{number}>" for number in range(100)) + "<p>x" * 100,
        "<p>mots &amp; x" + "".join(f'<b x="<{number}">' for number in range(100)) + "<p>x" * 100,
        "<p>mots &amp; x" + "".join(f"<I\n{number}>" for number in range(100)) + "<p>x" * 100,
        "<p>mots &amp; x"
        + "".join(f"<{name}>" for name in ("b", "i", "u", "s", "em", "tt", "code")) * 3
        + "<p>" * 1_500,
    ],
    ids=["long", "tags", "formats", "quoted", "large letters", "plain formats"],
)
def test_what_is_too_much_for_a_text_is_stripped_to_its_words(html: str) -> None:
    clean = sanitise(html)

    assert clean.startswith("mots &amp; x")
    assert "<" not in clean
    assert sanitise(clean) == clean
    assert plain(html).startswith("mots & x")


def test_long_article_keeps_its_form() -> None:
    html = "<p>un <b>mot</b>, <i>deux</i>, <code>trois</code></p>" * 200

    assert sanitise(html) == html


def test_plain_words_keep_paragraphs_and_lines_apart() -> None:
    html = "<p>un<br>deux</p><p>trois &amp; <b>quatre</b></p><ul><li>a</li><li>b</li></ul>"

    assert plain(html) == "un\ndeux\n\ntrois & quatre\n\na\nb"


@pytest.mark.parametrize("mark", ["&", "<", "&amp;", "&lt;", "&#38;"])
def test_text_of_marks_alone_keeps_the_words_between_them(mark: str) -> None:
    html = f"{mark * 6_000} vélo {mark * 6_000}"

    assert sanitise(html) == plain(html) == "vélo"


def test_few_marks_stay_as_they_were_meant() -> None:
    assert sanitise("R&D &amp; <b>1 &lt; 2</b> " * 500).count("R&amp;D") == 500


def test_hosts_behind_many_links_do_not_make_a_text_too_much_the_second_time() -> None:
    host = "l" * 240 + ".example"
    html = "".join(f'<p><a href="https://{host}/{number}">https://share.example</a></p>' for number in range(330))

    clean = sanitise(html)

    assert sanitise(clean) == clean
    assert host in clean


def test_nothing_leads_to_a_host_that_no_name_can_be() -> None:
    assert "href" not in sanitise(f'<a href="https://{"l" * 254}.example/">là</a>')
