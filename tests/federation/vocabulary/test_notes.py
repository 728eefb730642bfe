"""Notes from elsewhere: whose they are, who may see them, and how much of them is kept."""

from typing import Any

import pytest

from fedishare.federation.vocabulary import limits
from fedishare.federation.vocabulary.note import Note, read_note
from fedishare.federation.vocabulary.reading import PUBLIC
from fedishare.foundation.values.errors import Malformed

AMEL = "https://a.test/users/amel"


def note(*, by: str | None = None, **properties: Any) -> Note:
    return read_note({"id": "https://a.test/notes/1", "type": "Note", "attributedTo": AMEL, **properties}, by=by)


def test_of_several_authors_the_one_who_says_it_counts():
    authors = ["https://a.test/channels/velo", AMEL]

    assert note(attributedTo=authors, by=AMEL).attributed_to == AMEL
    assert note(attributedTo=authors).attributed_to == "https://a.test/channels/velo"
    assert note(attributedTo=authors, by="https://a.test/users/eve").attributed_to == "https://a.test/channels/velo"


@pytest.mark.parametrize("author", ["https://b.test/users/amel", "http://a.test/users/amel", None, "", 7, "amel"])
def test_a_note_is_its_own_servers(author: object):
    with pytest.raises(Malformed):
        note(attributedTo=author)


def test_an_id_that_is_no_address_is_refused():
    with pytest.raises(Malformed):
        note(id="42")


def test_mentions_are_known_by_address_alone():
    """INTEROP D.27: flohmarkt's names are those of nobody."""
    tags = [
        {"type": "Mention", "href": "https://b.test/users/nadia", "name": "@derpy@testcontainer.lan"},
        {"type": "Mention", "name": "@tomasz@b.test"},
        {"type": "Hashtag", "name": "#vélo"},
        {"type": "Emoji", "name": ":bike:"},
        "https://b.test/tags/bike",
    ]
    found = note(tag=tags)

    assert found.mentions == ("https://b.test/users/nadia",)
    assert found.hashtags == ("vélo",)


def test_a_single_tag_needs_no_list():
    assert note(tag={"type": "Hashtag", "name": "#lille"}).hashtags == ("lille",)


def test_attachments_need_an_address_and_have_an_end():
    links = [{"type": "Document", "url": f"https://a.test/{n}.jpg", "mediaType": "image/jpeg"} for n in range(200)]

    assert len(note(attachment=links).attachments) == limits.ATTACHMENTS
    assert note(attachment=[None, {"type": "Image"}, {"type": "Image", "url": "file:///etc/passwd"}]).attachments == ()
    assert note(attachment={"type": "Link", "href": "https://b.test/"}).attachments[0].url == "https://b.test/"


@pytest.mark.parametrize(
    "nonsense",
    [{"content": {"x": 1}}, {"summary": 7}, {"name": [[]]}, {"tag": "x"}, {"tag": [[]]}, {"attachment": 5}, {"to": {}}],
    ids=str,
)
def test_values_of_another_kind_are_refused(nonsense):
    """A058: two readers would make two things of them."""
    with pytest.raises(Malformed):
        note(**nonsense)


def test_long_texts_are_cut_each_at_its_own_limit():
    """A063."""
    found = note(name="n" * 300_000, summary="s" * 300_000, content="c" * 300_000)

    assert (len(found.name), len(found.summary), len(found.content)) == (limits.NAME, limits.WARNING, limits.CONTENT)


def test_ten_thousand_hashtags_are_cut():
    """A060."""
    tags = [{"type": "Hashtag", "name": f"#t{n}"} for n in range(10_000)] + [{"type": "Hashtag", "name": "x" * 10**6}]

    found = note(tag=tags)

    assert len(found.hashtags) == limits.TAGS
    assert all(len(name) <= limits.TAG for name in found.hashtags)


def test_a_page_elsewhere_is_not_the_notes_page():
    assert note(url="https://evil.test/login").page_url is None
    assert note(url="https://a.test/@amel/1").page_url == "https://a.test/@amel/1"


def test_who_may_see_is_read_from_both_lists():
    assert note(to=[PUBLIC]).public
    assert note(to=[f"{AMEL}/followers"], cc="as:Public").public
    assert not note(to=["https://b.test/users/nadia"]).public


def test_the_words_of_one_language_are_the_words():
    found = note(contentMap={"fr": "<p>Vélo cargo</p>"})

    assert (found.content, found.language) == ("<p>Vélo cargo</p>", "fr")
