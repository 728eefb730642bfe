"""What people can do about accounts: begin an instance, make an account, change a password or a role, sign in and out.

Each function is one transaction; hashes and keys are made before it. Whatever changes what somebody may do ends all
their sessions: by form, by command, whoever did it (SECURITY 0.14). The one-time link is `first_run.py`; what comes
before a sign-in, and how guessing gets slower, is `signing_in.py`.
"""

from typing import Literal

from msgspec import Struct

from fedishare.features.people import store
from fedishare.features.people.model import (
    SEEN_EVERY,
    AlreadySetUp,
    EmailTaken,
    LastAdmin,
    NoSuchPerson,
    Person,
    Role,
    Session,
    is_alive,
    login_key,
)
from fedishare.federation.actors import operations as actors
from fedishare.federation.actors import store as known
from fedishare.federation.actors import urls
from fedishare.federation.following.own_changes import update_profile
from fedishare.federation.policy import circles
from fedishare.federation.signatures.keys import ActorKeys
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.db.errors import UniqueBroken
from fedishare.foundation.values.clock import DAY, Instant, later
from fedishare.foundation.values.errors import Busy
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.secrets import Secret
from fedishare.foundation.web.sessions import SignedIn

AssociationKind = Literal["Organization", "Person"]


class NewAssociation(Struct, frozen=True, kw_only=True):
    """Whose instance it is. `handle` is the local name that others follow."""

    name: str
    handle: str = "association"
    kind: AssociationKind = "Organization"
    place: str = ""


class NewPerson(Struct, frozen=True, kw_only=True):
    """An account to make; the password is hashed already, and checked before that."""

    name: str
    display_name: str
    email: str
    password_hash: str | None


async def init(
    tx: Tx,
    *,
    association: NewAssociation,
    admin: NewPerson,
    keys: tuple[ActorKeys, ActorKeys, ActorKeys],
    secret: Secret,
    here: Here,
    now: Instant,
) -> Person:
    """The instance's actor, the association's, and somebody who can sign in. `keys`: for these three, in this order.

    Raises AlreadySetUp, Invalid (a name that cannot be), NameTaken.
    """
    try:
        await store.keep_setting(tx, "base_url", here.base_url)
    except UniqueBroken:
        raise AlreadySetUp(here.base_url) from None
    await store.keep_setting(tx, "handle_domain", here.handle_domain)
    await store.keep_setting(tx, "association", association.handle)
    await store.keep_setting(tx, "place", association.place)
    await store.keep_setting(tx, "secret_verifier", secret.verifier)
    for_instance, for_association, for_admin = keys
    await actors.create_local(
        tx,
        name=urls.INSTANCE,
        kind="Application",
        display_name=here.host,
        summary="",
        secret=secret,
        keys=for_instance,
        here=here,
        now=now,
    )
    await actors.create_local(
        tx,
        name=association.handle,
        kind=association.kind,
        display_name=association.name,
        summary="",
        secret=secret,
        keys=for_association,
        here=here,
        now=now,
        discoverable=True,
        indexable=True,
    )
    await store.drop_first_runs(tx)
    return await create_person(tx, admin, role=Role.ADMIN, keys=for_admin, secret=secret, here=here, now=now)


async def create_person(
    tx: Tx, new: NewPerson, *, role: Role, keys: ActorKeys, secret: Secret, here: Here, now: Instant
) -> Person:
    """An actor and its account; its owner is a member from now on. Raises Invalid, NameTaken, EmailTaken."""
    actor = await actors.create_local(
        tx,
        name=new.name,
        kind="Person",
        display_name=new.display_name or new.name,
        summary="",
        secret=secret,
        keys=keys,
        here=here,
        now=now,
    )
    person_id = here.ids.new(now)
    try:
        await store.insert_person(
            tx,
            person_id=person_id,
            actor_id=actor.id,
            email=new.email,
            password_hash=new.password_hash,
            role=role,
            now=now,
        )
    except UniqueBroken:
        raise EmailTaken from None
    for circle_id in (circles.MEMBERS, circles.PARTNERS):  # what partners may see, members here may as well
        await circles.join(tx, circle_id, actor.id)
    return await _there(tx, person_id)


async def set_password(tx: Tx, person_id: int, password_hash: str, *, keep: bytes | None = None, now: Instant) -> None:
    """Another password; every session ends. `keep` is the hash of a new token for who changed it here."""
    await store.set_password(tx, person_id, password_hash)
    await store.end_sessions_of(tx, person_id)
    if keep is not None:
        await store.insert_session(tx, keep, person_id, now)


async def change_profile(
    tx: Tx, actor_id: int, *, display_name: str, discoverable: bool, here: Here, now: Instant
) -> None:
    """How others see somebody: without a name they are read by their short one. Raises NoSuchPerson, Gone.

    Whoever may be found may be searched for, too (FEP-5feb): it is one choice here.
    """
    actor = await known.by_id(tx, actor_id)
    if actor is None:
        raise NoSuchPerson
    await update_profile(
        tx,
        actor,
        display_name=display_name or actor.name,
        summary=actor.summary,
        approves_followers=actor.approves_followers,
        discoverable=discoverable,
        indexable=discoverable,
        here=here,
        now=now,
    )


async def set_role(tx: Tx, person_id: int, role: Role) -> None:
    """Another role; every session ends. Raises LastAdmin, NoSuchPerson."""
    person = await _there(tx, person_id)
    if person.role == Role.ADMIN and role != Role.ADMIN and await store.count_admins(tx) == 1:
        raise LastAdmin
    await store.set_role(tx, person_id, role)
    await store.end_sessions_of(tx, person_id)


async def sign_in(tx: Tx, person: Person, login: str, token_hash: bytes, *, former: bytes | None, now: Instant) -> None:
    """A new session, always with a new token: one that was there before (`former`) ends. Old ones are swept."""
    if former is not None:
        await store.end_session(tx, former)
    await store.end_old_sessions(tx, before=later(now, -90 * DAY), idle_before=later(now, -14 * DAY))
    await store.forget_failures(tx, login_key(login))
    await store.insert_session(tx, token_hash, person.id, now)


async def sign_out(tx: Tx, token_hash: bytes) -> None:
    """Here only; other devices stay."""
    await store.end_session(tx, token_hash)


async def viewer_of(db: Database, token_hash: bytes, now: Instant) -> SignedIn | None:
    """Who holds a token, for the kernel. Seen is written at most each ten minutes."""
    session = await db.read(store.session_of, token_hash)
    if session is None or not is_alive(session, now):
        return None
    if now - session.seen_at > SEEN_EVERY:
        await _touch(db, token_hash, now)
    return _viewer(session)


async def _touch(db: Database, token_hash: bytes, now: Instant) -> None:
    try:
        await db.write(store.touch_session, token_hash, now)
    except Busy:
        # With a full disk people can still read: that somebody was here is not worth a refusal.
        return


def _viewer(session: Session) -> SignedIn:
    return SignedIn(
        person_id=session.person_id,
        actor_id=session.actor_id,
        name=session.name,
        display_name=session.display_name,
        role=session.role.value,
        language=session.language,
    )


async def person_called(read: Read, login: str) -> Person:
    """By name or e-mail address. Raises NoSuchPerson."""
    person = await store.person_of_login(read, login.removeprefix("@"))
    if person is None:
        raise NoSuchPerson(login)
    return person


async def _there(read: Read, person_id: int) -> Person:
    person = await store.person_by_id(read, person_id)
    if person is None:
        raise NoSuchPerson(str(person_id))
    return person
