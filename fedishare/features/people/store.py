"""The rows of people: accounts, sessions, failed sign-ins, the one-time link, and what was decided at the beginning."""

from fedishare.features.people.model import Failures, Person, Role, Session
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.clock import Instant

sql = load(__file__)


async def insert_person(
    tx: Tx, *, person_id: int, actor_id: int, email: str, password_hash: str | None, role: Role, now: Instant
) -> None:
    """Raises UniqueBroken("person_email")."""
    await tx.run(
        sql.insert_person,
        id=person_id,
        actor_id=actor_id,
        email=email,
        password_hash=password_hash,
        role=role.value,
        language="",
        created_at=now,
    )


async def person_of_login(read: Read, login: str) -> Person | None:
    """By local name or e-mail address, in small letters."""
    return await read.one(Person, sql.person_of_login, login=login.lower())


async def person_by_id(read: Read, person_id: int) -> Person | None:
    return await read.one(Person, sql.person_by_id, id=person_id)


async def all_people(read: Read) -> list[Person]:
    return await read.all(Person, sql.all_people)


async def set_password(tx: Tx, person_id: int, password_hash: str) -> None:
    await tx.run(sql.set_password, id=person_id, password_hash=password_hash)


async def set_role(tx: Tx, person_id: int, role: Role) -> None:
    await tx.run(sql.set_role, id=person_id, role=role.value)


async def count_admins(read: Read) -> int:
    return int(await read.value(sql.count_admins))


async def set_language(tx: Tx, person_id: int, language: str) -> None:
    await tx.run(sql.set_language, id=person_id, language=language)


async def insert_session(tx: Tx, token_hash: bytes, person_id: int, now: Instant) -> None:
    await tx.run(sql.insert_session, token_hash=token_hash, person_id=person_id, now=now)


async def session_of(read: Read, token_hash: bytes) -> Session | None:
    """Whether it still lives is `model.is_alive`."""
    return await read.one(Session, sql.session_of, token_hash=token_hash)


async def touch_session(tx: Tx, token_hash: bytes, now: Instant) -> None:
    await tx.run(sql.touch_session, token_hash=token_hash, now=now)


async def end_session(tx: Tx, token_hash: bytes) -> None:
    await tx.run(sql.end_session, token_hash=token_hash)


async def end_sessions_of(tx: Tx, person_id: int) -> None:
    await tx.run(sql.end_sessions_of, person_id=person_id)


async def end_old_sessions(tx: Tx, *, before: Instant, idle_before: Instant) -> None:
    await tx.run(sql.end_old_sessions, before=before, idle_before=idle_before)


async def count_sessions(read: Read, person_id: int) -> int:
    return int(await read.value(sql.count_sessions, person_id=person_id))


async def insert_failure(tx: Tx, failure_id: int, whom: str, now: Instant) -> None:
    await tx.run(sql.insert_failure, id=failure_id, whom=whom, now=now)


async def failures_of(read: Read, whom: str, since: Instant) -> Failures:
    found = await read.one(Failures, sql.failures_of, whom=whom, since=since)
    return found or Failures(count=0, last_at=None)


async def one_try_at_a_time(tx: Tx) -> None:
    await tx.value(sql.one_try_at_a_time)


async def forget_failure(tx: Tx, failure_id: int) -> None:
    await tx.run(sql.forget_failure, id=failure_id)


async def forget_failures(tx: Tx, whom: str) -> None:
    await tx.run(sql.forget_failures, whom=whom)


async def forget_old_failures(tx: Tx, before: Instant) -> None:
    await tx.run(sql.forget_old_failures, before=before)


async def keep_setting(tx: Tx, name: str, value: str) -> None:
    """Raises UniqueBroken when it was decided before."""
    await tx.run(sql.keep_setting, name=name, value=value)


async def setting(read: Read, name: str) -> str:
    """'' before `init`."""
    return str(await read.value(sql.setting, name=name) or "")


async def insert_first_run(tx: Tx, token_hash: bytes, now: Instant) -> None:
    await tx.run(sql.insert_first_run, token_hash=token_hash, now=now)


async def drop_first_runs(tx: Tx) -> None:
    await tx.run(sql.drop_first_runs)


async def is_current_first_run(read: Read, token_hash: bytes, since: Instant) -> bool:
    return await read.value(sql.first_run_since, token_hash=token_hash, since=since) is not None
