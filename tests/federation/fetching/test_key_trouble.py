"""When a key cannot be had: what that means, and for how long it is remembered (attacks A037 to A041)."""

import asyncio

import pytest

from fedishare.federation.fetching import keys
from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.foundation.values.clock import HOUR, MINUTE, SECOND
from fedishare.foundation.values.errors import Malformed, RemotelyGone, RemoteTrouble, Unreachable
from tests.house import SECRET, House
from tests.remote import Person, Reply, Server, until


@pytest.fixture
def carol(remise: House) -> Person:
    return remise.network.server("good.example").person("carol")


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 503])
async def test_trouble_that_may_pass_is_unreachable(
    remise: House, elsewhere: Server, amel: Person, status: int
) -> None:
    elsewhere.serve("/users/amel", Reply(status))

    with pytest.raises(Unreachable):
        await remise.fetcher.key(amel.key.id)


@pytest.mark.parametrize("status", [400, 404, 406])
async def test_a_key_that_is_not_there_proves_nothing(
    remise: House, elsewhere: Server, amel: Person, status: int
) -> None:
    elsewhere.serve("/users/amel", Reply(status))

    with pytest.raises(Malformed):
        await remise.fetcher.key(amel.key.id)


async def test_a_failure_is_remembered_for_a_minute(remise: House, elsewhere: Server, amel: Person) -> None:
    elsewhere.serve("/users/amel", Reply(500))
    for _ in range(5):
        with pytest.raises(Unreachable):
            await remise.fetcher.key(amel.key.id)
    assert len(elsewhere.asked) == 1

    elsewhere.serve("/users/amel", amel.document)
    remise.clock.advance(59 * SECOND)
    with pytest.raises(Unreachable):
        await remise.fetcher.key(amel.key.id)
    remise.clock.advance(2 * SECOND)

    assert (await remise.fetcher.key(amel.key.id)).actor.uri == amel.uri


async def test_somebody_who_has_gone_is_not_asked_for_an_hour(remise: House, elsewhere: Server, amel: Person) -> None:
    elsewhere.serve("/users/amel", Reply(410))
    for minutes in (0, 30, 29):
        remise.clock.advance(minutes * MINUTE)
        with pytest.raises(RemotelyGone):
            await remise.fetcher.key(amel.key.id)
    assert len(elsewhere.asked) == 1

    remise.clock.advance(HOUR)
    with pytest.raises(RemotelyGone):
        await remise.fetcher.key(amel.key.id)
    assert len(elsewhere.asked) == 2


async def test_a_server_that_never_answers_is_given_up(
    remise: House, elsewhere: Server, amel: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "DEADLINE_S", 0.1)
    elsewhere.serve("/users/amel", Reply(200, b"", after_s=30))

    with pytest.raises(Unreachable, match="no answer about"):
        await remise.fetcher.key(amel.key.id)


async def test_a_server_that_never_answers_holds_up_no_other(
    remise: House, elsewhere: Server, carol: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "DEADLINE_S", 0.5)
    for number in range(keys.AT_ONCE - 1):
        elsewhere.serve(f"/users/{number}", Reply(200, b"", after_s=30))
    waiting = [remise.fetcher.key(elsewhere.url(f"/users/{number}#k")) for number in range(keys.AT_ONCE - 1)]
    slow = asyncio.gather(*waiting, return_exceptions=True)

    assert (await remise.fetcher.key(carol.key.id)).actor.uri == carol.uri

    assert all(isinstance(found, Unreachable) for found in await slow)


async def test_no_more_than_sixteen_are_asked_at_once(remise: House) -> None:
    hosts = [remise.network.server(f"host{number}.example") for number in range(40)]
    for host in hosts:
        host.serve("/k", Reply(200, b"", after_s=30))
    waiting = asyncio.gather(*(remise.fetcher.key(host.url("/k")) for host in hosts), return_exceptions=True)

    await until(lambda: sum(len(host.asked) for host in hosts) >= keys.AT_ONCE, seconds=3)
    await asyncio.sleep(0.1)

    assert sum(len(host.asked) for host in hosts) == keys.AT_ONCE
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_an_instance_without_limits_asks_every_host(remise: House) -> None:
    made = remise
    free = Fetcher(net=made.net, db=made.db, here=made.here, clock=made.clock, secret=SECRET, limits=False)
    hosts = [made.network.server(f"h{number}.bench.example") for number in range(30)]

    await asyncio.gather(*(free.key(host.url("/u#k")) for host in hosts), return_exceptions=True)

    assert all(host.asked for host in hosts)


async def test_a_thousand_subdomains_cost_few_requests(remise: House) -> None:
    hosts = [remise.network.server(f"h{number}.evil.example") for number in range(200)]

    found = await asyncio.gather(*(remise.fetcher.key(host.url("/u#k")) for host in hosts), return_exceptions=True)

    assert all(isinstance(trouble, RemoteTrouble) for trouble in found)
    assert sum(len(host.asked) for host in hosts) == 10
    refused = [trouble for trouble in found if isinstance(trouble, Unreachable)]
    assert {trouble.status for trouble in refused} == {429}
