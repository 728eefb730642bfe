"""Deciding about other servers and actors: the rules change, and whoever they concern is hidden or shown again.

Source: WIRE.md "Instances" ("in the fetcher, the store and the visibility predicate, not only at the inbox"). What is
kept of the blocked is not deleted: later rooms hear of `Blocked` and `Unblocked` and put it out of sight, end follows,
and forget what waits to be sent.
"""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from fedishare.federation.policy import domains
from fedishare.federation.policy.domains import Known, Rule, Verdict, judge_actor
from fedishare.federation.vocabulary.origins import canonical, host
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import N_, Conflict, Invalid, NotFound
from fedishare.foundation.values.here import Here

sql = load(__file__, "domains.sql")

LONGEST_COMMENT = 1_000


class Blocked(Struct, frozen=True, kw_only=True):
    """Fact: from now on nothing passes between these actors and us."""

    actor_ids: Sequence[int]
    now: Instant


class Unblocked(Struct, frozen=True, kw_only=True):
    """Fact: it does again. Follows that ended stay ended."""

    actor_ids: Sequence[int]


class NotOurselves(Conflict):
    slug = "not-ourselves"
    title = N_("This is the address of this very instance.")
    advice = N_("Rules are about other servers.")


class NoSuchRule(NotFound):
    slug = "no-such-rule"
    title = N_("There is no such rule.")
    advice = N_("`fedishare policy list` shows the rules.")


class _Elsewhere(Struct, frozen=True, kw_only=True):
    id: int
    uri: str
    domain: str


def subject_of(text: str) -> str:
    """A host or an actor's id in the form in which rules are kept; `*.example.org` is `example.org`. Raises Invalid."""
    named = text.strip()
    try:
        if "://" in named:
            return canonical(named)
        name = named.lower().removeprefix("*.").rstrip(".").encode("idna").decode("ascii")
        if host(f"https://{name}/") != name:
            raise ValueError(name)
    except ValueError:
        raise Invalid({"subject": N_("This is neither a domain nor the address of an actor.")}, detail=named) from None
    return name


async def decide(tx: Tx, rules: Sequence[Rule], *, here: Here, now: Instant) -> None:
    """Each counts from now on, in place of what was said before about its subject. Tells Blocked and Unblocked.

    Raises NotOurselves.
    """
    for rule in rules:
        if _is_ours(rule.subject, here):
            raise NotOurselves(rule.subject)
    before = await domains.everything(tx)
    await tx.run_many(
        sql.keep_rule,
        [
            {
                "subject": rule.subject,
                "severity": rule.severity.value,
                "comment": rule.comment[:LONGEST_COMMENT],
                "note": rule.note[:LONGEST_COMMENT],
                "created_at": now,
            }
            for rule in rules
        ],
    )
    await _tell(tx, before, here=here, now=now)


async def undecide(tx: Tx, subject: str, *, here: Here, now: Instant) -> None:
    """Nothing is said about `subject` any more. Tells Blocked and Unblocked. Raises NoSuchRule."""
    before = await domains.everything(tx)
    if not await tx.run(sql.drop_rule, subject=subject):
        raise NoSuchRule(subject)
    await _tell(tx, before, here=here, now=now)


async def _tell(tx: Tx, before: Known, *, here: Here, now: Instant) -> None:
    """Whom the change concerns, whatever the mode: that is a setting, and hides nothing that came when it was wider."""
    after = await domains.everything(tx)
    everybody = await _everybody_elsewhere(tx)
    were, are = _blocked(before, everybody, here), _blocked(after, everybody, here)
    if are - were:
        await tx.tell(Blocked(actor_ids=sorted(are - were), now=now))
    if were - are:
        await tx.tell(Unblocked(actor_ids=sorted(were - are)))
    tx.wake(domains.WAKE)


def _blocked(known: Known, everybody: Sequence[_Elsewhere], here: Here) -> set[int]:
    whatever_the_mode = replace(here, partners_only=False)
    return {one.id for one in everybody if judge_actor(known, whatever_the_mode, one.uri, one.domain) is Verdict.BLOCK}


async def _everybody_elsewhere(read: Read) -> list[_Elsewhere]:
    return await read.all(_Elsewhere, sql.everybody_elsewhere)


def _is_ours(subject: str, here: Here) -> bool:
    return here.owns(subject) if "://" in subject else subject in (here.host, here.handle_domain)
