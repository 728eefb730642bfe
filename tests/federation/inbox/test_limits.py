"""Who sends too much to the inbox waits, and who has nothing to do with it does not (SECURITY 6.8; A038, R20)."""

import httpx
import msgspec
import pytest

from fedishare.federation.actors.model import Actor
from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.federation.fetching.keys import FETCHES, OF_ONE_DOMAIN
from fedishare.federation.inbox.accept import InboxEndpoint
from fedishare.federation.inbox.disk import ASKED_EVERY_S, LEAST_FREE, Disk
from fedishare.federation.inbox.limits import (
    FAILURES,
    KNOCKS,
    ON_TRIAL,
    SETTLED,
    SILENCED_S,
    InboxLimits,
)
from fedishare.federation.inbox.request import Turned
from fedishare.foundation.values.clock import HOUR, SECOND
from fedishare.foundation.values.errors import Busy
from tests.clock import StoppedClock
from tests.engines import on_each_engine
from tests.house import BASE_URL, SECRET, House
from tests.remote import Person

INBOX = f"{BASE_URL}/inbox"
ELSEWHERE = "203.0.113.9"
ANOTHER = "198.51.100.1"


@pytest.fixture
def limited(remise: House) -> House:
    limits = InboxLimits(remise.clock, ())
    remise.inbox = InboxEndpoint(
        db=remise.db,
        fetcher=remise.fetcher,
        here=remise.here,
        clock=remise.clock,
        disk=Disk(remise.clock, lambda: LEAST_FREE),
        limits=limits,
    )
    return remise


async def sends(house: House, body: bytes, headers: dict[str, str], address: str = ELSEWHERE) -> httpx.Response:
    transport = httpx.ASGITransport(app=house.inbox, client=(address, 40_000))
    async with httpx.AsyncClient(transport=transport) as client:
        return await client.post(INBOX, content=body, headers=headers)


async def says(house: House, person: Person, address: str = ELSEWHERE) -> httpx.Response:
    """A good activity of theirs, another at each call."""
    body = msgspec.json.encode(person.activity("Like", f"{BASE_URL}/posts/1"))
    return await sends(house, body, person.signed(INBOX, body, now=house.clock.now()), address)


async def lies(house: House, person: Person, address: str = ELSEWHERE) -> int:
    """A signature over another body."""
    body = msgspec.json.encode(person.activity("Like", f"{BASE_URL}/posts/1"))
    headers = person.signed(INBOX, body, now=house.clock.now())
    return (await sends(house, body + b" ", headers, address)).status_code


@on_each_engine
async def test_a_liar_is_not_listened_to_for_ten_minutes(limited: House, amel: Person) -> None:
    told = [await lies(limited, amel) for _ in range(FAILURES.burst + 2)]

    assert told == [401] * (FAILURES.burst + 1) + [429]
    refused = await says(limited, amel)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == str(int(SILENCED_S))
    assert refused.headers["x-ratelimit-limit"] == "60"
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert "x-ratelimit-reset" in refused.headers
    assert (await says(limited, amel, ANOTHER)).status_code == 202, "only that address is"
    limited.clock.advance(int(SILENCED_S) * SECOND)
    assert (await says(limited, amel)).status_code == 202


async def test_a_few_failures_a_minute_are_everyday(limited: House, amel: Person) -> None:
    for _ in range(3 * FAILURES.burst):
        assert await lies(limited, amel) == 401
        limited.clock.advance(SECOND)


async def test_an_address_that_floods_is_slowed_down_before_its_signature_is_read(limited: House, amel: Person) -> None:
    body = b"{}"
    refused = [(await sends(limited, body, {})).status_code for _ in range(20)]
    assert set(refused) == {415}, "cheap refusals are not failed signatures"

    limits = InboxLimits(limited.clock, ())
    scope = {"client": (ELSEWHERE, 1), "headers": []}
    for _ in range(KNOCKS.burst):
        limits.before_signature(scope)
    with pytest.raises(Turned) as turned:
        limits.before_signature(scope)

    assert turned.value.status == 429
    limits.before_signature({"client": (ANOTHER, 1), "headers": []})


def actor_of(house: House, amel: Person, known_since: int) -> Actor:
    """Somebody first heard of at that moment."""
    return msgspec.structs.replace(house.remise, uri=amel.uri, id=house.here.ids.new(known_since))  # type: ignore[arg-type]  # an Instant


