"""Deliveries to those who want RFC 9421, and to those who want nothing of the kind (INTEROP B.3, SECURITY 3.3)."""

import pytest

from fedishare.federation.actors import store
from fedishare.federation.outbox.delivery import DEADLINE_S
from fedishare.federation.signatures import rfc9421
from fedishare.federation.signatures.keys import opened
from tests.engines import on_each_engine
from tests.federation.outbox.telling import meet, people, queue, say, states
from tests.house import SECRET, House
from tests.remote import Asked, Reply


def scheme_of(asked: Asked) -> str:
    return "rfc9421" if "signature-input" in asked.headers else "cavage"


@on_each_engine
@pytest.mark.parametrize("refusal", [400, 401, 403])
async def test_what_is_refused_in_one_scheme_arrives_in_the_other(remise: House, refusal: int) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = lambda asked: Reply(202 if scheme_of(asked) == "rfc9421" else refusal)
    amel.server.asked.clear()

    for _ in range(2):
        await say(remise, to=[amel.uri])
        await remise.deliver()

    assert await states(remise) == [("host0.example", "done")] * 2
    assert [row.attempts for row in await queue(remise)] == [1, 1]
    assert [scheme_of(asked) for asked in amel.server.asked] == ["cavage", "rfc9421", "rfc9421"]
    assert amel.server.letters[0] == amel.server.letters[1], "one body, signed twice"


async def test_the_second_knock_is_signed_by_who_speaks(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = lambda asked: Reply(202 if scheme_of(asked) == "rfc9421" else 401)
    await say(remise, to=[amel.uri])

    await remise.deliver()

    asked = amel.server.asked[-1]
    key = opened(await remise.db.read(store.private_key, remise.remise.id), SECRET)
    pairs = [(name.encode(), value.encode()) for name, value in asked.headers.items()]
    head = rfc9421.parse(pairs)
    url = amel.server.url(asked.path)
    assert rfc9421.verify(head, "POST", url, pairs, asked.body, key.rsa.public_key(), remise.clock.now())
    assert head.key_id == f"{remise.remise.uri}#main-key"
    assert asked.headers["content-type"] == "application/activity+json"


async def test_who_refuses_both_schemes_has_refused(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    amel.server.inbox_reply = lambda asked: Reply(403)
    amel.server.asked.clear()
    await say(remise, to=[amel.uri])

    await remise.deliver()

    assert await states(remise) == [("host0.example", "dead")]
    assert [scheme_of(asked) for asked in amel.server.asked] == ["cavage", "rfc9421"]


async def test_both_knocks_have_one_deadline(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)

    def slowly(asked: Asked) -> Reply:
        # The time that the first knock took is gone when the second begins.
        remise.clock.advance(round(DEADLINE_S * 1000))
        return Reply(401)

    amel.server.inbox_reply = slowly
    await say(remise, to=[amel.uri])

    await remise.deliver()

    (row,) = await queue(remise)
    assert (row.state, row.status) == ("waiting", None)
