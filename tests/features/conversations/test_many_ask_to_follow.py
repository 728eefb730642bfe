"""Ten thousand who ask to follow are no ten thousand notices, and not all of them are kept (A102)."""

from fedishare.features.people import store as people
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.following import operations
from fedishare.federation.following import store as following
from fedishare.federation.following.inbox import MOST_WAITING
from fedishare.federation.following.model import State
from fedishare.federation.following.own_changes import update_profile
from fedishare.federation.vocabulary.actor import read_actor
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here
from tests.engines import on_each_engine
from tests.features.conversations.test_reactions_and_notices import notices
from tests.features.town import Town
from tests.remote import Json


async def locks(town: Town, actor: Actor) -> Actor:
    """They answer each one who asks to follow."""
    return await town.db.write(
        update_profile,
        actor,
        display_name=actor.display_name,
        summary="",
        approves_followers=True,
        discoverable=True,
        indexable=True,
        here=town.here,
        now=town.now,
    )


@on_each_engine
async def test_many_who_ask_are_one_notice_until_it_is_read(town: Town) -> None:
    amel = await locks(town, town.amel)
    server = town.house.network.server("mastodon.example")
    for number in range(3):
        asking = server.person(f"person{number}")
        await town.gets(asking, asking.activity("Follow", amel.uri))

    (notice,) = await notices(town, amel)

    assert (notice.kind, notice.actor_local_name) == ("follow_request", "person0")
    assert len(await town.db.read(following.followers, amel.id, state=State.PENDING)) == 3
    person = await town.db.read(people.person_of_login, amel.name)
    assert person is not None
    town.signs_in(amel, person_id=person.id)
    page = (await town.asks("/notifications", accept="text/html")).text
    assert 'href="/settings/followers"' in page


@on_each_engine
async def test_no_more_than_a_thousand_of_a_server_wait(town: Town) -> None:
    amel = await locks(town, town.amel)
    server = town.house.network.server("crowd.example")
    documents = [plain(server.url(f"/users/bot{number}")) for number in range(MOST_WAITING)]
    await town.db.write(ask, documents, amel, here=town.here, now=town.now)
    late, other = server.person("late"), town.house.network.server("mastodon.example").person("tomasz")

    refused = await town.gets(late, late.activity("Follow", amel.uri))
    taken = await town.gets(other, other.activity("Follow", amel.uri))

    assert refused == ("dropped", "too many of its server wait for an answer already")
    assert taken == ("applied", "")


def plain(uri: str) -> Json:
    name = uri.rpartition("/")[2]
    return {"id": uri, "type": "Person", "preferredUsername": name, "inbox": f"{uri}/inbox"}


async def ask(tx: Tx, documents: list[Json], followed: Actor, *, here: Here, now: Instant) -> None:
    """As if each of them had asked."""
    for document in documents:
        bot = await actors.save_remote(tx, read_actor(document, now), here=here, now=now)
        asked = operations.asked(None, bot, followed, uri=f"{bot.uri}/follow", signed_at=now, here=here, now=now)
        await following.save(tx, asked)
