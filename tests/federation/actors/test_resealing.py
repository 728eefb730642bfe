"""Private keys move to another master secret, all of them, also when somebody pulled the plug in between."""

import pytest

from fedishare.federation.actors import resealing, store
from fedishare.federation.signatures.keys import opened
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.errors import Misconfigured
from fedishare.foundation.values.secrets import Secret
from tests import tables
from tests.engines import on_each_engine
from tests.house import SECRET, house

NEW = SECRET.replaced_by(b"n" * 32)
ALONE = Secret(b"n" * 32)


async def seals(database: Database) -> list[bool]:
    rows = await tables.ask(database, "select private_sealed from key where private_sealed is not null order by id")
    return [ALONE.sealed_here("actor-keys", bytes(sealed)) for (sealed,) in rows]


@on_each_engine
async def test_every_key_opens_with_the_new_secret_alone(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resealing, "AT_ONCE", 3)
    async with house(database) as remise:
        amel = await remise.lives("amel")
        await remise.lives("nadia")
        before = await seals(database)

        count = await resealing.reseal_all(database, NEW)

        assert len(before) > 3, "more than one transaction"
        assert (count, set(before), set(await seals(database))) == (len(before), {False}, {True})
        key = await database.read(store.private_key, amel.id)
        assert opened(key, ALONE).id == key.uri
        with pytest.raises(Misconfigured):
            opened(key, SECRET)
        assert await tables.ask(database, "select value from setting where name = 'secret_verifier'") == [
            (ALONE.verifier,)
        ]


@on_each_engine
async def test_what_was_interrupted_goes_on_where_it_was(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resealing, "AT_ONCE", 2)
    async with house(database) as remise:
        await remise.lives("amel")
        await remise.lives("nadia")
        (damaged,) = (await tables.ask(database, "select max(id) from key where private_sealed is not null"))[0]
        (kept,) = (await tables.ask(database, "select private_sealed from key where id = :id", id=damaged))[0]
        await tables.change(database, "update key set private_sealed = :sealed where id = :id", sealed=b"?", id=damaged)

        with pytest.raises(Misconfigured):
            await resealing.reseal_all(database, NEW)

        assert True in await seals(database)
        assert not await tables.ask(database, "select value from setting where name = 'secret_verifier'")
        await tables.change(database, "update key set private_sealed = :sealed where id = :id", sealed=kept, id=damaged)
        left = (await seals(database)).count(False)
        assert await resealing.reseal_all(database, NEW) == left > 0
        assert set(await seals(database)) == {True}
