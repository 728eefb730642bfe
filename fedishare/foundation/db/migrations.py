"""Brings a database to the schema of this release: forward only, a step and its row in one transaction.

SECURITY 3.3 "Migrations". A killed run is simply run again; two runs at once wait for each other. Before it touches
an SQLite file that holds something, it keeps a copy beside it. Nothing calls this by itself: `db migrate`, `--migrate`.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fedishare.foundation.db.address import engine_of, file_of
from fedishare.foundation.db.postgres_schema import PostgresSchema
from fedishare.foundation.db.sqlite_schema import SqliteSchema
from fedishare.foundation.db.steps import Done, Step, shipped_folder, steps_in
from fedishare.foundation.values.clock import Clock, SystemClock
from fedishare.foundation.values.crashing import reached
from fedishare.foundation.values.errors import N_, Misconfigured

Schema = SqliteSchema | PostgresSchema
Say = Callable[[str, Mapping[str, Any]], None]
"""Called with a msgid and the values of its places: `lambda text, values: terminal.say(_(text) % values)`."""


async def migrate(url: str, *, say: Say, folder: Path | None = None, clock: Clock | None = None) -> int:
    """Apply what is missing; gives how many steps that was.

    Raises Misconfigured when the database is newer than this release, when a step it holds was edited since, or when
    it cannot be opened; Busy when it is locked or its disk is full: then the steps that were told are done.
    """
    clock = clock or SystemClock()
    steps = steps_in(folder or shipped_folder(), engine_of(url))
    async with _opened(url) as schema:
        await schema.lock()
        reached("migrating.locked")
        done = await schema.done()
        missing = _missing(steps, done)
        if done and missing:
            kept = await schema.snapshot(missing[0].version)
            reached("migrating.copied")
            if kept:
                say(N_("Kept a copy of the database as it was: %(path)s"), {"path": kept})
            else:
                say(N_("PostgreSQL keeps no copy by itself. Should you need one, stop now and run pg_dump."), {})
        for step in missing:
            reached("migrating.step.before")
            await schema.apply(step, clock.now())
            reached("migrating.step.after")
            say(N_("Applied %(version)s %(name)s."), {"version": f"{step.version:04}", "name": step.name})
    return len(missing)


async def pending(url: str, *, folder: Path | None = None) -> list[Step]:
    """The steps that are missing, oldest first; changes nothing. Raises Misconfigured as `migrate` does."""
    engine = engine_of(url)
    steps = steps_in(folder or shipped_folder(), engine)
    if engine == "sqlite" and not file_of(url).exists():
        return steps
    async with _opened(url) as schema:
        return _missing(steps, await schema.done())


async def version(url: str) -> int:
    """Of the last step the database holds; 0 when it holds none."""
    if engine_of(url) == "sqlite" and not file_of(url).exists():
        return 0
    async with _opened(url) as schema:
        return max(await schema.done(), default=0)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Schema]:
    schema: Schema = SqliteSchema(url) if engine_of(url) == "sqlite" else await PostgresSchema.open(url)
    try:
        yield schema
    finally:
        await schema.close()


def _missing(steps: list[Step], done: Mapping[int, Done]) -> list[Step]:
    newest, known = max(done, default=0), max((step.version for step in steps), default=0)
    if newest > known:
        raise Misconfigured(
            f"the database is at version {newest}, this release knows {known}. "
            "Run the release that wrote it, or a later one."
        )
    for step in steps:
        if step.version in done and done[step.version].checksum != step.checksum:
            raise Misconfigured(
                f"migration {step.version:04}_{step.name} is not the one the database was made with. "
                "Bring the original file back: what is released is never edited, only followed by a new step."
            )
    return [step for step in steps if step.version not in done]
