"""Profiles elsewhere change and end, on their owner's word alone; ours are told to everybody."""

from fedishare.federation.actors import store as actors
from fedishare.federation.following import own_changes, store
from fedishare.federation.following.model import State
from fedishare.foundation.values.clock import MINUTE
from tests.engines import on_each_engine
from tests.federation.following.town import NADIA, REMISE, Town


@on_each_engine
async def test_update_changes_the_profile(lille: Town) -> None:
    await lille.meet(lille.amel)
    document = {**lille.amel.document, "name": "Amel B.", "summary": "<p>Vélos<script>x()</script></p>"}

    outcome = await lille.hear(lille.amel, lille.amel.activity("Update", document))

    amel = await lille.actor(lille.amel.uri)
    assert outcome == "applied"
    assert (amel.display_name, amel.summary) == ("Amel B.", "<p>Vélos</p>")


async def test_update_without_a_key_keeps_the_key(lille: Town) -> None:
    await lille.meet(lille.amel)
    document = {name: value for name, value in lille.amel.document.items() if name != "publicKey"}

    await lille.hear(lille.amel, lille.amel.activity("Update", {**document, "name": "Amel B."}))

    assert await lille.house.db.read(actors.key_of, lille.amel.key.id) is not None
    assert (await lille.actor(lille.amel.uri)).display_name == "Amel B."


async def test_update_by_another_changes_nothing(lille: Town) -> None:
    """A moderator's Update of a group too: who it is shows at the next look (Lemmy, Mobilizon)."""
    await lille.meet(lille.amel)
    eve = lille.amel.server.person("eve")

    for stranger in (eve, lille.tomasz):
        forged = stranger.activity("Update", {**lille.amel.document, "name": "Eve"})
        assert await lille.hear(stranger, forged) == "dropped"

    assert (await lille.actor(lille.amel.uri)).display_name == "Amel"


async def test_update_that_makes_no_actor_changes_nothing(lille: Town) -> None:
    """A081."""
    await lille.meet(lille.amel)
    no_inbox = {**lille.amel.document, "name": "X", "inbox": "https://victim.example/inbox"}
    note = {**lille.amel.document, "name": "X", "type": "Note", "attributedTo": lille.amel.uri}

    assert await lille.hear(lille.amel, lille.amel.activity("Update", no_inbox)) == "dropped"
    assert await lille.hear(lille.amel, lille.amel.activity("Update", note)) == "dropped"
    assert (await lille.actor(lille.amel.uri)).display_name == "Amel"


@on_each_engine
async def test_delete_erases_the_profile_and_ends_every_follow(lille: Town) -> None:
    await lille.hear(lille.amel, lille.amel.activity("Follow", REMISE))

    outcome = await lille.hear(lille.amel, lille.amel.activity("Delete", lille.amel.uri))

    left = await lille.actor(lille.amel.uri)
    assert outcome == "applied"
    assert (left.display_name, left.deleted_at) == ("", lille.house.clock.now())
    assert await lille.state(lille.amel.uri, REMISE) is State.UNDONE
    assert (await lille.house.db.read(store.counts, (await lille.actor(REMISE)).id)).followers == 0


async def test_delete_by_another_erases_nobody(lille: Town) -> None:
    await lille.meet(lille.amel)
    eve = lille.amel.server.person("eve")

    await lille.hear(eve, eve.activity("Delete", lille.amel.uri))

    assert (await lille.actor(lille.amel.uri)).deleted_at is None
    assert (await lille.actor(eve.uri)).deleted_at is None


async def test_our_changed_profile_is_told_with_the_same_key(lille: Town) -> None:
    """Mastodon drops every follower of an actor that comes without its key (INTEROP D.14)."""
    await lille.hear(lille.amel, lille.amel.activity("Follow", REMISE))
    before = await lille.house.db.read(actors.keys_of, (await lille.actor(REMISE)).id)
    lille.house.clock.advance(MINUTE)

    await lille.house.db.write(
        own_changes.update_profile,
        await lille.actor(REMISE),
        display_name="La Remise de Wazemmes",
        summary="<p>Outils</p>",
        approves_followers=False,
        discoverable=True,
        indexable=True,
        here=lille.house.here,
        now=lille.house.clock.now(),
    )

    # The answer to the follow is about something else, and may arrive after it.
    (update,) = [letter for letter in await lille.sent(lille.amel) if letter["type"] == "Update"]
    assert update["object"]["name"] == "La Remise de Wazemmes"
    assert update["object"]["publicKey"]["publicKeyPem"] == before[0].public_pem


async def test_who_leaves_is_announced_once_to_every_server_known(lille: Town) -> None:
    for person in (lille.amel, lille.amel.server.person("eve"), lille.tomasz):
        await lille.meet(person)

    await lille.house.db.write(
        own_changes.leave, await lille.actor(NADIA), here=lille.house.here, now=lille.house.clock.now()
    )

    for person in (lille.amel, lille.tomasz):
        assert [(one["type"], one["object"]) for one in await lille.sent(person)] == [("Delete", NADIA)]
    assert (await lille.actor(NADIA)).deleted_at is not None
