"""Which servers and actors we speak with: one verdict, asked at the door, by the fetcher, by the outbox, by the store.

Source: WIRE.md "Instances" (modes; allow, limit, block), HOUSE.md "Visibility". A rule about a host holds for every
name below it, and the most particular one counts; a rule about an actor can only be stricter than that of its host.
Inside a transaction `verdict` reads the tables; everybody else asks a `Guard`, which keeps them in memory. Changing
the rules: `ruling.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache, partial

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from fedishare.federation.vocabulary.origins import canonical, host
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.db.queries import load
from fedishare.foundation.db.recalling import Recalling
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import N_, Untrusted
from fedishare.foundation.values.here import Here

sql = load(__file__, "domains.sql")

WAKE = "policy"


class Verdict(StrEnum):
    """`limit`: heard, but without media and without notices. `block`: nothing comes in, goes out or is asked for."""

    ALLOW = "allow"
    LIMIT = "limit"
    BLOCK = "block"


class Rule(Struct, frozen=True, kw_only=True):
    """A decision, as administrators keep it. `comment` is for everybody, `note` for them alone."""

    subject: str
    severity: Verdict
    comment: str = ""
    note: str = ""
    created_at: Instant = Instant(0)


class Known(Struct, frozen=True, kw_only=True):
    """Rules by their subject, and the hosts of partners."""

    rules: Mapping[str, Verdict] = {}
    partners: frozenset[str] = frozenset()


class _Row(Struct, frozen=True):
    name: str
    word: str


_STRICTNESS = (Verdict.ALLOW, Verdict.LIMIT, Verdict.BLOCK)
_PARTNER = "partner"
_REMEMBERED = 4_096


def judge(known: Known, here: Here, name: str) -> Verdict:
    """What `known` says of a host or of an id. What is neither is blocked."""
    try:
        uri, hosts = _subjects(name)
    except ValueError:
        return Verdict.BLOCK
    if uri and here.owns(uri):
        return Verdict.ALLOW
    of_host = next((known.rules[one] for one in hosts if one in known.rules), None)
    if here.partners_only and of_host is not Verdict.ALLOW and hosts[0] not in known.partners:
        return Verdict.BLOCK
    of_actor = known.rules.get(uri, Verdict.ALLOW)
    return max(of_host or Verdict.ALLOW, of_actor, key=_STRICTNESS.index)


def judge_actor(known: Known, here: Here, uri: str, domain: str) -> Verdict:
    """Of somebody by their id and by the domain of their handle, which may be another (INTEROP A.1): administrators see
    handles. The stricter of the two; but whose partner somebody is, their id alone says."""
    of_id = judge(known, here, uri)
    of_handle = judge(known, replace(here, partners_only=False) if here.partners_only else here, domain)
    return max(of_id, of_handle, key=_STRICTNESS.index)


async def verdict_of(read: Read, uri: str, domain: str, *, here: Here) -> Verdict:
    """About somebody with this id, and this domain in their handle."""
    return judge_actor(await _known_about(read, [uri, domain]), here, uri, domain)


async def verdict(read: Read, name: str, *, here: Here) -> Verdict:
    """About a host, or an id (an actor's, an inbox's): for whoever holds a transaction."""
    return (await verdicts(read, [name], here=here))[name]


async def verdicts(read: Read, names: Iterable[str], *, here: Here) -> dict[str, Verdict]:
    """About each of them, in one look at the tables."""
    wanted = list(dict.fromkeys(names))
    known = await _known_about(read, wanted)
    return {name: judge(known, here, name) for name in wanted}


async def foresee(tx: Recalling, questions: Iterable[Iterable[str]]) -> None:
    """Whoever asks for the verdicts of the names of one of these questions has the answer already."""
    asked = {_question(subjects): subjects for names in questions if (subjects := _subjects_of(names))}
    all_of_them = {subject for subjects in asked.values() for subject in subjects}
    rows = await _rules_about(tx, all_of_them)
    answers = (({"names": question}, [row for row in rows if row.name in asked[question]]) for question in asked)
    tx.learn("all", _Row, sql.rules_about, answers)


async def _known_about(read: Read, names: Iterable[str]) -> Known:
    return _known(await _rules_about(read, _subjects_of(names)))


async def _rules_about(read: Read, subjects: set[str]) -> list[_Row]:
    return await read.all(_Row, sql.rules_about, names=_question(subjects)) if subjects else []


def _subjects_of(names: Iterable[str]) -> set[str]:
    return {subject for name in names for subject in _named(name)}


def _question(subjects: Iterable[str]) -> str:
    return msgspec.json.encode(sorted(subjects)).decode()


async def everything(read: Read) -> Known:
    return _known(await read.all(_Row, sql.every_rule))


async def listing(read: Read) -> list[Rule]:
    return await read.all(Rule, sql.listing)


async def let_in(tx: Tx, host_name: str) -> None:
    """A partner's server, or one that was asked to be: it is spoken with in the mode "partners"."""
    await tx.run(sql.let_in, host=host_name)
    tx.wake(WAKE)


