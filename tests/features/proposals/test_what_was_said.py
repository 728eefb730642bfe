"""Activities at their own address and in the outbox: as things are now, and nothing of what is gone or private."""

from fedishare.features.conversations import operations as conversations
from fedishare.features.proposals import operations
from tests.engines import on_each_engine
from tests.features.town import Town


async def addresses(town: Town, kind: str) -> list[str]:
    return [said["id"] for said in await town.said(town.amel) if said["type"] == kind]


@on_each_engine
async def test_create_shows_its_object_as_it_is_now(town: Town) -> None:
    drill = await town.publishes(town.amel)
    later = town.draft(title="Perceuse à percussion")
    by = [town.amel.id]
    await town.db.write(operations.edit, drill.id, later, by=by, tell_after_ms=600_000, here=town.here, now=town.now)

    (create,) = await addresses(town, "Create")

    assert "Perceuse à percussion" in (await town.asks(create)).json()["object"]["content"]
    (listed,) = (await town.asks("/users/amel/outbox?page=true")).json()["orderedItems"]
    assert "Perceuse à percussion" in listed["object"]["content"]


@on_each_engine
async def test_nothing_of_what_was_deleted_is_found_in_what_was_said(town: Town) -> None:
    drill = await town.publishes(town.amel)
    await town.db.write(operations.delete, drill.id, by=[town.amel.id], here=town.here, now=town.now)

    (create,) = await addresses(town, "Create")
    (delete,) = await addresses(town, "Delete")

    gone = await town.asks(create)
    assert (gone.status_code, gone.json()["type"], gone.json()["formerType"]) == (410, "Tombstone", "Create")
    assert (await town.asks(delete)).status_code == 200
    assert (await town.asks("/users/amel/outbox?page=true")).json()["orderedItems"] == []
    assert (await town.asks("/users/amel/outbox")).json()["totalItems"] == 0


@on_each_engine
async def test_what_was_said_to_one_alone_is_at_no_address(town: Town) -> None:
    await town.db.write(
        conversations.send_direct,
        "Entre nous.",
        by=town.amel,
        to=[town.nadia],
        language="fr",
        here=town.here,
        now=town.now,
    )

    (create,) = await addresses(town, "Create")

    assert (await town.asks(create)).status_code == 404
    assert (await town.asks("/users/amel/outbox")).json()["totalItems"] == 0
