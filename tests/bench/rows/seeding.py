"""Remote proposals by the million: written by the database itself, as many and the same each time.

Of two hundred associations: open, public, one a minute, each with its object and the words of a card.
Published one after the other, so that any page of a list has an address that can be computed.
"""

import asyncio
import sqlite3
import time
from contextlib import closing

import asyncpg

from tests.bench.rows.inbox import things_of
from tests.bench.rows.running import Bench
from tests.servers import Server

OWNERS = 200
BEGUN_MS = 1_704_067_200_000
"""2024-01-01."""
STEP_MS = 60_000
FIRST_ID = 10**15
"""Below every id of today, so that a new one never meets these."""
WORDS = "À venir chercher sur place, merci de prévenir la veille. Nous nous en servons peu, autant que cela serve. " * 4

NUMBERS = {
    "sqlite": "with recursive series(n) as (select 1 union all select n + 1 from series where n < {rows}) ",
    "postgres": "with series(n) as (select generate_series(1::bigint, {rows})) ",
}
OWNER = """
insert into actor (id, uri, local, kind, name, domain, display_name, summary, page_url, inbox, approves_followers,
  discoverable, indexable, speaks_fedishare, created_at, fetched_at)
{numbers} select n, 'https://ruche.example/users/asso' || n, {no}, 'Organization', 'asso' || n, 'ruche.example',
  'Association ' || n, '', 'https://ruche.example/@asso' || n, 'https://ruche.example/users/asso' || n || '/inbox',
  {no}, {yes}, {yes}, {yes}, 0, {now} from series
"""
OBJECT = """
insert into object (id, uri, kind, owner_id, circle_id, json, published_at, updated_at)
{numbers} select {first} + n, 'https://ruche.example/proposals/' || ({first} + n), 'Proposal',
  n % {owners} + 1, 1, '{{}}', {begun} + n * {step}, {begun} + n * {step} from series
"""
PROPOSAL = """
insert into proposal (id, uri, origin, owner_id, circle_id, purpose, action, title, source, content, category,
  place_name, quantity, unit, conditions, state, language, page_url, live, published_at, updated_at, sent_at)
{numbers} select {first} + n, 'https://ruche.example/proposals/' || ({first} + n),
  'ruche.example', n % {owners} + 1, 1, case n % 3 when 0 then 'request' else 'offer' end,
  'use', 'Vélo cargo numéro ' || n, '', '<p>{words}</p>', 'transport', 'Lille', '1', 'one', '', 'open', 'fr',
  'https://ruche.example/@asso' || (n % {owners} + 1) || '/' || ({first} + n), {yes}, {begun} + n * {step},
  {begun} + n * {step}, 0
from series
"""


def seeded(bench: Bench, engine: str) -> Server:
    """An instance with offers of its own and `bench.rows` of others."""

    def make() -> Server:
        town = bench.town("seeded", engine=engine)
        things_of(town, bench)
        seed(town, bench.rows)
        return town

    return bench.once(f"seeded-{engine}", make)


def seed(town: Server, rows: int) -> None:
    """Into an instance that is set up and does not run."""
    postgres = town.settings.get("FEDISHARE_DATABASE_URL")
    engine = "postgres" if postgres else "sqlite"
    given = {"yes": "true", "no": "false", "owners": OWNERS, "first": FIRST_ID, "begun": BEGUN_MS, "step": STEP_MS}
    given |= {"words": WORDS, "now": int(time.time() * 1000)}
    statements = [
        text.format(numbers=NUMBERS[engine].format(rows=count), **given)
        for text, count in ((OWNER, OWNERS), (OBJECT, rows), (PROPOSAL, rows))
    ]
    if postgres:
        asyncio.run(_in_postgres(postgres, statements))
        return
    with closing(sqlite3.connect(town.data / "fedishare.db")) as db, db:
        db.execute("pragma synchronous = off")
        for statement in [*statements, "analyze"]:
            db.execute(statement)


async def _in_postgres(url: str, statements: list[str]) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in [*statements, "vacuum analyze"]:
            await connection.execute(statement, timeout=600)
    finally:
        await connection.close()


def pages(rows: int, size: int, count: int, *, first: int = 0) -> list[str]:
    """Addresses of `count` pages of the list, each with other proposals, from the `first` on."""
    newest = [rows - (first + number) * size for number in range(count)]
    return [f"/search?before={BEGUN_MS + n * STEP_MS}-{FIRST_ID + n}" for n in newest if n > size]


def middle_page(rows: int, size: int) -> str:
    """Where somebody is who has turned the page until half of all was seen."""
    return pages(rows, size, 1, first=rows // size // 2)[0]
