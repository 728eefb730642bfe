"""What lies on the disk of a document from elsewhere is as short as what is read of it."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fedishare.federation.vocabulary import limits
from fedishare.federation.vocabulary.bounding import bounded
from fedishare.federation.vocabulary.note import read_note

NOTE = {
    "id": "https://hangar.example/notes/1",
    "type": "Note",
    "attributedTo": "https://hangar.example/users/hangar",
    "content": "<p>Bonjour</p>",
}
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30)
DOCUMENTS = st.dictionaries(
    st.sampled_from(["tag", "attachment", "content", "name", "to", "x"]),
    st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner)),
)


def test_ten_thousand_hashtags_are_kept_as_fifty() -> None:
    tags = [{"type": "Hashtag", "name": f"#tag{number}"} for number in range(10_000)]

    note = read_note({**NOTE, "tag": tags})

    assert (len(note.hashtags), len(note.raw["tag"])) == (limits.TAGS, limits.TAGS)


def test_hashtag_of_a_megabyte_is_cut() -> None:
    note = read_note({**NOTE, "tag": [{"type": "Hashtag", "name": "#" + "x" * 1_000_000}]})

    assert [len(tag) for tag in note.hashtags] == [limits.TAG - 1]
    assert len(json.dumps(note.raw)) < 5_000


def test_two_hundred_attachments_are_kept_as_sixteen() -> None:
    photos = [{"type": "Image", "url": f"https://hangar.example/{number}.webp"} for number in range(200)]

    note = read_note({**NOTE, "attachment": photos})

    assert (len(note.attachments), len(note.raw["attachment"])) == (limits.ATTACHMENTS, limits.ATTACHMENTS)


def test_each_text_has_its_own_end() -> None:
    note = read_note({**NOTE, **dict.fromkeys(("name", "summary", "content", "source"), "x" * 300_000)})

    assert (len(note.content), len(note.summary), len(note.name)) == (limits.CONTENT, limits.WARNING, limits.NAME)
    kept = {name: len(text) for name, text in note.raw.items() if len(text) > 100}
    assert kept == {
        "name": limits.ALT_TEXT,
        "summary": limits.SUMMARY,
        "content": limits.CONTENT,
        "source": limits.ALT_TEXT,
    }


def test_property_with_a_name_of_ten_thousand_letters_is_left_out() -> None:
    assert bounded({"x" * 10_000: 1, "y": 2}) == {"y": 2}


@given(DOCUMENTS)
def test_what_is_short_enough_stays_as_it_is(document: dict[str, Any]) -> None:
    assert bounded(document) == document


LONG = st.builds(lambda length: "x" * length, st.integers(limits.ALT_TEXT - 5, limits.ALT_TEXT + 5))


@given(st.dictionaries(st.text(max_size=5), st.lists(LONG, max_size=3), max_size=3))
def test_bounding_twice_is_bounding_once(document: dict[str, Any]) -> None:
    once = bounded(document)

    assert bounded(once) == once
