"""Which servers are spoken with, in every place that could speak: the door, the fetcher, the outbox, the store."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from msgspec.structs import replace

from fedishare.federation.outbox.send import send
from fedishare.federation.policy import domains, ruling
from fedishare.federation.policy.domains import Guard, Known, Rule, Verdict, judge
from fedishare.foundation.db.database import Database, open_database
from fedishare.foundation.values.errors import Conflict, Invalid, NotFound, Untrusted
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.ids import IdSource
from tests.engines import on_each_engine
from tests.house import House, house
from tests.remote import PUBLIC, Person, Reply

HERE = Here(base_url="https://share.example", handle_domain="share.example", ids=IdSource())


@pytest.fixture
async def remise(database: Database) -> AsyncIterator[House]:
    async with house(database) as made:
        made.listens_to(("Like", "*"), ("Create", "*"), ("Announce", "*"), ("Follow", "*"))
        yield made


@pytest.fixture
def mallory(remise: House) -> Person:
    return remise.network.server("liars.example").person("mallory")


async def decide(house: House, subject: str, severity: Verdict) -> None:
    rule = Rule(subject=subject, severity=severity)
    await house.db.write(ruling.decide, [rule], here=house.here, now=house.clock.now())


def saying(**rules: str) -> Known:
    return Known(rules={name.replace("__", "-").replace("_", "."): Verdict(word) for name, word in rules.items()})


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("liars.example", "block"),
        ("https://liars.example/users/mallory", "block"),
        ("https://LIARS.example./users/mallory", "block"),
        ("https://deep.below.liars.example/x", "block"),
        ("liars.example:8443", "block"),
        ("notliars.example", "allow"),
        ("https://honest.liars.example/users/amel", "allow"),
        ("https://loud.example/users/amel", "limit"),
        ("https://other.example/@liars.example", "allow"),
        ("https://other.example/?x=//liars.example/", "allow"),
        ("javascript:alert(1)", "block"),
        ("https://[not", "block"),
        ("", "block"),
    ],
)
def test_a_rule_holds_for_a_host_and_all_below_it(name: str, verdict: str):
    known = saying(liars_example="block", honest_liars_example="allow", loud_example="limit")

    assert judge(known, HERE, name) == verdict


def test_a_rule_about_somebody_is_never_milder_than_that_of_their_server():
    amel, tomasz = "https://liars.example/users/amel", "https://loud.example/users/tomasz"
    known = Known(
        rules={
            "liars.example": Verdict.BLOCK,
            amel: Verdict.ALLOW,
            "loud.example": Verdict.LIMIT,
            tomasz: Verdict.BLOCK,
        }
    )

    assert judge(known, HERE, amel) == Verdict.BLOCK
    assert judge(known, HERE, tomasz) == Verdict.BLOCK
    assert judge(known, HERE, f"{tomasz}2") == Verdict.LIMIT


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("https://hangar.example/users/hangar", "allow"),
        ("https://friend.example/users/amel", "allow"),
        ("https://below.friend.example/users/amel", "allow"),
        ("https://below.hangar.example/users/amel", "block"),
        ("https://stranger.example/users/amel", "block"),
        ("https://loud.example/users/amel", "block"),
        ("https://foe.example/users/amel", "block"),
        ("https://share.example/users/remise", "allow"),
    ],
)
def test_among_partners_only_they_and_the_allowed_are_spoken_with(name: str, verdict: str):
    known = replace(
        saying(friend_example="allow", loud_example="limit", foe_example="block"),
        partners=frozenset({"hangar.example", "foe.example"}),
    )

    assert judge(known, replace(HERE, partners_only=True), name) == verdict


@given(some.text(max_size=80))
def test_no_name_makes_the_judge_stumble(name: str):
    assert judge(Known(), HERE, name) in Verdict
    try:
        subject = ruling.subject_of(name)
    except Invalid:
        return
    assert ruling.subject_of(subject) == subject


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Liars.Example. ", "liars.example"),
        ("*.liars.example", "liars.example"),
        ("l\xefars.example", "xn--lars-5pa.example"),
        ("HTTPS://Liars.example/users/Mallory", "https://liars.example/users/Mallory"),
        ("127.0.0.1:8002", "127.0.0.1:8002"),
    ],
)
def test_what_is_typed_is_kept_in_one_form(typed: str, kept: str):
    assert ruling.subject_of(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "liars example", "liars*.example", "a@b", "ftp://liars.example/", "http://", "a.example:443"]
)
def test_what_is_no_address_is_no_rule(typed: str):
    with pytest.raises(Invalid):
        ruling.subject_of(typed)


@on_each_engine
async def test_a_transaction_and_the_memory_of_the_process_say_the_same(remise: House):
    guard = Guard(remise.db, remise.here)
    assert await guard.verdict("liars.example") == Verdict.ALLOW, "needs to be remembered to mean anything"

    await decide(remise, "liars.example", Verdict.BLOCK)
    for name in ("liars.example", "https://a.liars.example/inbox"):
        assert await remise.db.read(domains.verdict, name, here=remise.here) == Verdict.BLOCK
        assert await guard.verdict(name) == Verdict.BLOCK

    await remise.db.write(ruling.undecide, "liars.example", here=remise.here, now=remise.clock.now())
    assert await remise.db.read(domains.verdict, "liars.example", here=remise.here) == Verdict.ALLOW
    assert await guard.verdict("liars.example") == Verdict.ALLOW


@on_each_engine
async def test_a_rule_made_by_a_command_counts_in_the_server_beside_it(remise: House, database_url: str):
    guard = Guard(remise.db, remise.here)
    assert await guard.verdict("liars.example") == Verdict.ALLOW, "needs to be remembered to mean anything"
    command = await open_database(database_url, direct=True)

    rule = Rule(subject="liars.example", severity=Verdict.BLOCK)
    await command.write(ruling.decide, [rule], here=remise.here, now=remise.clock.now())
    await command.close()

    async with asyncio.timeout(5):
        while await guard.verdict("liars.example") is not Verdict.BLOCK:  # noqa: ASYNC110 - a hint may come early
            await asyncio.sleep(0.02)


@on_each_engine
async def test_no_rule_can_be_made_about_ourselves(remise: House):
    for subject in ("share.example", f"{remise.here.base_url}/users/remise"):
        with pytest.raises(Conflict):
            await decide(remise, subject, Verdict.BLOCK)
    with pytest.raises(NotFound):
        await remise.db.write(ruling.undecide, "share.example", here=remise.here, now=remise.clock.now())


@on_each_engine
async def test_who_is_blocked_is_refused_at_the_door_before_any_key_is_fetched(remise: House, mallory: Person):
    await decide(remise, "liars.example", Verdict.BLOCK)

    answer = await mallory.post(remise.inbox, mallory.activity("Like", remise.remise.uri), now=remise.clock.now())

    assert answer.status_code == 403
    assert mallory.server.asked == []


@on_each_engine
async def test_one_blocked_actor_is_refused_and_their_neighbour_heard(remise: House, mallory: Person):
    amel = mallory.server.person("amel")
    await decide(remise, mallory.uri, Verdict.BLOCK)

    refused = await mallory.post(remise.inbox, mallory.activity("Like", remise.remise.uri), now=remise.clock.now())
    heard = await amel.post(remise.inbox, amel.activity("Like", remise.remise.uri), now=remise.clock.now())

    assert [refused.status_code, heard.status_code] == [403, 202]


@on_each_engine
async def test_what_came_before_the_block_is_not_applied_after_it(remise: House, mallory: Person):
    await mallory.post(remise.inbox, mallory.activity("Like", remise.remise.uri), now=remise.clock.now())
    await decide(remise, "liars.example", Verdict.BLOCK)

    await remise.apply()

    assert remise.told == []


@on_each_engine
async def test_who_passes_on_the_words_of_the_blocked_passes_on_nothing(remise: House, mallory: Person):
    carol = remise.network.server("mastodon.example").person("carol")
    note = mallory.server.note("/notes/1", mallory)
    await remise.fetcher.actor(carol.uri)

    for subject in (mallory.uri, "liars.example"):
        await decide(remise, subject, Verdict.BLOCK)
        await carol.post(remise.inbox, carol.activity("Announce", note["id"], to=[PUBLIC]), now=remise.clock.now())
        await remise.apply()

    assert remise.told == []
    assert [asked.path for asked in mallory.server.asked] == ["/notes/1"], "and only while it was one of them alone"


@on_each_engine
async def test_a_blocked_server_is_never_asked_not_even_after_a_redirect(remise: House, mallory: Person):
    honest = remise.network.server("mastodon.example")
    honest.serve("/leads-away", Reply(302, b"", {"location": mallory.uri}))
    await decide(remise, "liars.example", Verdict.BLOCK)

    for question in (
        remise.fetcher.document(mallory.uri),
        remise.fetcher.document(honest.url("/leads-away")),
        remise.fetcher.actor(mallory.uri),
        remise.fetcher.actor_by_handle("mallory@liars.example"),
        remise.fetcher.key(mallory.key.id),
    ):
        with pytest.raises(Untrusted):
            await question

    assert mallory.server.asked == []
    assert [asked.path for asked in honest.asked] == ["/leads-away"]


@on_each_engine
async def test_nothing_is_sent_to_who_is_blocked(remise: House, mallory: Person):
    carol = remise.network.server("mastodon.example").person("carol")
    await meet(remise, mallory, carol)
    await say(remise, to=[mallory.uri, carol.uri])
    await decide(remise, "liars.example", Verdict.BLOCK)
    await say(remise, to=[mallory.uri, carol.uri])

    await remise.deliver()

    assert mallory.server.letters == []
    assert len(carol.server.letters) == 2


@on_each_engine
async def test_among_partners_a_stranger_is_neither_heard_nor_asked_nor_told(database: Database):
    async with house(database) as remise:
        remise.here = replace(remise.here, partners_only=True)
        closed = type(remise)(database, remise.network, clock=remise.clock, here=remise.here)
        stranger = remise.network.server("stranger.example").person("amel")
        partner = remise.network.server("hangar.example").person("hangar")
        await remise.db.write(domains.let_in, "hangar.example")

        answers = [
            (await who.post(closed.inbox, who.activity("Like", remise.remise.uri), now=remise.clock.now())).status_code
            for who in (stranger, partner)
        ]

        assert answers == [403, 202]
        assert stranger.server.asked == []
        await closed.net.close()


async def meet(house: House, *people: Person) -> None:
    for person in people:
        await house.fetcher.actor(person.uri)


async def say(house: House, *, to: list[str]) -> None:
    about = f"{house.here.base_url}/proposals/{house.here.ids.new(house.clock.now())}"
    activity: dict[str, Any] = {"type": "Create", "actor": house.remise.uri, "object": about, "to": to}
    await house.db.write(send, activity, by=house.remise, here=house.here, now=house.clock.now())
