"""Many requests, each of which would be harmless alone."""

import asyncio
import time

import pytest

from fedishare.federation.actors import store as actors
from fedishare.federation.following.inbox import MOST_WAITING
from fedishare.federation.signatures import cavage
from fedishare.federation.signatures.keys import PrivateKey
from fedishare.federation.vocabulary.actor import ActorDocument, read_actor
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import HOUR, SECOND
from fedishare.foundation.values.here import Here
from tests.attacks.costs import compare
from tests.attacks.forging import forged
from tests.attacks.inbox.saying import as_bytes, greeting
from tests.attacks.lines import attack
from tests.attacks.world import BASE_URL, World
from tests.figures import Figure
from tests.remote import ACTIVITY, Json

ELSEWHERE = "203.0.113.9"
AT_ONCE = 50
"""As many as one server may send us in a second."""


@attack("A038")
async def test_thousand_invented_keys_cost_few_requests(world: World, figure: Figure) -> None:
    """In ten seconds from one address; somebody honest is heard at the same time."""
    await world.meets(world.carol)
    world.forget_requests()
    body = as_bytes(greeting(world, world.mallory))
    statuses, waits = [], []

    async def knocks(number: int) -> None:
        server = world.network.server(f"n{number}.evil.test")
        headers = forged(world, world.mallory, body, key_id=server.url(f"/users/{number}#main-key"))
        statuses.append((await world.post(body, headers, address=ELSEWHERE)).status_code)

    async def is_heard() -> None:
        begun = time.perf_counter()
        answer = await world.sends(world.carol, world.carol.activity("Like", world.offer.uri))
        waits.append(time.perf_counter() - begun)
        assert answer.status_code == 202

    for number in range(0, 1_000, AT_ONCE):
        await asyncio.gather(*(knocks(number + one) for one in range(AT_ONCE)), is_heard())
        world.clock.advance(SECOND // 2)

    assert set(statuses) == {401, 429}
    assert len(statuses) == 1_000
    assert len(world.outbound) == len(world.dialled) <= 30
    figure("a good request beside the flood, p95", sorted(waits)[18] * 1_000, "ms", at_most=10 * 500)


@attack("A039")
async def test_wrong_signatures_do_not_make_us_ask_again_and_again(world: World) -> None:
    """From many addresses: one alone would soon not be listened to."""
    await world.meets(world.carol)
    world.forget_requests()
    body = as_bytes(greeting(world, world.carol))

    async with world.unchanged(but=("actor", "key")):
        for number in range(200):
            wrong = forged(world, world.mallory, body, key_id=world.carol.key.id)
            answer = await world.post(body, wrong, address=f"203.0.113.{number % 8 + 1}")
            assert answer.status_code == 401
            world.clock.advance(SECOND * 3 // 10)

    assert world.outbound == ["GET https://good.test/users/carol"]
    assert (await world.sends(world.carol, body)).status_code == 202


@attack("A102")
@pytest.mark.timeout(900)
async def test_ten_thousand_followers_to_be_wait_in_bounds(world: World, figure: Figure) -> None:
    """All of one server and known for long, so that no other limit is in the way."""
    bob = world.reader()
    await bob.signs_in("bob")
    crowd = [named(world, f"mallory{number}") for number in range(10_000)]
    await world.db.write(_keep_all, crowd, world.here)
    world.clock.advance(2 * HOUR)

    async def calm() -> None:
        assert (await bob.go("/settings/followers")).status_code == 200

    for number in range(0, len(crowd), AT_ONCE):
        await asyncio.gather(*(follows_bob(world, somebody) for somebody in crowd[number : number + AT_ONCE]))
        world.clock.advance(SECOND)
        if number % 500 == 0:
            await world.work()
    await world.work()
    assert await world.ask("select state, count(*) from follow group by state") == [("pending", MOST_WAITING)]
    assert MOST_WAITING <= 1_000
    assert await world.ask("select kind from notification") == [("follow_request",)]
    alice = world.reader()
    await alice.signs_in("alice")

    await compare(figure, "the page of those who wait", hostile=calm, harmless=lambda: alice.go("/settings/followers"))


def named(world: World, name: str) -> ActorDocument:
    document = {**world.mallory.document, "id": f"https://evil.test/users/{name}", "preferredUsername": name}
    document["inbox"] = f"{document['id']}/inbox"
    document["publicKey"] = {
        **world.mallory.document["publicKey"],
        "id": f"{document['id']}#main-key",
        "owner": document["id"],
    }
    return read_actor(document, world.clock.now())


async def _keep_all(tx: Tx, crowd: list[ActorDocument], here: Here) -> None:
    for document in crowd:
        await actors.save_remote(tx, document, here=here, now=document.fetched_at)


async def follows_bob(world: World, somebody: ActorDocument) -> None:
    follow: Json = {
        "id": f"{somebody.uri}/follow",
        "type": "Follow",
        "actor": somebody.uri,
        "object": world.bob.uri,
    }
    body = as_bytes(follow)
    key = PrivateKey(id=somebody.keys[0].uri, rsa=world.mallory.key.rsa)
    headers = cavage.sign("POST", f"{BASE_URL}/inbox", body=body, key=key, now=world.clock.now())
    answer = await world.post(body, {**headers, "Content-Type": ACTIVITY})
    assert answer.status_code == 202, answer.text
