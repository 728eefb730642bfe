"""What the inbox answers, and what it keeps (INTEROP B.5, SECURITY 0)."""

import json

import httpx
import pytest

from fedishare.federation.inbox import store
from fedishare.federation.signatures import cavage, rfc9421
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.clock import HOUR, MINUTE
from tests.engines import on_each_engine
from tests.house import BASE_URL, House, house
from tests.remote import Person, Reply, post

INBOX = f"{BASE_URL}/inbox"


async def kept(house: House) -> list[store.Listed]:
    return await house.db.read(store.listing, state=None, size=100)


def a_follow(person: Person) -> dict[str, object]:
    return person.activity("Follow", f"{BASE_URL}/users/remise")


@on_each_engine
async def test_signed_activity_is_kept_before_it_is_answered(remise: House, amel: Person) -> None:
    activity = a_follow(amel)

    answer = await amel.post(remise.inbox, activity, now=remise.clock.now())

    assert (answer.status_code, answer.content) == (202, b"")
    assert [(row.uri, row.type, row.actor_uri, row.state) for row in await kept(remise)] == [
        (activity["id"], "Follow", amel.uri, "waiting")
    ]


async def test_own_inbox_takes_it_too(remise: House, amel: Person) -> None:
    to = f"{BASE_URL}/users/remise/inbox"

    answer = await amel.post(remise.inbox, a_follow(amel), now=remise.clock.now(), to=to)

    assert answer.status_code == 202


async def test_instance_has_an_inbox_of_its_own(remise: House, amel: Person) -> None:
    to = f"{BASE_URL}/users/instance/inbox"

    answer = await amel.post(remise.inbox, a_follow(amel), now=remise.clock.now(), to=to)

    assert answer.status_code == 202


@on_each_engine
@pytest.mark.parametrize("name", ["nobody", "%00", "%2500", "%72emise%2Fx", "%ff"])
async def test_nobodys_inbox_is_not_there(remise: House, amel: Person, name: str) -> None:
    to = f"{BASE_URL}/users/{name}/inbox"

    answer = await amel.post(remise.inbox, a_follow(amel), now=remise.clock.now(), to=to)

    assert answer.status_code == 404


async def test_unsigned_request_is_refused_without_asking_anybody(remise: House, amel: Person) -> None:
    answer = await post(
        remise.inbox, INBOX, json.dumps(a_follow(amel)).encode(), {"Content-Type": "application/activity+json"}
    )

    assert answer.status_code == 401
    assert answer.headers["accept-signature"].startswith('sig1=("@method" "@target-uri" "content-digest");created')
    assert not amel.server.asked
    assert not await kept(remise)


@on_each_engine
async def test_either_scheme_opens_the_door(remise: House, amel: Person) -> None:
    for scheme in (cavage, rfc9421):
        body = json.dumps(a_follow(amel)).encode()
        answer = await post(remise.inbox, INBOX, body, amel.signed(INBOX, body, now=remise.clock.now(), scheme=scheme))

        assert answer.status_code == 202
    assert len(await kept(remise)) == 2


async def test_what_holds_in_one_scheme_is_judged_by_the_other_alone(remise: House, amel: Person) -> None:
    body = json.dumps(a_follow(amel)).encode()
    signed = amel.signed(INBOX, body, now=remise.clock.now())

    answer = await post(remise.inbox, INBOX, body, {**signed, "Signature-Input": 'sig1=("@method");created=1'})

    assert answer.status_code == 401
    assert not amel.server.asked


async def test_scheme_that_is_known_and_does_not_hold_is_not_explained(remise: House, amel: Person) -> None:
    body = json.dumps(a_follow(amel)).encode()
    signed = amel.signed(INBOX, body + b" ", now=remise.clock.now(), scheme=rfc9421)

    answer = await post(remise.inbox, INBOX, body, signed)

    assert answer.status_code == 401
    assert "accept-signature" not in answer.headers


async def test_address_that_was_signed_is_ours_whatever_the_host_says(remise: House, amel: Person) -> None:
    body = json.dumps(a_follow(amel)).encode()
    elsewhere = "https://other.example/inbox"
    signed = amel.signed(elsewhere, body, now=remise.clock.now(), scheme=rfc9421)

    answer = await post(remise.inbox, INBOX, body, {**signed, "Host": "share.example"})

    assert answer.status_code == 401


async def test_changed_body_is_refused(remise: House, amel: Person) -> None:
    signed = amel.signed(INBOX, json.dumps(a_follow(amel)).encode(), now=remise.clock.now())

    answer = await post(remise.inbox, INBOX, json.dumps(a_follow(amel)).encode(), signed)

    assert answer.status_code == 401
    assert not await kept(remise)


async def test_request_made_for_another_server_is_not_replayed_here(remise: House, amel: Person) -> None:
    body = json.dumps(a_follow(amel)).encode()
    signed = amel.signed("https://other.example/inbox", body, now=remise.clock.now())

    answer = await post(remise.inbox, INBOX, body, signed)

    assert answer.status_code == 401
    assert not amel.server.asked, "its signature is not worth a fetch"


@pytest.mark.parametrize("offset", [-13 * HOUR, 2 * HOUR])
async def test_signature_of_another_day_is_refused(remise: House, amel: Person, offset: int) -> None:
    moment = remise.clock.now() + offset

    answer = await amel.post(remise.inbox, a_follow(amel), now=type(remise.clock.now())(moment))

    assert answer.status_code == 401


