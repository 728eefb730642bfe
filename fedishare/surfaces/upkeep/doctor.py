"""What can be wrong with an instance, looked at one thing after the other; each finding is a sentence.

Looks and never repairs. The database is opened as a command does, beside a running server; its own WebFinger is asked
through the same guarded door as everything else.
"""

import asyncio
import shutil
from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import quote

import msgspec
from msgspec import Struct

from fedishare.federation.actors import store as actors
from fedishare.federation.outbox.clocks import OFF, middle
from fedishare.federation.outbox.late import LATE
from fedishare.federation.signatures.keys import PURPOSE
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.net.client import Net
from fedishare.foundation.terminal import in_words
from fedishare.foundation.text.dates import moment
from fedishare.foundation.text.translate import _
from fedishare.foundation.values.clock import MINUTE, SECOND, Instant, parse_http_date
from fedishare.foundation.values.errors import Misconfigured, Refusal, RemoteTrouble, Untrusted
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.ids import made_at
from fedishare.foundation.values.secrets import Secret
from fedishare.surfaces.upkeep import store

GB = 1_000_000_000
LITTLE_DISK = GB
NO_DISK = 200_000_000
CLOCK_OFF = 5 * MINUTE
CLOCKS_ASKED = 5
KEYS_TRIED = 50


class Verdict(StrEnum):
    """`BAD` makes the command fail."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class Finding(Struct, frozen=True, kw_only=True):
    """`what` names the thing looked at and never changes; `text` is translated."""

    what: str
    verdict: Verdict
    text: str


def good(what: str, text: str) -> Finding:
    return Finding(what=what, verdict=Verdict.GOOD, text=text)


def warning(what: str, text: str) -> Finding:
    return Finding(what=what, verdict=Verdict.WARNING, text=text)


def bad(what: str, text: str) -> Finding:
    return Finding(what=what, verdict=Verdict.BAD, text=text)


def settings_for_trying(settings: Settings, unknown: tuple[str, ...]) -> Iterator[Finding]:
    """What is fit for a trial and not for a town."""
    for name in unknown:
        yield warning("settings", _("%(name)s: there is no such setting; it is ignored.", name=name))
    if settings.hosts_file:
        yield warning("settings", _("FEDISHARE_HOSTS_FILE is set: names are not looked up as others do."))
    if settings.allow_networks:
        yield warning("settings", _("FEDISHARE_ALLOW_NETWORKS is set: this server may call private addresses."))
    if not settings.limits:
        yield warning("settings", _("FEDISHARE_LIMITS=off: nobody is slowed down, whatever they do."))
    if settings.mode == "closed":
        yield warning("settings", _("FEDISHARE_MODE=closed: nothing goes to other servers, nothing comes in."))
    if not settings.worker:
        yield warning("settings", _("FEDISHARE_WORKER=off: the waiting work needs `fedishare worker` beside it."))


def disk(settings: Settings) -> Finding:
    """Of the data folder, which exists by now."""
    free = shutil.disk_usage(settings.data).free
    shown = f"{free / GB:.1f}"
    if free < NO_DISK:
        return bad("disk", _("Only %(free)s GB are free. Nothing can be kept soon: make room now.", free=shown))
    if free < LITTLE_DISK:
        return warning("disk", _("Only %(free)s GB are free. Make room.", free=shown))
    return good("disk", _("%(free)s GB are free.", free=shown))


class _Undone(Refusal):
    """Ends the trial write, so that nothing of it stays."""


async def _write_and_undo(tx: Tx, name: str) -> None:
    await store.note(tx, name)
    raise _Undone


async def database(db: Database) -> Finding:
    """Reads, and writes something that is undone."""
    try:
        await db.read(store.decided)
        await db.write(_write_and_undo, "doctor")
    except _Undone:
        return good("database", _("It can be read and written (%(engine)s).", engine=db.engine))
    except Refusal as refusal:
        return bad("database", f"{_(refusal.title)} {_(refusal.advice)}")
    return bad("database", _("It kept something that was to be undone."))


async def keys(db: Database, secret: Secret) -> Finding:
    """Whether the master secret opens the actors' private keys."""
    found = await db.read(store.keys_of_ours, size=KEYS_TRIED)
    if not found:
        return warning("keys", _("There are none yet. Run fedishare init."))
    try:
        for key in found:
            if key.private_sealed is not None:
                secret.unseal(PURPOSE, key.private_sealed, owner=key.actor_uri)
    except Misconfigured as trouble:
        return bad("keys", in_words(trouble))
    return good("keys", _("The master secret opens the keys of those who live here."))


