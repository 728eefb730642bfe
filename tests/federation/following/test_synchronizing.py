"""Two servers that count followers differently find out, and the one followed is right (FEP-8fcf, A113)."""

import json
from urllib.parse import urlsplit

import pytest

from fedishare.federation.actors.model import Actor
from fedishare.federation.following import operations, synchronizing
from fedishare.federation.following.model import State
from fedishare.federation.signatures import cavage
from fedishare.federation.vocabulary.synchronization import HEADER, Claim, digest, header
from fedishare.foundation.jobs import queue
from fedishare.foundation.values.clock import HOUR, MINUTE, later
from tests.engines import on_each_engine
from tests.federation.doors import knock
from tests.federation.following.town import NADIA, REMISE, Town
from tests.remote import Json, Person, Reply, post

INBOX = "https://share.example/inbox"
GHOST = "https://share.example/users/nobody"


async def claims(lille: Town, *counted: str, **changed: str) -> None:
    """Amel's server delivers something, and says with it who of ours follows her."""
    amel = lille.amel
    claim = {
        "collection": f"{amel.uri}/followers",
        "url": f"{amel.uri}/followers_synchronization",
        "digest": digest(counted),
        **changed,
    }
    body = json.dumps(amel.activity("Create", amel.server.note("/notes/1", amel))).encode()
    headers = amel.signed(INBOX, body, now=lille.house.clock.now())
    answer = await post(lille.house.inbox, INBOX, body, {**headers, HEADER: header(Claim(**claim))})
    assert answer.status_code == 202, answer.text


def lists(person: Person, *uris: str) -> None:
    """What their server shows to whoever asks for our part of the followers."""
    path = f"{urlsplit(person.uri).path}/followers_synchronization"
    document = {"id": person.server.url(path), "type": "OrderedCollection", "orderedItems": list(uris)}
    person.server.serve(path, document)


async def jobs(lille: Town) -> list[queue.Leased]:
    now = lille.house.clock.now()
    return await lille.house.db.work(queue.lease, now=now, lease_until=later(now, HOUR), size=10)


async def work(lille: Town) -> int:
    """Do what is to be looked up; how many there were."""
    house, leased = lille.house, await jobs(lille)
    for job in leased:
        claim = json.loads(job.payload)
        await synchronizing.synchronize(
            synchronizing.Synchronize(**claim), db=house.db, fetcher=house.fetcher, here=house.here, clock=house.clock
        )
        await house.db.work(queue.done, job.id)
    await house.deliver()
    return len(leased)


async def follows(lille: Town, uri: str, *, accepted: bool = True) -> Actor:
    """Somebody of ours follows Amel."""
    amel = await lille.meet(lille.amel)
    await lille.do(operations.follow, await lille.actor(uri), amel)
    if accepted:
        about = {"type": "Follow", "actor": uri, "object": amel.uri}
        assert await lille.hear(lille.amel, lille.amel.activity("Accept", about)) == "applied"
    return amel


@pytest.fixture(autouse=True)
def with_followers(lille: Town) -> None:
    """Amel's document shows where her followers are."""
    path = urlsplit(lille.amel.uri).path
    lille.amel.server.serve(path, {**lille.amel.document, "followers": f"{lille.amel.uri}/followers"})


@on_each_engine
async def test_where_both_count_the_same_nothing_is_looked_up(lille: Town) -> None:
    await follows(lille, REMISE)

    await claims(lille, REMISE)

    assert await jobs(lille) == []


@on_each_engine
async def test_whom_their_server_has_forgotten_follows_no_longer(lille: Town) -> None:
    await follows(lille, REMISE)
    await follows(lille, NADIA)
    lists(lille.amel, NADIA)

    await claims(lille, NADIA)

    assert await work(lille) == 1
    assert await lille.state(REMISE, lille.amel.uri) is State.REJECTED
    assert await lille.state(NADIA, lille.amel.uri) is State.ACCEPTED


