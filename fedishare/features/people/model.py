"""People who can sign in here, and the rules of their sessions and passwords. Pure.

Source: SECURITY 6.5 (how long a session lives), 6.6 (passwords), 6.8 (guessing gets slower).
"""

import re
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from fedishare.foundation.values.clock import DAY, HOUR, MINUTE, SECOND, Instant
from fedishare.foundation.values.errors import N_, Conflict, Gone, Invalid, NotFound, TooMany

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD_BYTES = 1024
FEWEST_LETTERS = 5
COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").split())
"""Those of the best known lists that are long enough to pass otherwise (zxcvbn, MIT; French ones added)."""

PATIENCE = 5
"""Wrong passwords before one has to wait."""
LONGEST_WAIT = 15 * MINUTE
REMEMBERED = HOUR
MOST_FROM_ONE_ADDRESS = 25
ADDRESS_WINDOW = 5 * MINUTE
FIRST_RUN_LIVES = DAY
SEEN_EVERY = 10 * MINUTE

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,63}")


class Role(StrEnum):
    ADMIN = "admin"
    MEMBER = "member"


class Person(Struct, frozen=True, kw_only=True):
    """Somebody who can sign in. `name` and `display_name` are those of their actor. No hash: no password sign-in."""

    id: int
    actor_id: int
    name: str
    display_name: str
    email: str
    password_hash: str | None
    role: Role
    language: str
    created_at: Instant


class Session(Struct, frozen=True, kw_only=True):
    """A session with its person, as one row."""

    person_id: int
    actor_id: int
    name: str
    display_name: str
    role: Role
    language: str
    created_at: Instant
    seen_at: Instant


class Failures(Struct, frozen=True, kw_only=True):
    """Wrong passwords lately, for one account or from one address."""

    count: int
    last_at: Instant | None


class WrongPassword(Invalid):
    """One sentence for an unknown account and a wrong password: nobody learns who has an account."""

    slug = "wrong-password"
    title = N_("This did not open the door.")
    advice = N_("Check the name and the password. Capital letters count.")


class WaitBeforeNextTry(TooMany):
    slug = "wait"
    title = N_("Too many wrong passwords.")
    advice = N_("Wait %(minutes)s min, then try again.")


class EmailTaken(Conflict):
    slug = "email-taken"
    title = N_("Somebody here already has this e-mail address.")
    advice = N_("Use another address, or sign in with this one.")


class AlreadySetUp(Conflict):
    slug = "already-set-up"
    title = N_("This site is already set up.")
    advice = N_("Sign in with the account that was made then. To begin anew, choose another data folder.")


class LinkIsOver(Gone):
    """The one-time link of the first run was used, replaced or is older than a day."""

    slug = "link-over"
    title = N_("This link no longer opens anything.")
    advice = N_("Restart the server: it prints a new link until the site is set up.")


class LastAdmin(Conflict):
    slug = "last-admin"
    title = N_("Nobody else can administer this site.")
    advice = N_("Give somebody else the role first.")


class NoSuchPerson(NotFound):
    slug = "no-such-person"
    title = N_("Nobody here has this name.")
    advice = N_("`fedishare user list` shows who is there.")


def check_password(password: str, *, known: tuple[str, ...] = ()) -> str:
    """The password, when it is good enough. `known` is what others know of the person. Raises Invalid."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid({"password": N_("Use at least 12 characters; a few words do well.")})
    if len(password.encode()) > LONGEST_PASSWORD_BYTES:
        raise Invalid({"password": N_("Use at most 1024 bytes.")})
    plain = password.lower()
    if plain in COMMON or len(set(plain)) < FEWEST_LETTERS or plain in {each.lower() for each in known if each}:
        raise Invalid({"password": N_("Others would guess this one. Choose a few words that do not go together.")})
    return password


def check_email(email: str) -> str:
    """The address in small letters. Raises Invalid."""
    if not EMAIL.fullmatch(email):
        raise Invalid({"email": N_("This is not an e-mail address.")})
    return email.lower()


def is_alive(session: Session, now: Instant) -> bool:
    """Members: 14 days without a visit, 90 in all. Who administers: 12 hours and 7 days."""
    idle, whole = (12 * HOUR, 7 * DAY) if session.role == Role.ADMIN else (14 * DAY, 90 * DAY)
    return now - session.seen_at < idle and now - session.created_at < whole


def wait_until(failures: Failures) -> Instant:
    """When the next try is heard: at once up to the fifth failure, then after 2, 4, 8 ... seconds, at most a quarter
    of an hour."""
    if failures.last_at is None or failures.count < PATIENCE:
        return Instant(0)
    steps = min(failures.count - PATIENCE + 1, 20)
    return Instant(failures.last_at + min(SECOND << steps, LONGEST_WAIT))


def login_key(login: str) -> str:
    """Under what wrong passwords of an account are counted."""
    return f"account {login.lower()[:320]}"


def address_key(crowd: str) -> str:
    """Under what wrong passwords from somewhere are counted (`foundation.web.proxies.crowd`)."""
    return f"address {crowd}"
