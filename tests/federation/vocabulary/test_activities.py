"""Activities as real servers send them: every recorded one is read, and means what its sender meant."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from fedishare.federation.vocabulary.activity import Activity, read_activity
from fedishare.federation.vocabulary.actor import KINDS, read_actor
from fedishare.federation.vocabulary.note import read_note
from fedishare.federation.vocabulary.parsing import parse
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import Malformed

PAYLOADS = Path(__file__).parents[2] / "payloads"
FILES = sorted(str(path.relative_to(PAYLOADS)) for path in PAYLOADS.glob("*/*.json"))
ACTIVITIES = [name for name in FILES if "actor" in parse((PAYLOADS / name).read_bytes())]
WRITING = {"Note", "Page", "Article", "Question", "Event", "ChatMessage", "Proposal"}


def recorded(name: str) -> Activity:
    return read_activity((PAYLOADS / name).read_bytes())


def activity(**properties: Any) -> Activity:
    given = {
        "id": "https://a.test/1",
        "type": "Like",
        "actor": "https://a.test/users/amel",
        "object": "https://b.test/2",
    }
    return read_activity(msgspec.json.encode({**given, **properties}))


def test_there_are_recordings_of_many_servers():
    assert len(FILES) > 130
    assert len({name.partition("/")[0] for name in FILES}) >= 8


@pytest.mark.parametrize("name", FILES)
def test_every_recorded_document_is_readable(name: str):
    document = parse((PAYLOADS / name).read_bytes())

    if "actor" in document:
        found = recorded(name)
        assert found.type == document["type"]
        assert found.object_id or found.object
    elif document.get("type") in KINDS and "inbox" in document:
        assert read_actor(document, Instant(0)).keys
    elif "attributedTo" in document:
        assert read_note(document).uri == document["id"]


@pytest.mark.parametrize("name", [name for name in ACTIVITIES if "/create_" in name or "/update_" in name])
def test_what_recorded_activities_carry_is_readable(name: str):
    found = recorded(name)

    if found.object is not None and found.object_type in WRITING:
        note = read_note(found.object, by=found.actor)
        assert note.uri == found.object_id
    elif found.object is not None and found.object_type in KINDS:
        assert read_actor(found.object, Instant(0)).uri == found.object_id


def test_a_vote_for_several_options_counts_as_its_first():
    found = recorded("gotosocial/vote_array_legacy.json")

    assert found.object_type == "Note"
    assert len(found.objects) == len(found.raw["object"]) > 1


def test_a_report_names_everything_it_is_about():
    found = recorded("mastodon/flag.json")

    assert found.object is None
    assert list(found.objects) == found.raw["object"]


def test_an_activity_without_an_id_has_none():
    assert recorded("mastodon/remove_featured.json").id == ""


def test_an_id_may_be_no_address_at_all():
    assert recorded("flohmarkt/accept_follow.json").id.endswith("42")


def test_an_actor_may_be_written_out():
    assert activity(actor={"id": "https://a.test/users/amel", "type": "Person"}).actor == "https://a.test/users/amel"
    assert activity(actor=["https://a.test/users/amel"]).actor == "https://a.test/users/amel"


@pytest.mark.parametrize(
    "nonsense",
    [
        {"actor": 7},
        {"actor": None},
        {"actor": "amel"},
        {"actor": "Public"},
        {"actor": {"name": "Amel"}},
        {"type": ["Create", "Delete"]},
        {"type": None},
        {"type": {}},
        {"id": "https://b.test/1"},
        {"id": "https://a.test:8443/1"},
        {"id": None},
        {"id": 42},
        {"to": {}},
        {"cc": 5},
    ],
)
def test_an_activity_that_nobody_can_have_said_is_refused(nonsense: dict[str, Any]):
    with pytest.raises(Malformed):
        activity(**nonsense)


@pytest.mark.parametrize(
    ("nonsense", "name", "read"),
    [
        ({"object": [[]]}, "object_id", None),
        ({"object": 7}, "object", None),
        ({"to": None}, "to", ()),
        ({"cc": [None, ""]}, "cc", ()),
        ({"published": []}, "published", None),
        ({"target": True}, "target", None),
    ],
)
def test_nonsense_beside_the_point_reads_as_absent(nonsense: dict[str, Any], name: str, read: object):
    assert getattr(activity(**nonsense), name) == read
