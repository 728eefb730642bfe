"""How a document is served decides whether it is one (SECURITY 0.7; attacks A114, A115, A121, A149, A150)."""

import json

import pytest

from fedishare.federation.fetching.documents import is_activity
from fedishare.foundation.values.clock import MINUTE
from fedishare.foundation.values.errors import Malformed, RemotelyGone, Unreachable, Untrusted
from tests.house import House
from tests.remote import ACTIVITY, Person, Reply, Server


def redirect(to: str) -> Reply:
    return Reply(302, b"", {"location": to})


def plain(document: dict[str, object], content_type: str) -> Reply:
    return Reply(200, json.dumps(document).encode(), {"content-type": content_type})


@pytest.mark.parametrize(
    ("content_type", "accepted"),
    [
        ("application/activity+json", True),
        ("application/activity+json; charset=utf-8", True),
        ("Application/Activity+JSON", True),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams"', True),
        ('application/ld+json;charset=utf-8;profile="https://www.w3.org/ns/activitystreams"', True),
        ('application/ld+json; profile="https://other.example https://www.w3.org/ns/activitystreams"', True),
        ("application/ld+json", False),
        ("application/ld+json; profile=https://www.w3.org/ns/activitystreams", False),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams#x"', False),
        ("application/json", False),
        ("text/plain", False),
        ("text/html; x=application/activity+json", False),
        ("image/png", False),
        ("", False),
    ],
)
def test_two_content_types_are_documents(content_type: str, accepted: bool) -> None:
    assert is_activity(content_type) is accepted


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/ld+json", "text/html"])
async def test_an_upload_is_no_document(remise: House, elsewhere: Server, amel: Person, content_type: str) -> None:
    elsewhere.serve("/users/amel", plain(amel.document, content_type))

    with pytest.raises(Untrusted, match="not served as ActivityPub"):
        await remise.fetcher.document(amel.uri)


async def test_a_document_is_read_as_utf8_alone(remise: House, elsewhere: Server, amel: Person) -> None:
    body = json.dumps(amel.document).encode("utf-16")
    elsewhere.serve("/users/amel", Reply(200, body, {"content-type": f"{ACTIVITY}; charset=utf-16"}))

    with pytest.raises(Malformed):
        await remise.fetcher.document(amel.uri)


@pytest.mark.parametrize("status", [201, 203, 204, 206, 300, 304, 400, 401, 403, 404, 429, 500, 503])
async def test_only_200_is_a_document(remise: House, elsewhere: Server, amel: Person, status: int) -> None:
    body = b"" if status in (204, 304) else json.dumps(amel.document).encode()
    elsewhere.serve("/users/amel", Reply(status, body, {"content-type": ACTIVITY, "retry-after": "120"}))

    with pytest.raises(Unreachable) as told:
        await remise.fetcher.document(amel.uri)
    assert (told.value.status, told.value.retry_after_s) == (status, 120.0)


@pytest.mark.parametrize(
    ("given", "waits"), [("", None), ("soon", None), ("-5", None), ("9" * 400, 86_400.0), ("٣", None)]
)
async def test_they_may_ask_for_patience_within_reason(
    remise: House, elsewhere: Server, given: str, waits: float | None
) -> None:
    elsewhere.serve("/x", Reply(503, b"", {"retry-after": given.encode().decode("latin-1")} if given.isascii() else {}))

    with pytest.raises(Unreachable) as told:
        await remise.fetcher.document(elsewhere.url("/x"))
    assert told.value.retry_after_s == waits


async def test_what_was_deleted_is_told_apart(remise: House, elsewhere: Server) -> None:
    elsewhere.serve("/notes/1", Reply(410))

    with pytest.raises(RemotelyGone):
        await remise.fetcher.document(elsewhere.url("/notes/1"))


async def test_an_oversized_document_is_refused(remise: House, elsewhere: Server, amel: Person) -> None:
    note = elsewhere.note("/notes/1", amel, content="x" * 1_000_000)

    with pytest.raises(Malformed):
        await remise.fetcher.document(note["id"])


async def test_what_is_no_document_is_not_asked_for_again_at_once(
    remise: House, elsewhere: Server, amel: Person
) -> None:
    elsewhere.serve("/loop", redirect("/loop"))
    elsewhere.serve("/page", plain(amel.document, "text/html"))
    for path, times in (("/loop", 4), ("/page", 1)):
        elsewhere.asked.clear()
        for _ in range(5):
            with pytest.raises((Malformed, Untrusted)):
                await remise.fetcher.document(elsewhere.url(path))
        assert len(elsewhere.asked) == times

    elsewhere.serve("/page", amel.document)
    remise.clock.advance(MINUTE)
    assert await remise.fetcher.document(elsewhere.url("/page")) == amel.document