async def let_go(tx: Tx, host_name: str) -> None:
    """No partner any more."""
    await tx.run(sql.let_go, host=host_name)
    tx.wake(WAKE)


def refused(name: str) -> Untrusted:
    """The trouble with asking somebody who is blocked."""
    try:
        host_name = _subjects(name)[1][0]
    except ValueError:
        host_name = repr(name[:100])
    return Untrusted(N_("this instance does not speak with %(host)s"), host=host_name)


class Guard:
    """The rules in the memory of one process, read again after a change here or in another process."""

    def __init__(self, db: Database, here: Here) -> None:
        self._db = db
        self._here = here
        self._kept: Known | None = None
        self._changes = 0
        db.on_wake(WAKE, self._forget)

    async def verdict(self, name: str) -> Verdict:
        """About a host, or an id."""
        return judge(self._kept or await self._read(), self._here, name)

    async def verdict_of(self, uri: str, domain: str) -> Verdict:
        """About somebody with this id, and this domain in their handle."""
        return judge_actor(self._kept or await self._read(), self._here, uri, domain)

    async def current(self) -> Callable[[str], Verdict]:
        """The rules of this moment, for somebody who cannot wait while asking."""
        return partial(judge, self._kept or await self._read(), self._here)

    async def check(self, *names: str) -> None:
        """Raises Untrusted when one of them is blocked."""
        for name in names:
            if await self.verdict(name) is Verdict.BLOCK:
                raise refused(name)

    async def _read(self) -> Known:
        changes = self._changes
        known = await self._db.read(everything)
        if changes == self._changes:  # else it was read before a change and must not be kept
            self._kept = known
        return known

    def _forget(self) -> None:
        self._kept = None
        self._changes += 1


def _known(rows: Iterable[_Row]) -> Known:
    rules: dict[str, Verdict] = {}
    partners = set()
    for row in rows:
        if row.word == _PARTNER:
            partners.add(row.name)
        else:
            rules[row.name] = Verdict(row.word)
    return Known(rules=rules, partners=frozenset(partners))


def _named(name: str) -> list[str]:
    try:
        uri, hosts = _subjects(name)
    except ValueError:
        return []
    return [uri, *hosts] if uri else list(hosts)


@lru_cache(maxsize=_REMEMBERED)
def _subjects(name: str) -> tuple[str, tuple[str, ...]]:
    """The id ('' for a host), and its host with every name above, the most particular first. Raises ValueError."""
    uri = canonical(name) if "://" in name else ""
    authority = host(uri) if uri else host(f"https://{name}/")
    bare = authority if authority.startswith("[") else authority.partition(":")[0]
    labels = [bare] if bare.startswith("[") or bare.replace(".", "").isdigit() else bare.split(".")
    above = [".".join(labels[start:]) for start in range(len(labels))]
    return uri, tuple(dict.fromkeys([authority, *above]))
