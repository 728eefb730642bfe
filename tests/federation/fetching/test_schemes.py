"""The second knock: who refuses one scheme is asked in the other, and what worked is remembered (INTEROP B.3)."""

import pytest

from fedishare.federation.actors import store
from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.federation.fetching.schemes import Schemes
from fedishare.federation.signatures import cavage, rfc9421
from fedishare.federation.signatures.keys import opened
from fedishare.foundation.net.client import Answer
from fedishare.foundation.values.errors import Unreachable
from tests.engines import on_each_engine
from tests.house import SECRET, House
from tests.remote import Asked, Person, Reply, Server


def understanding(*schemes: str, refusal: int = 401):
    """A server that refuses what is not signed in one of these."""
    return lambda asked: None if scheme_of(asked) in schemes else Reply(refusal)


def scheme_of(asked: Asked) -> str:
    return "rfc9421" if "signature-input" in asked.headers else "cavage"


def knocks(server: Server) -> list[str]:
    """How each request was signed since the last look."""
    made = [scheme_of(asked) for asked in server.asked]
    server.asked.clear()
    return made


@on_each_engine
@pytest.mark.parametrize("refusal", [400, 401, 403])
async def test_who_refuses_the_draft_is_asked_with_rfc_9421_from_then_on(
    remise: House, elsewhere: Server, amel: Person, refusal: int
) -> None:
    elsewhere.at_the_door = understanding("rfc9421", refusal=refusal)
    notes = [elsewhere.note(f"/notes/{number}", amel) for number in range(3)]

    for note in notes[:2]:
        assert await remise.fetcher.document(note["id"]) == note

    assert knocks(elsewhere) == ["cavage", "rfc9421", "rfc9421"]
    after_a_restart = Fetcher(
        net=remise.net, db=remise.db, here=remise.here, clock=remise.clock, secret=SECRET, limits=False
    )
    await after_a_restart.document(notes[2]["id"])
    assert knocks(elsewhere) == ["rfc9421"]


async def test_both_knocks_are_signed_by_the_instance(remise: House, elsewhere: Server, amel: Person) -> None:
    elsewhere.at_the_door = understanding("rfc9421")
    note = elsewhere.note("/notes/1", amel)

    await remise.fetcher.document(note["id"])

    instance = await remise.db.read(store.instance_actor)
    key = opened(await remise.db.read(store.private_key, instance.id), SECRET)
    for asked, scheme in zip(elsewhere.asked, (cavage, rfc9421), strict=True):
        pairs = [(name.encode(), value.encode()) for name, value in asked.headers.items()]
        head = scheme.parse(pairs)
        target = asked.path.encode() if scheme is cavage else elsewhere.url(asked.path)
        assert scheme.verify(head, "GET", target, pairs, b"", key.rsa.public_key(), remise.clock.now())
        assert head.key_id == key.id


async def test_who_forgets_rfc_9421_is_asked_as_before(remise: House, elsewhere: Server, amel: Person) -> None:
    notes = [elsewhere.note(f"/notes/{number}", amel) for number in range(3)]
    elsewhere.at_the_door = understanding("rfc9421")
    await remise.fetcher.document(notes[0]["id"])
    elsewhere.at_the_door = understanding("cavage")
    knocks(elsewhere)

    await remise.fetcher.document(notes[1]["id"])
    await remise.fetcher.document(notes[2]["id"])

    assert knocks(elsewhere) == ["rfc9421", "cavage", "cavage"]


async def test_who_refuses_both_is_forgotten(remise: House, elsewhere: Server, amel: Person) -> None:
    notes = [elsewhere.note(f"/notes/{number}", amel) for number in range(3)]
    elsewhere.at_the_door = understanding("rfc9421")
    await remise.fetcher.document(notes[0]["id"])
    elsewhere.at_the_door = understanding()
    knocks(elsewhere)

    for note in notes[1:]:
        with pytest.raises(Unreachable) as told:
            await remise.fetcher.document(note["id"])
        assert told.value.status == 401

    assert knocks(elsewhere) == ["rfc9421", "cavage", "cavage", "rfc9421"]


@pytest.mark.parametrize("status", [404, 406, 429, 500])
async def test_another_answer_is_an_answer(remise: House, elsewhere: Server, amel: Person, status: int) -> None:
    note = elsewhere.note("/notes/1", amel)
    elsewhere.at_the_door = lambda asked: Reply(status)

    with pytest.raises(Unreachable):
        await remise.fetcher.document(note["id"])

    assert knocks(elsewhere) == ["cavage"]


async def test_a_query_is_left_out_of_the_signature_before_the_second_knock(
    remise: House, elsewhere: Server, amel: Person
) -> None:
    note = elsewhere.note("/notes/1?full", amel)
    elsewhere.at_the_door = understanding("rfc9421")

    assert await remise.fetcher.document(note["id"]) == note

    assert knocks(elsewhere) == ["cavage", "cavage", "rfc9421"]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (401, 400, 401),  # they do not know the second: the first may pass when they have our key
        (401, 401, 401),
        (401, 404, 401),
        (401, 204, 204),
        (403, 401, 401),
        (403, 403, 403),
        (400, 503, 503),
        (400, 202, 202),
    ],
)
async def test_the_answer_with_more_hope_counts(remise: House, first: int, second: int, told: int) -> None:
    answers = iter([first, second])

    async def ask(scheme: str) -> Answer:
        return Answer(status=next(answers), headers={}, body=b"", url="")

    answer = await Schemes(remise.db, remise.clock).knock("host.example", ask)

    assert answer.status == told
