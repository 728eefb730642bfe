"""Somebody comes to live here, or goes. Changes rows alone; who is told about it: `following/own_changes.py`."""

from msgspec.structs import replace

from fedishare.federation.actors import store, urls
from fedishare.federation.actors.model import Actor
from fedishare.federation.actors.reserved import may_be_taken
from fedishare.federation.signatures.keys import ActorKeys, KeyPair, sealed
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.errors import UniqueBroken
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import N_, Conflict, Invalid
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.secrets import Secret


class NameTaken(Conflict):
    """A name is taken for ever, also by somebody who has gone."""

    slug = "name-taken"
    title = N_("This name is already taken.")
    advice = N_("Choose another name.")


async def create_local(
    tx: Tx,
    *,
    name: str,
    kind: str,
    display_name: str,
    summary: str,
    secret: Secret,
    keys: ActorKeys,
    here: Here,
    now: Instant,
    approves_followers: bool = False,
    discoverable: bool | None = None,
    indexable: bool | None = None,
) -> Actor:
    """A new actor of this instance with both key pairs. `summary` is sanitised HTML.

    Kind Application is the instance itself and takes the server's host as its name, whatever `name` says. Associations,
    groups and feeds can be found and indexed unless told otherwise; people only when they choose to (WIRE).
    Raises Invalid for a name that cannot be, NameTaken.
    """
    if kind != "Application" and not may_be_taken(name):
        raise Invalid({"name": N_("Use 1 to 30 small letters, digits or underscores, and not a reserved word.")})
    findable = kind not in ("Person", "Application")
    # Nobody needs to follow the instance; who does is accepted all the same (INTEROP A.5).
    approves_followers = approves_followers or kind == "Application"
    actor = _instance(here, now) if kind == "Application" else _somebody(here, now, name=name, kind=kind)
    actor = replace(
        actor,
        display_name=display_name,
        summary=summary,
        approves_followers=approves_followers,
        discoverable=findable if discoverable is None else discoverable,
        indexable=findable if indexable is None else indexable,
    )
    try:
        await store.insert_local(tx, actor)
    except UniqueBroken:
        raise NameTaken(name) from None
    await _keep_keys(tx, actor, keys, number=1, secret=secret, here=here, now=now)
    return actor


async def replace_keys(tx: Tx, actor: Actor, *, keys: ActorKeys, secret: Secret, here: Here, now: Instant) -> Actor:
    """Both pairs of a local actor are others from here on, under new ids; who is told: `following/key_rotation.py`."""
    number = 1 + await store.count_own_keys(tx, actor.id)
    await store.retire_own_keys(tx, actor.id, now=now)
    await _keep_keys(tx, actor, keys, number=number, secret=secret, here=here, now=now)
    fresh = await store.by_id(tx, actor.id)
    if fresh is None:
        raise LookupError(actor.uri)
    return fresh


async def _keep_keys(
    tx: Tx, actor: Actor, keys: ActorKeys, *, number: int, secret: Secret, here: Here, now: Instant
) -> None:
    await _keep_key(tx, actor, urls.main_key_uri(actor.uri, number), keys.rsa, secret=secret, here=here, now=now)
    await _keep_key(tx, actor, urls.proof_key_uri(actor.uri, number), keys.ed25519, secret=secret, here=here, now=now)


async def _keep_key(tx: Tx, actor: Actor, uri: str, pair: KeyPair, *, secret: Secret, here: Here, now: Instant) -> None:
    await store.insert_local_key(
        tx,
        key_id=here.ids.new(now),
        uri=uri,
        actor_id=actor.id,
        kind=pair.kind,
        public_pem=pair.public_pem,
        private_sealed=sealed(pair, secret, actor_uri=actor.uri),
        now=now,
    )


def _somebody(here: Here, now: Instant, *, name: str, kind: str) -> Actor:
    uri = urls.actor_uri(here, name)
    return Actor(
        id=here.ids.new(now),
        uri=uri,
        local=True,
        kind=kind,
        name=name,
        domain=here.handle_domain,
        display_name="",
        summary="",
        page_url=urls.page_url(here, name),
        inbox=f"{uri}/inbox",
        shared_inbox=urls.shared_inbox(here),
        outbox=f"{uri}/outbox",
        followers=f"{uri}/followers",
        following=f"{uri}/following",
        featured=f"{uri}/featured",
        proposals=f"{uri}/proposals",
        approves_followers=False,
        discoverable=False,
        indexable=False,
        speaks_fedishare=True,
        created_at=now,
        fetched_at=now,
    )


def _instance(here: Here, now: Instant) -> Actor:
    """Named by its server's host even where handles have another domain, as FEP-d556 looks for it."""
    actor = _somebody(here, now, name=urls.INSTANCE, kind="Application")
    return replace(actor, name=here.host, domain=here.host, page_url=here.url("/about"), featured=None, proposals=None)