async def clock(db: Database, net: Net, now: Instant) -> Finding:
    """Against what was written before, and against most of the servers that answered last."""
    newest = made_at(await db.read(store.highest_id))
    if newest > now + CLOCK_OFF:
        return bad("clock", _("It shows a time before things that were already done. Set the clock of this machine."))
    peers = await db.read(store.peers_that_answer, size=CLOCKS_ASKED)
    if not peers:
        return good("clock", _("It goes on from what was done before; no other server is known to compare it with."))
    told = await asyncio.gather(*(_ahead(net, peer, now) for peer in peers))
    shown = ", ".join(peers)
    known = [ahead for ahead in told if ahead is not None]
    if not known:
        return good("clock", _("It goes on from what was done before; %(peer)s was not to be asked.", peer=shown))
    off = abs(middle(known))
    if off > CLOCK_OFF:
        return bad(
            "clock",
            _("It is %(minutes)s minutes away from that of %(peer)s: others will refuse what is signed here.",
              minutes=round(off / MINUTE), peer=shown),
        )  # fmt: skip
    if off > OFF:
        return warning(
            "clock",
            _("It is %(seconds)s seconds away from that of %(peer)s. Let this machine keep its clock by NTP.",
              seconds=off // SECOND, peer=shown),
        )  # fmt: skip
    return good("clock", _("It agrees with that of %(peer)s.", peer=shown))


async def _ahead(net: Net, peer: str, now: Instant) -> int | None:
    """By how many milliseconds a server's clock is ahead; None when it does not say."""
    try:
        answer = await net.get(f"https://{peer}/.well-known/nodeinfo")
        return parse_http_date(answer.headers.get("date", "")) - now
    except (RemoteTrouble, ValueError):
        return None


def base_url(here: Here) -> Finding:
    """Whether other servers could come back to it."""
    if here.secure:
        return good("base URL", here.base_url)
    return warning(
        "base URL", _("%(address)s is not https: other servers will not speak with it.", address=here.base_url)
    )


async def webfinger(db: Database, net: Net, here: Here) -> Finding:
    """Asks, as others do, who the association is."""
    try:
        actor = await db.read(actors.association)
    except Misconfigured as trouble:
        return warning("WebFinger", in_words(trouble))
    resource = quote(f"acct:{actor.name}@{here.handle_domain}", safe="")
    scheme = "https" if here.secure else "http"
    url = f"{scheme}://{here.handle_domain}/.well-known/webfinger?resource={resource}"
    try:
        answer = await net.get(url)
        document = msgspec.json.decode(answer.body, type=_Links) if answer.status == 200 else _Links(links=[])
    except (RemoteTrouble, msgspec.DecodeError) as trouble:
        why = in_words(trouble) if isinstance(trouble, RemoteTrouble) else str(trouble)
        # An address for trying things out is one that we do not call, and neither does anybody else: nothing is broken.
        only_here = isinstance(trouble, Untrusted) and not here.secure
        return (warning if only_here else bad)(
            "WebFinger", _("%(url)s does not answer as it should: %(why)s", url=url, why=why)
        )
    if any(link.rel == "self" and link.href == actor.uri for link in document.links):
        return good("WebFinger", _("Others find @%(handle)s.", handle=f"{actor.name}@{here.handle_domain}"))
    return bad("WebFinger", _("%(url)s does not lead to this server. Look at the proxy in front of it.", url=url))


async def proxy(net: Net, here: Here) -> Finding:
    """Asks the server, by its own address, how it sees what stands in front of it."""
    try:
        answer = await net.get(here.url("/health/ready"))
        told = msgspec.json.decode(answer.body, type=_Ready)
    except (RemoteTrouble, msgspec.DecodeError) as trouble:
        why = in_words(trouble) if isinstance(trouble, RemoteTrouble) else str(trouble)
        return warning("proxy", _("The server cannot be asked by its own address: %(why)s", why=why))
    if told.proxy:
        return good("proxy", _("Visitors are told apart by their addresses."))
    return warning(
        "proxy",
        _("All visitors seem to come from the proxy, and none is slowed down. Name it in FEDISHARE_TRUSTED_PROXIES."),
    )


class _Ready(Struct):
    proxy: bool = True


class _Link(Struct):
    rel: str = ""
    href: str = ""


class _Links(Struct):
    links: list[_Link] = []


async def queues(db: Database, now: Instant, zone: str) -> list[Finding]:
    """How long the oldest of each queue waits."""
    inbox, deliveries = await db.read(store.inbox_waiting), await db.read(store.deliveries_waiting)
    found = []
    for what, queue in (("inbox", inbox), ("deliveries", deliveries)):
        if queue.oldest_at is None or now - queue.oldest_at < LATE:
            found.append(good(what, _("%(count)s waiting.", count=queue.waiting)))
        else:
            since = moment(queue.oldest_at, zone=zone)
            found.append(warning(what, _("%(count)s waiting, the oldest since %(since)s. Is the server running?",
                                         count=queue.waiting, since=since)))  # fmt: skip
    return found


async def heard(db: Database, zone: str) -> Finding:
    """The last signed request that came in."""
    last = await db.read(store.last_heard_at)
    if last is None:
        return warning("heard", _("No other server has sent anything yet."))
    return good("heard", _("Another server last spoke to this one: %(since)s.", since=moment(last, zone=zone)))