@on_each_engine
async def test_whose_acceptance_was_lost_follows_at_last(lille: Town) -> None:
    await follows(lille, REMISE, accepted=False)
    lists(lille.amel, REMISE)

    await claims(lille, REMISE)

    assert await work(lille) == 1
    assert await lille.state(REMISE, lille.amel.uri) is State.ACCEPTED


@on_each_engine
async def test_who_no_longer_follows_is_taken_off_their_list(lille: Town) -> None:
    amel = await follows(lille, REMISE)
    await lille.do(operations.unfollow, await lille.actor(REMISE), amel)
    await lille.house.deliver()
    lists(lille.amel, REMISE, NADIA, GHOST, "https://elsewhere.example/users/x")

    await claims(lille, REMISE, NADIA, GHOST)
    before = len(lille.amel.server.letters)

    assert await work(lille) == 1
    undone = lille.amel.server.letters[before:]
    assert [(letter["type"], letter["actor"]) for letter in undone] == [("Undo", NADIA), ("Undo", REMISE)]
    assert all(letter["object"]["object"] == lille.amel.uri for letter in undone)


@pytest.mark.parametrize(
    "changed",
    [
        {"url": "https://evil.test/x"},
        {"collection": "https://evil.test/users/mallory/followers"},
        {"collection": "https://mastodon.example/users/other/followers"},
    ],
)
async def test_claim_that_leads_elsewhere_is_none(lille: Town, changed: dict[str, str]) -> None:
    """A113."""
    await follows(lille, REMISE)
    evil = lille.house.network.server("evil.test")

    await claims(lille, **changed)

    assert await jobs(lille) == []
    assert evil.asked == []


async def test_list_that_is_not_what_was_claimed_changes_nothing(lille: Town) -> None:
    await follows(lille, REMISE)
    lists(lille.amel)

    await claims(lille, NADIA)

    assert await work(lille) == 1
    assert await lille.state(REMISE, lille.amel.uri) is State.ACCEPTED


async def test_list_that_is_none_changes_nothing(lille: Town) -> None:
    await follows(lille, REMISE)
    lille.amel.server.serve(f"{urlsplit(lille.amel.uri).path}/followers_synchronization", Reply(410))

    await claims(lille)

    assert await work(lille) == 1
    assert await lille.state(REMISE, lille.amel.uri) is State.ACCEPTED


async def test_one_claim_is_looked_at_once_in_ten_minutes(lille: Town) -> None:
    await follows(lille, REMISE)
    lists(lille.amel, NADIA)
    await claims(lille, NADIA)
    assert await work(lille) == 1

    await claims(lille, NADIA)

    assert await jobs(lille) == []
    lille.house.clock.advance(11 * MINUTE)
    await claims(lille, NADIA)
    assert len(await jobs(lille)) == 1


async def test_the_list_of_ours_is_for_the_server_that_signs(lille: Town) -> None:
    neighbour = lille.amel.server.person("neighbour")
    for person in (lille.amel, neighbour, lille.tomasz):
        await lille.hear(person, person.activity("Follow", REMISE))

    shown = await asks(lille, lille.amel)

    assert shown["id"] == f"{REMISE}/followers_synchronization"
    assert shown["orderedItems"] == [lille.amel.uri, neighbour.uri]


async def asks(lille: Town, person: Person) -> Json:
    path = "/users/remise/followers_synchronization"
    url = f"https://share.example{path}"
    signed = cavage.sign("GET", url, body=None, key=person.key, now=lille.house.clock.now())
    answer = await knock(lille.house, path, headers=list(signed.items()))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    return dict(answer.json())


async def test_who_does_not_sign_is_told_how_to(lille: Town) -> None:
    answer = await knock(lille.house, "/users/remise/followers_synchronization")

    assert answer.status_code == 401
    assert "accept-signature" in answer.headers


async def test_whose_key_cannot_be_had_may_come_again(lille: Town) -> None:
    lille.house.network.cut_off(lille.amel.server.host)
    path = "/users/remise/followers_synchronization"
    signed = cavage.sign(
        "GET", f"https://share.example{path}", body=None, key=lille.amel.key, now=lille.house.clock.now()
    )

    answer = await knock(lille.house, path, headers=list(signed.items()))

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
