"""Whose instance it is: what `init` writes down, for tests that know no people."""

from pathlib import Path

from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.queries import parse
from tests.house import House

SETTING = parse("-- belongs_to\ninsert into setting (name, value) values ('association', :name)", source=Path(__file__))


async def belongs_to(house: House, name: str) -> None:
    """From now on the association is the actor of this name."""
    await house.db.write(_belongs_to, name)


async def _belongs_to(tx: Tx, name: str) -> None:
    await tx.run(SETTING["belongs_to"], name=name)