async def test_nobody_signs_in_anothers_name(remise: House, amel: Person) -> None:
    mallory = remise.network.server("evil.example").person("mallory")

    answer = await mallory.post(remise.inbox, a_follow(amel), now=remise.clock.now())

    assert answer.status_code == 401
    assert not await kept(remise)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/html"}, 415),
        ({"Content-Type": "application/activity+json", "Content-Encoding": "gzip"}, 415),
        ({"Content-Type": "application/json"}, 202),
        ({"Content-Type": 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'}, 202),
        ({"Content-Type": "application/activity+json; charset=utf-8"}, 202),
    ],
)
async def test_content_types_that_are_sent_are_taken(
    remise: House, amel: Person, headers: dict[str, str], status: int
) -> None:
    body = json.dumps(a_follow(amel)).encode()
    signed = amel.signed(INBOX, body, now=remise.clock.now())

    answer = await post(remise.inbox, INBOX, body, {**signed, **headers})

    assert answer.status_code == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'"x"',
        b"null",
        b"{",
        b'{"type": "Follow"}',
        b'{"type": "Follow", "actor": 7}',
        b'{"type": ["Create", "Delete"], "actor": "https://mastodon.example/users/amel"}',
        b'{"type": "Follow", "type": "Like", "actor": "https://mastodon.example/users/amel"}',
        b'{"type": "Follow", "actor": "https://mastodon.example/users/amel", "x": NaN}',
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b'{"type": "Follow", "actor": "https://mastodon.example/users/amel", "content": "\xff\xfe"}',
        b'{"type": "Follow", "actor": "https://mastodon.example/users/amel", "@graph": []}',
    ],
)
async def test_what_is_no_activity_is_refused(remise: House, amel: Person, body: bytes) -> None:
    answer = await amel.post(remise.inbox, body, now=remise.clock.now())

    assert answer.status_code == 400
    assert not await kept(remise)


async def test_more_than_a_million_bytes_are_refused(remise: House, amel: Person) -> None:
    activity = {**a_follow(amel), "content": "x" * 1_000_000}

    answer = await amel.post(remise.inbox, activity, now=remise.clock.now())

    assert answer.status_code == 413


async def test_nothing_comes_in_while_closed(database: Database) -> None:
    async with house(database, closed=True) as closed:
        amel = closed.network.server("mastodon.example").person("amel")

        answer = await amel.post(closed.inbox, a_follow(amel), now=closed.clock.now())

        assert answer.status_code == 403
        assert not amel.server.asked


@on_each_engine
async def test_farewell_of_a_stranger_is_taken_without_asking_for_a_key(remise: House, amel: Person) -> None:
    amel.server.documents.clear()

    answer = await amel.post(remise.inbox, amel.activity("Delete", amel.uri), now=remise.clock.now())

    assert answer.status_code == 202
    assert not amel.server.asked
    assert not await kept(remise)


async def test_farewell_with_a_key_that_is_gone_is_taken(remise: House, amel: Person) -> None:
    amel.server.serve("/users/amel", Reply(410))
    deleted = amel.activity("Delete", f"{amel.uri}/notes/1")

    answer = await amel.post(remise.inbox, deleted, now=remise.clock.now())

    assert answer.status_code == 202
    assert not await kept(remise)


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_key_that_cannot_be_fetched_now_asks_for_patience(remise: House, amel: Person, status: int) -> None:
    amel.server.serve("/users/amel", Reply(status))

    answer = await amel.post(remise.inbox, a_follow(amel), now=remise.clock.now())

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_key_that_does_not_exist_proves_nothing(remise: House, amel: Person) -> None:
    amel.server.documents.clear()

    answer = await amel.post(remise.inbox, a_follow(amel), now=remise.clock.now())

    assert answer.status_code == 401


async def test_new_key_is_asked_for_when_the_known_one_does_not_hold(remise: House, amel: Person) -> None:
    await amel.post(remise.inbox, a_follow(amel), now=remise.clock.now())
    renewed = amel.server.person("amel")
    assert renewed.key.rsa is not amel.key.rsa, "a renewed key that is the old one proves nothing"
    remise.clock.advance(10 * MINUTE)

    answer = await renewed.post(remise.inbox, a_follow(renewed), now=remise.clock.now())

    assert answer.status_code == 202


async def test_key_is_fetched_once_for_many_requests(remise: House, amel: Person) -> None:
    for _ in range(5):
        await amel.post(remise.inbox, a_follow(amel), now=remise.clock.now())

    assert [asked.path for asked in amel.server.asked].count("/users/amel") == 1


async def test_nobody_signs_with_a_key_of_ours(remise: House, amel: Person) -> None:
    ours = f"{BASE_URL}/users/remise"
    forger = amel.server.person("forger", key_id=f"{ours}#main-key")

    answer = await forger.post(
        remise.inbox, {**a_follow(amel), "actor": ours, "id": f"{ours}#1"}, now=remise.clock.now()
    )

    assert answer.status_code == 401
    assert not forger.server.asked


async def test_get_is_told_what_an_inbox_takes(remise: House) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=remise.inbox)) as client:
        answer = await client.get(INBOX)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
