"""What grows on an instance, row by row: followers, partners, proposals, both queues, and what was done with.

Written by the database itself, the same each time, into a database that is set up; each kind grows from one number to
a larger one, so that a million is seeded once. Nothing here goes through the package: a row is what it is on the disk.
"""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any

import asyncpg

NUMBERS = {
    "sqlite": "with recursive series(n) as (select {low} union all select n + 1 from series where n < {high}) ",
    "postgres": "with series(n) as (select generate_series({low}::bigint, {high}::bigint)) ",
}
MARK = {"sqlite": "cast(printf('%016d', n) as blob)", "postgres": "decode(lpad(to_hex(n), 32, '0'), 'hex')"}
"""Sixteen bytes, others for each row."""
BYTES = {"sqlite": "cast('{}' as blob)", "postgres": "convert_to('{}', 'UTF8')"}

BEGUN = 1_704_067_200_000
"""2024-01-01, in milliseconds: before anything that a test says itself."""
A_SERVER = 20
"""Followers, listings and deliveries come from so many of one server."""
OWNERS = 20

FIRST = {"followers": 10**14, "partners": 2 * 10**14, "owners": 3 * 10**14, "said": 4 * 10**14}
"""Ids below every id of today; those of proposals and of the queues begin higher."""
LISTED, ARRIVED, TOLD = 10**15, 11 * 10**14, 12 * 10**14
REMISE, FOLLOWERS, LETTERS = 10**13, 10**13, 14 * 10**14

Columns = Mapping[str, str]


def actor(first: int, host: str, name: str, *, kind: str, speaks: str) -> Columns:
    """`host` and `name` are expressions of `n`."""
    base = f"'https://' || {host}"
    return {
        "id": f"{first} + n",
        "uri": f"{base} || '/users/' || {name}",
        "local": "false",
        "kind": f"'{kind}'",
        "name": name,
        "domain": host,
        "display_name": f"'Voisine ' || {name}",
        "summary": "''",
        "page_url": f"{base} || '/@' || {name}",
        "inbox": f"{base} || '/users/' || {name} || '/inbox'",
        "shared_inbox": f"{base} || '/inbox'",
        "followers": f"{base} || '/users/' || {name} || '/followers'",
        "approves_followers": "false",
        "discoverable": "true",
        "indexable": "true",
        "speaks_fedishare": speaks,
        "created_at": "0",
        "fetched_at": "{now}",
    }


def host(name: str) -> Columns:
    return {
        "host": name,
        "failures": "0",
        "open_until": "0",
        "last_success_at": f"{BEGUN}",
        "last_heard_at": f"{BEGUN}",
        "scheme": "'cavage'",
        "software": "'mastodon'",
    }


def follow(first: int, follower: str, followed: str) -> Columns:
    return {
        "id": f"{first} + n",
        "uri": f"'https://follows.example/' || ({first} + n)",
        "follower_id": follower,
        "followed_id": followed,
        "state": "'accepted'",
        "signed_at": f"{BEGUN}",
        "created_at": f"{BEGUN}",
    }


A_FOLLOWER, A_PARTNER = f"{FIRST['followers']} + n", f"{FIRST['partners']} + n"
ITS_SERVER = f"'f' || ((n - 1) / {A_SERVER}) || '.example'"
Table = tuple[str, str, Columns]
"""Its name, which of the numbers have a row in it, and the columns of that."""

