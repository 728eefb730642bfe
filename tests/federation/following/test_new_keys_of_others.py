"""Somebody elsewhere gets new keys and says so with the old one (INTEROP B.7)."""

from fedishare.federation.actors import store as actors
from fedishare.federation.signatures.keys import PrivateKey
from fedishare.foundation.values.clock import MINUTE
from tests.engines import on_each_engine
from tests.federation.following.town import REMISE, Town
from tests.remote import Json, Person, Reply, rsa_key, with_key


def renewed(person: Person) -> tuple[PrivateKey, Json]:
    """Their next key, and themselves with it."""
    newer = PrivateKey(id=f"{person.uri}#key-2", rsa=rsa_key(7))
    return newer, with_key(person.document, newer)


@on_each_engine
async def test_what_the_old_key_says_of_the_new_one_is_believed(lille: Town) -> None:
    await lille.meet(lille.amel)
    newer, document = renewed(lille.amel)
    lille.amel.server.serve("/users/amel", Reply(503))

    assert await lille.hear(lille.amel, lille.amel.activity("Update", document)) == "applied"

    # From here on the new key alone signs for them, and nobody had to be asked.
    lille.house.clock.advance(2 * MINUTE)
    former, lille.amel.key = lille.amel.key, newer
    assert await lille.hear(lille.amel, lille.amel.activity("Follow", REMISE)) == "applied"
    assert await lille.house.db.read(actors.key_of, former.id) is None


@on_each_engine
async def test_old_key_that_was_replaced_signs_nothing_more(lille: Town) -> None:
    await lille.meet(lille.amel)
    newer, document = renewed(lille.amel)
    lille.amel.server.serve("/users/amel", document)
    await lille.hear(lille.amel, lille.amel.activity("Update", document))
    lille.house.clock.advance(2 * MINUTE)

    follow = lille.amel.activity("Follow", REMISE)
    answer = await lille.amel.post(lille.house.inbox, follow, now=lille.house.clock.now())

    assert answer.status_code == 401
    lille.amel.key = newer
    assert await lille.hear(lille.amel, follow) == "applied"


async def test_new_key_that_was_not_announced_is_looked_up(lille: Town) -> None:
    await lille.meet(lille.amel)
    newer, document = renewed(lille.amel)
    lille.amel.server.serve("/users/amel", document)

    lille.amel.key = newer
    assert await lille.hear(lille.amel, lille.amel.activity("Follow", REMISE)) == "applied"


async def test_nobody_announces_keys_for_another(lille: Town) -> None:
    await lille.meet(lille.amel)
    _, document = renewed(lille.amel)

    assert await lille.hear(lille.tomasz, lille.tomasz.activity("Update", document)) == "dropped"

    assert await lille.house.db.read(actors.key_of, lille.amel.key.id) is not None
    assert await lille.house.db.read(actors.key_of, f"{lille.amel.uri}#key-2") is None
