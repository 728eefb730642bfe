"""What a process remembers of the rules, and what it says of a name that is none."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fedishare.federation.policy import domains, ruling
from fedishare.federation.policy.domains import Guard, Rule, Verdict
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.errors import Untrusted
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.ids import IdSource
from tests.clock import NOON
from tests.engines import on_each_engine

HERE = Here(base_url="https://share.example", handle_domain="share.example", ids=IdSource())
RULE = Rule(subject="liars.example", severity=Verdict.BLOCK)


class ReadingLong:
    """A database where something happens between what is read and who gets it."""

    def __init__(self, database: Database, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self._database = database
        self._meanwhile = meanwhile
        self.on_wake = database.on_wake

    async def read(self, what: Any) -> Any:
        found = await self._database.read(what)
        await self._meanwhile()
        return found


@on_each_engine
async def test_rules_read_before_a_change_are_forgotten_after_it(database: Database) -> None:
    async def decided() -> None:
        await database.write(ruling.decide, [RULE], here=HERE, now=NOON)

    guard = Guard(ReadingLong(database, decided), HERE)  # type: ignore[arg-type]  # all that a Guard uses of one

    assert await guard.verdict("liars.example") is Verdict.ALLOW, "needs to be read before to mean anything"
    assert await guard.verdict("liars.example") is Verdict.BLOCK


@on_each_engine
async def test_what_is_no_name_is_blocked_and_named_as_it_was_given(database: Database) -> None:
    for name in ("a b", "https://", "javascript:alert(1)"):
        assert await database.read(domains.verdict, name, here=HERE) is Verdict.BLOCK
        with pytest.raises(Untrusted) as refused:
            await Guard(database, HERE).check(name)
        assert repr(name) in str(refused.value)


@on_each_engine
async def test_whom_we_do_not_speak_with_is_named_by_their_server_alone(database: Database) -> None:
    await database.write(ruling.decide, [RULE], here=HERE, now=NOON)

    with pytest.raises(Untrusted) as refused:
        await Guard(database, HERE).check("https://good.example/", "https://deep.liars.example/users/secret")
    assert "deep.liars.example" in str(refused.value)
    assert "secret" not in str(refused.value)
