"""Sessions: a new id at each sign-in, an end in time, and an end whenever a credential changes (SECURITY 6.5)."""

import pytest

from fedishare.features.people import operations, passwords, store
from fedishare.features.people.model import Role
from fedishare.foundation.db.queries import Query
from fedishare.foundation.values.clock import DAY, HOUR, MINUTE
from fedishare.foundation.web.sessions import token_hash
from tests.front_door import PASSWORD, FrontDoor

_TEXT = "select token_hash from session"
KEPT = Query("kept", {"sqlite": _TEXT, "postgres": _TEXT}, [], {})


async def test_signing_in_opens_the_account_and_says_hello(site: FrontDoor) -> None:
    nadia = site.reader()

    answer = await nadia.signs_in()

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await nadia.go("/")).text.count("Bonjour Nadia.") == 1
    assert await nadia.is_signed_in()


async def test_an_e_mail_address_signs_in_as_well_as_a_name(site: FrontDoor) -> None:
    nadia = site.reader()

    await nadia.signs_in("Nadia@Example.org")

    assert await nadia.is_signed_in()


async def test_each_sign_in_gives_a_new_session_and_ends_the_one_before(site: FrontDoor) -> None:
    nadia = site.reader()
    await nadia.signs_in()
    first = nadia.session

    await nadia.signs_in()

    assert nadia.session != first
    with_the_first = site.reader(headers={"Cookie": f"__Host-session={first}"})
    assert (await with_the_first.go("/settings/account")).status_code == 303


async def test_a_session_brought_along_from_elsewhere_never_becomes_ones_own(site: FrontDoor) -> None:
    victim = site.reader()
    victim.http.cookies.set("__Host-session", "chosen-by-somebody-else", domain="remise.test")

    await victim.signs_in()

    assert victim.session != "chosen-by-somebody-else"
    thief = site.reader(headers={"Cookie": "__Host-session=chosen-by-somebody-else"})
    assert (await thief.go("/settings/account")).status_code == 303


async def test_the_database_holds_only_the_hash_of_a_session(site: FrontDoor) -> None:
    nadia = site.reader()
    await nadia.signs_in()

    kept = [bytes(row[0]) for row in await site.db.read(lambda read: read.all(tuple, KEPT))]

    assert kept == [token_hash(nadia.session)]
    assert nadia.session.encode() not in kept


@pytest.mark.parametrize(
    ("name", "idle", "whole"), [("amel", 14 * DAY, 90 * DAY), ("nadia", 12 * HOUR, 7 * DAY)]
)  # who administers is signed out sooner
async def test_a_session_ends_when_nobody_comes_and_at_its_age(
    site: FrontDoor, name: str, idle: int, whole: int
) -> None:
    absent, faithful = site.reader(), site.reader()
    await absent.signs_in(name)
    await faithful.signs_in(name)

    for _visit in range(whole // (idle - HOUR)):
        site.clock.advance(idle - HOUR)
        assert await faithful.is_signed_in()
    assert not await absent.is_signed_in()

    site.clock.advance(idle - HOUR)
    assert not await faithful.is_signed_in()


async def test_a_visit_is_written_down_at_most_each_ten_minutes(site: FrontDoor) -> None:
    amel = site.reader()
    await amel.signs_in("amel")
    signed_in_at = site.clock.now()

    site.clock.advance(9 * MINUTE)
    await amel.go("/")
    early = await site.db.read(store.session_of, token_hash(amel.session))
    site.clock.advance(2 * MINUTE)
    await amel.go("/")
    late = await site.db.read(store.session_of, token_hash(amel.session))

    assert early is not None
    assert early.seen_at == signed_in_at
    assert late is not None
    assert late.seen_at == site.clock.now()


async def test_another_password_ends_every_other_session_and_renews_this_one(site: FrontDoor) -> None:
    phone, desk = site.reader(), site.reader()
    await phone.signs_in("amel")
    await desk.signs_in("amel")
    before = desk.session
    await desk.go("/settings/account")

    answer = await desk.send("/settings/password", {"current": PASSWORD, "password": "tout autre chose, vraiment"})

    assert answer.status_code == 303
    assert await desk.is_signed_in()
    assert desk.session != before
    assert not await phone.is_signed_in()


async def test_another_password_needs_the_one_in_use(site: FrontDoor) -> None:
    amel = site.reader()
    await amel.signs_in("amel")
    await amel.go("/settings/account")

    answer = await amel.send(
        "/settings/password", {"current": "pas la bonne", "password": "tout autre chose, vraiment"}
    )

    assert answer.status_code == 422
    assert "Ce n’est pas le mot de passe actuel" in answer.text
    assert (await site.reader().signs_in("amel")).status_code == 303


async def test_a_password_set_by_command_ends_all_sessions(site: FrontDoor) -> None:
    amel = site.reader()
    await amel.signs_in("amel")
    person = await site.db.read(operations.person_called, "amel")

    kept = await passwords.hashed("tout autre chose, vraiment")
    await site.db.write(operations.set_password, person.id, kept, now=site.clock.now())

    assert not await amel.is_signed_in()


async def test_another_role_ends_all_sessions(site: FrontDoor) -> None:
    amel = site.reader()
    await amel.signs_in("amel")
    person = await site.db.read(operations.person_called, "amel")

    await site.db.write(operations.set_role, person.id, Role.ADMIN)

    assert not await amel.is_signed_in()


async def test_signing_out_ends_this_session_and_no_other(site: FrontDoor) -> None:
    phone, desk = site.reader(), site.reader()
    await phone.signs_in("amel")
    await desk.signs_in("amel")
    stolen = phone.session
    await phone.go("/settings/account")

    await phone.send("/sign-out", {})

    assert phone.session == ""
    thief = site.reader(headers={"Cookie": f"__Host-session={stolen}"})
    assert (await thief.go("/settings/account")).status_code == 303
    assert await desk.is_signed_in()


async def test_the_cookie_of_a_session_stays_with_this_site_and_out_of_scripts(site: FrontDoor) -> None:
    answer = await site.reader().signs_in()

    cookie = next(value for value in answer.headers.get_list("set-cookie") if "session" in value)

    assert cookie.startswith("__Host-session=")
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


async def test_what_is_shown_to_one_person_is_stored_by_nobody(site: FrontDoor) -> None:
    nadia = site.reader()
    await nadia.signs_in()

    assert (await nadia.go("/")).headers["cache-control"] == "no-store"
    assert (await site.reader().go("/")).headers["cache-control"] != "no-store"


@pytest.mark.parametrize("evil", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", "\\evil"])
async def test_after_signing_in_one_stays_on_this_site(site: FrontDoor, evil: str) -> None:
    answer = await site.reader().signs_in(then=evil)

    assert answer.headers["location"] == "/"


async def test_after_signing_in_one_arrives_where_one_wanted_to_go(site: FrontDoor) -> None:
    nadia = site.reader()

    sent_away = await nadia.go("/settings/listings")
    answer = await nadia.signs_in(then="/settings/listings")

    assert sent_away.headers["location"] == "/sign-in?then=/settings/listings"
    assert answer.headers["location"] == "/settings/listings"