def refused(limits: InboxLimits, signer: Actor, tries: int) -> int:
    count = 0
    for _ in range(tries):
        try:
            limits.after_signature(signer)
        except Turned:
            count += 1
    return count


def test_a_server_on_trial_may_say_little(limited: House, amel: Person, tomasz: Person) -> None:
    limits = InboxLimits(limited.clock, ())
    newcomer = actor_of(limited, amel, limited.clock.now())

    assert refused(limits, newcomer, ON_TRIAL.burst + 7) == 7
    assert refused(limits, actor_of(limited, tomasz, limited.clock.now()), 5) == 0, "another server is not slowed"
    limited.clock.advance(SECOND)
    assert refused(limits, newcomer, 7) == 7 - ON_TRIAL.per_second
    limited.clock.advance(HOUR)
    assert refused(limits, newcomer, SETTLED.burst + 3) == 3, "an hour later it is known"


def test_a_newcomer_of_a_known_server_is_no_stranger(limited: House, amel: Person) -> None:
    limits = InboxLimits(limited.clock, ())
    newcomer = actor_of(limited, amel, limited.clock.now())
    limited.clock.advance(2 * HOUR)
    veteran = newcomer
    newcomer = actor_of(limited, amel, limited.clock.now())

    assert refused(limits, veteran, 1) == 0
    assert refused(limits, newcomer, SETTLED.burst - 1) == 0


@on_each_engine
async def test_what_a_server_on_trial_says_too_much_is_not_kept(limited: House, amel: Person) -> None:
    told = [(await says(limited, amel)).status_code for _ in range(ON_TRIAL.burst + 2)]

    assert told == [202] * ON_TRIAL.burst + [429] * 2


@on_each_engine
async def test_no_flood_makes_us_ask_more_than_thirty_times(limited: House, amel: Person) -> None:
    """From many domains, so that the bound of one does not help."""
    assert (await says(limited, amel, ANOTHER)).status_code == 202
    strangers = [limited.network.server(f"evil{number}.example").person("mallory") for number in range(60)]

    told = [(await says(limited, person)).status_code for person in strangers]

    asked = FETCHES.burst - 1
    assert told == [202] * asked + [429] * (60 - asked)
    late = await says(limited, strangers[-1])
    assert (late.status_code, late.headers["retry-after"]) == (429, "60")
    assert late.headers["x-ratelimit-limit"] == "30"
    assert not strangers[-1].server.asked
    assert (await says(limited, amel, ANOTHER)).status_code == 202, "who is known is not concerned"
    limited.clock.advance(10 * SECOND)
    assert (await says(limited, strangers[-1])).status_code == 202


@on_each_engine
async def test_whoever_makes_us_ask_in_vain_keeps_no_newcomer_out(limited: House, amel: Person) -> None:
    evil = limited.network.server("evil.example")
    strangers = [evil.person(f"mallory{number}") for number in range(40)]

    told = [(await says(limited, person)).status_code for person in strangers]

    assert told == [202] * OF_ONE_DOMAIN.burst + [429] * (40 - OF_ONE_DOMAIN.burst)
    assert (await says(limited, amel)).status_code == 202, "a newcomer from elsewhere"


async def test_an_instance_without_limits_asks_everybody(remise: House) -> None:
    free = Fetcher(net=remise.net, db=remise.db, here=remise.here, clock=remise.clock, secret=SECRET, limits=False)
    people = [remise.network.server(f"h{number}.example").person("amel") for number in range(40)]

    assert [(await free.key(each.key.id)).actor.uri for each in people] == [each.uri for each in people]


@on_each_engine
async def test_with_little_room_on_the_disk_nothing_is_taken(remise: House, amel: Person) -> None:
    free = [LEAST_FREE - 1]
    remise.inbox = InboxEndpoint(
        db=remise.db,
        fetcher=remise.fetcher,
        here=remise.here,
        clock=remise.clock,
        disk=Disk(remise.clock, lambda: free[0]),
        limits=None,
    )

    answer = await says(remise, amel)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert not amel.server.asked
    free[0] = LEAST_FREE
    remise.clock.advance(int(ASKED_EVERY_S + 1) * SECOND)
    assert (await says(remise, amel)).status_code == 202


def test_the_disk_is_looked_at_now_and_then() -> None:
    clock, asked = StoppedClock(), []

    def free() -> int:
        asked.append(clock.now())
        return 0

    disk = Disk(clock, free)
    for _ in range(10):
        with pytest.raises(Busy):
            disk.check()

    assert len(asked) == 1
