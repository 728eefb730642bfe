"""Readers of what others send: they read it or say Malformed, whatever it is, and what they return is in bounds."""

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fedishare.federation.vocabulary import limits, reading
from fedishare.federation.vocabulary.activity import activity_of, envelope_of
from fedishare.federation.vocabulary.actor import capabilities, read_actor, read_keys
from fedishare.federation.vocabulary.collections import asked_page
from fedishare.federation.vocabulary.note import read_note
from fedishare.federation.vocabulary.origins import canonical, origin, same_origin
from fedishare.federation.vocabulary.public_keys import ed25519_pem, rsa_pem
from fedishare.foundation.values.clock import parse_rfc3339, rfc3339
from fedishare.foundation.values.errors import Malformed
from tests.anything import JSON, near
from tests.clock import NOON
from tests.remote import PUBLIC

CAROL = "https://good.test/users/carol"
ACTOR = {
    "id": CAROL,
    "type": "Person",
    "preferredUsername": "carol",
    "inbox": f"{CAROL}/inbox",
    "publicKey": {"id": f"{CAROL}#main-key", "owner": CAROL, "publicKeyPem": "x"},
    "assertionMethod": [{"id": f"{CAROL}#ed25519-key", "controller": CAROL, "publicKeyMultibase": "z6Mk"}],
    "endpoints": {"sharedInbox": "https://good.test/inbox"},
    "generator": {"implements": ["https://w3id.org/fep/0837"]},
}
NOTE = {
    "id": "https://good.test/n/1",
    "type": "Note",
    "attributedTo": CAROL,
    "content": "<p>Bonjour</p>",
    "to": [PUBLIC],
    "tag": [{"type": "Mention", "href": CAROL}, {"type": "Hashtag", "name": "#x"}],
    "attachment": [{"type": "Image", "url": "https://good.test/1.png", "name": "x"}],
    "published": "2026-11-23T12:00:00Z",
}
ACTIVITY = {"id": "https://good.test/a/1", "type": "Create", "actor": CAROL, "object": NOTE, "to": [PUBLIC]}


@given(near(ACTOR))
def test_whoever_is_shown_is_read_or_malformed_and_all_they_have_is_on_their_server(document: dict[str, Any]) -> None:
    try:
        actor = read_actor(document, NOON)
    except Malformed:
        return

    theirs = (actor.inbox, actor.shared_inbox, actor.outbox, actor.followers, actor.following, actor.featured)
    assert all(same_origin(actor.uri, one) for one in (*theirs, actor.page_url, actor.proposals) if one)
    assert all(same_origin(actor.uri, key.uri) for key in actor.keys)
    assert canonical(actor.uri) == actor.uri
    assert len(actor.display_name) <= limits.NAME
    assert len(actor.also_known_as) <= limits.ALIASES


@given(near(NOTE), JSON)
def test_whatever_is_written_is_read_or_malformed_and_its_author_is_at_home(note: dict[str, Any], by: Any) -> None:
    try:
        read = read_note(note, by=by if isinstance(by, str) else None)
    except Malformed:
        return

    assert same_origin(read.uri, read.attributed_to)
    assert len(read.content) <= limits.CONTENT
    assert len(read.mentions) <= limits.TAGS
    assert len(read.attachments) <= limits.ATTACHMENTS
    assert len(read.to) <= limits.RECIPIENTS
    assert read_note(read.raw, by=read.attributed_to) == read, "what is kept reads as what was read"


@given(near(ACTIVITY))
def test_whatever_is_done_is_read_or_malformed_and_its_id_is_its_actors(document: dict[str, Any]) -> None:
    try:
        activity = activity_of(document)
    except Malformed:
        return

    assert origin(activity.actor)
    assert "://" not in activity.id or same_origin(activity.id, activity.actor)
    assert envelope_of(document).actor == activity.actor


@given(JSON)
def test_no_value_makes_a_reader_of_properties_stumble(value: Any) -> None:
    for read in (
        *(reading.many, reading.ids, reading.first_id, reading.id_of, reading.url, reading.link, reading.text),
        *(reading.label, reading.flag, reading.moment, reading.decimal, reading.plain),
    ):
        read(value)
    if isinstance(value, dict):
        for read_all in (reading.kind, reading.language, capabilities):
            read_all(value)
        read_keys(value, CAROL)
        reading.full_term(value, "purpose")


@given(JSON)
def test_reading_twice_changes_nothing(value: Any) -> None:
    name = reading.label(value)
    assert reading.label(name) == name
    for read in (reading.url, reading.id_of):
        found = read(value)
        assert found is None or read(found) == found
    assert reading.ids(list(reading.ids(value))) == reading.ids(value)


@given(st.text(max_size=40) | st.datetimes(timezones=st.timezones()).map(lambda one: one.isoformat()))
def test_a_date_is_a_moment_that_can_be_written_again_or_nothing(text: str) -> None:
    moment = reading.moment(text)

    if moment is not None:
        assert reading.moment(rfc3339(moment)) == moment
    with suppress(ValueError):
        parse_rfc3339(text)


@given(st.text(max_size=300))
def test_a_key_is_one_or_malformed(text: str) -> None:
    for read in (rsa_pem, ed25519_pem):
        with suppress(Malformed):
            read(text)
        with suppress(Malformed):
            read("z" + text)
        with suppress(Malformed):
            read(f"-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")


@given(st.none() | st.text(max_size=25), st.none() | st.text(max_size=25) | st.integers().map(str))
def test_a_page_that_is_asked_for_is_one_or_none(page: str | None, before: str | None) -> None:
    asked = asked_page(page, before)

    assert asked is None or 0 <= asked.before < 2**63