GROWING: Mapping[str, list[Table]] = {
    "followers": [
        ("actor", "true", actor(FIRST["followers"], ITS_SERVER, "'u' || n", kind="Person", speaks="false")),
        ("host", f"n % {A_SERVER} = 1", host(ITS_SERVER)),
        ("follow", "true", follow(FIRST["followers"], A_FOLLOWER, "{remise}")),
        ("follow", "n % 2 = 0", follow(FIRST["followers"] + 10**13, "{remise}", A_FOLLOWER)),
        ("circle_member", "true", {"circle_id": "{followers}", "actor_id": A_FOLLOWER}),
    ],
    "partners": [
        (
            "actor",
            "true",
            actor(FIRST["partners"], "'p' || n || '.example'", "'asso'", kind="Organization", speaks="true"),
        ),
        ("host", "true", host("'p' || n || '.example'")),
        ("follow", "true", follow(FIRST["partners"], A_PARTNER, "{remise}")),
        ("follow", "true", follow(FIRST["partners"] + 10**13, "{remise}", A_PARTNER)),
        ("circle_member", "true", {"circle_id": "3", "actor_id": A_PARTNER}),
        ("circle_member", "true", {"circle_id": "{followers}", "actor_id": A_PARTNER}),
        (
            "partner",
            "true",
            {
                "actor_id": A_PARTNER,
                "state": "'partner'",
                "by_us": "false",
                "offer_uri": "'https://p' || n || '.example/offers/1'",
                "signed_at": f"{BEGUN}",
                "changed_at": f"{BEGUN} + n",
                "created_at": f"{BEGUN}",
            },
        ),
    ],
    "proposals": [
        (
            "actor",
            f"n <= {OWNERS}",
            actor(FIRST["owners"], "'ruche.example'", "'asso' || n", kind="Organization", speaks="true"),
        ),
        (
            "object",
            "true",
            {
                "id": f"{LISTED} + n",
                "uri": f"'https://ruche.example/proposals/' || ({LISTED} + n)",
                "kind": "'Proposal'",
                "owner_id": f"{FIRST['owners']} + (n - 1) % {OWNERS} + 1",
                "circle_id": "1",
                "json": "'{{}}'",
                "published_at": f"{BEGUN} + n * 60000",
                "updated_at": f"{BEGUN} + n * 60000",
            },
        ),
        (
            "proposal",
            "true",
            {
                "id": f"{LISTED} + n",
                "uri": f"'https://ruche.example/proposals/' || ({LISTED} + n)",
                "origin": "'ruche.example'",
                "owner_id": f"{FIRST['owners']} + (n - 1) % {OWNERS} + 1",
                "circle_id": "1",
                "purpose": "case n % 3 when 0 then 'request' else 'offer' end",
                "action": "'use'",
                "title": "'Vélo cargo numéro ' || n",
                "source": "''",
                "content": "'<p>À venir chercher sur place, merci de prévenir la veille.</p>'",
                "category": "case n % 5 when 0 then 'tools' else 'transport' end",
                "place_name": "'Lille'",
                "quantity": "'1'",
                "unit": "'one'",
                "conditions": "''",
                "state": "case n % 10 when 0 then 'closed' else 'open' end",
                "language": "'fr'",
                "page_url": f"'https://ruche.example/@asso' || ((n - 1) % {OWNERS} + 1) || '/' || n",
                "live": "true",
                "published_at": f"{BEGUN} + n * 60000",
                "updated_at": f"{BEGUN} + n * 60000",
                "sent_at": "0",
            },
        ),
    ],
}


def arrived(state: str, first: int) -> Columns:
    """An activity that waits, or one that was done with."""
    origin = f"'https://f' || ((n - 1) / {A_SERVER}) || '.example'"
    return {
        "id": f"{first} + n",
        "uri": f"{origin} || '/activities/' || ({first} + n)",
        "type": "'Like'",
        "actor_uri": f"{origin} || '/users/u' || n",
        "signer_uri": f"{origin} || '/users/u' || n",
        "origin": origin,
        "body": "{bytes}",
        "digest": "'sha-256=' || n",
        "signed_at": f"{BEGUN}",
        "received_at": f"{BEGUN} + n",
        "state": f"'{state}'",
        "attempts": "0" if state == "waiting" else "1",
        "due_at": f"{BEGUN} + n",
        "lease_until": "0",
        "outcome": "''",
    }


def told(state: str, first: int) -> Columns:
    """A delivery of one of the activities that a hundred of them share."""
    return {
        "id": f"{first} + n",
        "activity_id": f"{FIRST['said']} + (n - 1) / 100 * 100 + 1",
        "host": ITS_SERVER,
        "inbox": f"'https://' || {ITS_SERVER} || '/inbox/{state}/' || n",
        "topic": "'https://share.example/proposals/' || n",
        "state": f"'{state}'",
        "attempts": "0" if state == "waiting" else "1",
        "due_at": f"{BEGUN} + n",
        "lease_until": "0",
        "outcome": "''",
        "created_at": f"{BEGUN} + n",
    }


SAID: Table = (
    "activity_out",
    "n % 100 = 1",
    {
        "id": f"{FIRST['said']} + n",
        "uri": f"'https://share.example/activities/' || ({FIRST['said']} + n)",
        "actor_id": "{remise}",
        "type": "'Update'",
        "object_uri": "'https://share.example/proposals/' || n",
        "circle_id": "1",
        "json": "'{{}}'",
        "created_at": f"{BEGUN}",
    },
)
ANSWERED, A_THREAD = 13 * 10**14, 5
"""Answers, five of them under each listing."""
THREAD = f"{LISTED} + (n - 1) / {A_THREAD} + 1"
ITS_URI = f"'https://reponses.example/notes/' || ({ANSWERED} + n)"
SOMEBODY = f"{FIRST['followers']} + n % 5000 + 1"
"""One of many: these rows go with followers."""
ITS_OBJECT: Columns = {
    "id": f"{ANSWERED} + n",
    "uri": ITS_URI,
    "kind": "'Note'",
    "owner_id": SOMEBODY,
    "circle_id": "1",
    "json": "'{{}}'",
    "published_at": f"{BEGUN} + n",
    "updated_at": f"{BEGUN} + n",
}
POST: Columns = {
    "id": f"{ANSWERED} + n",
    "uri": ITS_URI,
    "author_id": SOMEBODY,
    "circle_id": f"case n % 2 when 0 then 1 else {LETTERS} + n % 5000 + 1 end",
    "thread_id": THREAD,
    "proposal_id": THREAD,
    "content": "'<p>Bonjour, est-ce encore disponible ?</p>'",
    "source": "''",
    "warning": "''",
    "language": "'fr'",
    "page_url": ITS_URI,
    "state": "'shown'",
    "published_at": f"{BEGUN} + n",
    "updated_at": f"{BEGUN} + n",
}
REACTION: Columns = {
    "id": f"{ANSWERED} + n",
    "kind": "'like'",
    "actor_id": SOMEBODY,
    "object_uri": f"'https://ruche.example/proposals/' || ({LISTED} + n)",
    "uri": "'https://reponses.example/likes/' || n",
    "created_at": f"{BEGUN} + n",
}
KINDS: Mapping[str, list[Table]] = {
    **GROWING,
    "letters": [
        ("circle", "true", {"id": f"{LETTERS} + n", "kind": "'direct'"}),
        ("circle_member", "true", {"circle_id": f"{LETTERS} + n", "actor_id": "{remise}"}),
        ("circle_member", "true", {"circle_id": f"{LETTERS} + n", "actor_id": SOMEBODY}),
    ],
    "posts": [("object", "true", ITS_OBJECT), ("post", "true", POST), ("reaction", "true", REACTION)],
    "inbox": [("activity_in", "true", arrived("waiting", ARRIVED))],
    "deliveries": [
        SAID,
        ("delivery", "true", told("waiting", TOLD)),
        ("host", f"n % {A_SERVER} = 1", {**host(ITS_SERVER), "due_at": f"{BEGUN} + n"}),
    ],
    "done": [
        ("activity_in", "true", arrived("applied", ARRIVED + 10**13)),
        ("applied", "true", {"said": "{mark}", "type": "'Like'", "digest": "{mark}", "applied_at": f"{BEGUN} + n"}),
        SAID,
        ("delivery", "true", told("done", TOLD + 10**13)),
    ],
}


def statements(engine: str, kind: str, low: int, high: int, *, remise: int, followers: int) -> Iterator[str]:
    """What adds the rows `low` to `high` of a kind. `remise` is the actor they have to do with."""
    given: dict[str, Any] = {"remise": remise, "followers": followers, "now": int(time.time() * 1000)}
    given |= {"mark": MARK[engine], "bytes": BYTES[engine]}
    numbers = NUMBERS[engine].format(low=low, high=high)
    for table, which, columns in KINDS[kind]:
        values = ", ".join(columns.values()).format(**given)
        ending = "on conflict do nothing" if table in ("host", "activity_out") else ""
        yield f"insert into {table} ({', '.join(columns)}) {numbers} select {values} from series where {which} {ending}"


def home(engine: str) -> Iterator[str]:
    """La Remise itself, where nobody has set it up: whoever all the others have to do with, and their circle."""
    given = {"now": int(time.time() * 1000)}
    columns = {**actor(REMISE - 1, "'share.example'", "'remise'", kind="Organization", speaks="true"), "local": "true"}
    values = ", ".join(columns.values()).format(**given)
    numbers = NUMBERS[engine].format(low=1, high=1)
    yield f"insert into actor ({', '.join(columns)}) {numbers} select {values} from series"
    yield f"insert into circle (id, kind, owner_id) values ({FOLLOWERS}, 'followers', {REMISE})"
    yield f"insert into circle_member (circle_id, actor_id) values ({FOLLOWERS}, {REMISE})"


async def whole(url: str, sizes: Mapping[str, int]) -> None:
    """A world of its own in an empty database, for plans alone."""
    await run(url, home("postgres" if url.startswith("postgres") else "sqlite"))
    for kind, size in sizes.items():
        await grow(url, kind, 0, size, remise=REMISE, followers=FOLLOWERS)


async def grow(url: str, kind: str, low: int, high: int, *, remise: int, followers: int) -> None:
    """Rows `low` + 1 to `high`. PostgreSQL has its statistics, which its own daemon sees to; SQLite has none."""
    engine = "postgres" if url.startswith("postgres") else "sqlite"
    if high > low:
        await run(url, statements(engine, kind, low + 1, high, remise=remise, followers=followers))


async def run(url: str, made: Iterable[str]) -> None:
    if url.startswith("postgres"):
        connection = await asyncpg.connect(url)
        try:
            for statement in [*made, "vacuum analyze"]:
                await connection.execute(statement, timeout=1_800)
        finally:
            await connection.close()
        return
    with closing(sqlite3.connect(url.removeprefix("sqlite://"), timeout=60)) as db, db:
        db.execute("pragma synchronous = off")
        for statement in made:
            db.execute(statement)
