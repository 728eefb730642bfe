"""Pages of people: sign in, sign out, one's account, and the first run by a one-time link."""

import asyncio
from typing import Annotated

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from fedishare.features.people import first_run, operations, passwords, signing_in, store
from fedishare.features.people.model import NoSuchPerson, Person, WrongPassword, check_email, check_password
from fedishare.features.people.operations import NewAssociation, NewPerson
from fedishare.features.people.signing_in import Try
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.reserved import may_be_taken
from fedishare.federation.signatures.keys import make_keys
from fedishare.federation.vocabulary.reading import label
from fedishare.foundation.text.translate import LANGUAGES, _
from fedishare.foundation.values.chance import new_token
from fedishare.foundation.values.errors import N_, Busy, Invalid
from fedishare.foundation.web.forms import own_path, read_form, see_other
from fedishare.foundation.web.language import LANGUAGE_COOKIE
from fedishare.foundation.web.pages import page
from fedishare.foundation.web.sessions import give_session, session_token, signed_in, take_session, token_hash

Short = Annotated[str, Meta(max_length=100)]
Password = Annotated[str, Meta(max_length=1100)]


class SignInPage(Struct, frozen=True, kw_only=True):
    then: str


class SignInForm(Struct, frozen=True, kw_only=True):
    login: Annotated[str, Meta(max_length=320)]
    password: Password
    then: Annotated[str, Meta(max_length=1000)] = ""


async def sign_in_page(request: Request) -> Response:
    """GET /sign-in: a name, a password."""
    then = request.query_params.get("then", "") or (request.state.fields.get("then") or [""])[0]
    return page(request, "people/sign_in.html", SignInPage(then=own_path(then, default="")), indexed=False)


async def sign_in(request: Request) -> Response:
    """POST /sign-in. A wrong password and an unknown name get the same answer after the same time."""
    form = await read_form(request, SignInForm)
    state, now = request.state, request.state.clock.now()
    if state.settings.limits:
        tried = await state.db.write(signing_in.knock, form.login, state.crowd, state.here, now)
    else:
        tried = Try(person=await state.db.read(store.person_of_login, form.login))
    person = tried.person
    right = await _matches(request, tried, form.password)
    if person is None or not right:
        raise WrongPassword({"password": N_("This name and this password do not go together.")})
    token, former = new_token(), session_token(request, state.here)
    await state.db.write(
        operations.sign_in,
        person,
        form.login,
        token_hash(token),
        former=token_hash(former) if former else None,
        now=now,
    )
    await state.db.write(signing_in.take_back, tried)
    then = own_path(form.then)
    greeting = _("Hello %(name)s.", name=person.display_name)
    response = see_other(request, then, say="" if then == "/" else greeting)  # the home page greets by itself
    give_session(response, token, state.here)
    return response


async def sign_out(request: Request) -> Response:
    """POST /sign-out: on this device."""
    state = request.state
    await state.db.write(operations.sign_out, token_hash(session_token(request, state.here)))
    response = see_other(request, "/", say=_("You have signed out."))
    take_session(response, state.here)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


class AccountPage(Struct, frozen=True, kw_only=True):
    name: str
    display_name: str
    email: str
    is_admin: bool
    discoverable: bool
    languages: list[tuple[str, str]]
    language: str
    sessions: int


class ProfileForm(Struct, frozen=True, kw_only=True):
    """`discoverable` is a ticked box, or is not sent."""

    display_name: Short = ""
    discoverable: Annotated[str, Meta(max_length=1)] = ""


class PasswordForm(Struct, frozen=True, kw_only=True):
    current: Password
    password: Password


class LanguageForm(Struct, frozen=True, kw_only=True):
    language: Annotated[str, Meta(pattern="^(fr|en)$")]


async def account_page(request: Request) -> Response:
    """GET /settings/account."""
    viewer = signed_in(request)
    person = await _myself(request)
    myself = await request.state.db.read(actors.by_id, viewer.actor_id)
    view = AccountPage(
        name=person.name,
        display_name=person.display_name,
        email=person.email,
        is_admin=viewer.is_admin,
        discoverable=myself is not None and myself.discoverable,
        languages=list(LANGUAGES.items()),
        language=person.language or request.state.language,
        sessions=await request.state.db.read(store.count_sessions, person.id),
    )
    return page(request, "people/account.html", view, indexed=False)


async def change_profile(request: Request) -> Response:
    """POST /settings/profile: how the world sees me; who follows me is told."""
    form, state, viewer = await read_form(request, ProfileForm), request.state, signed_in(request)
    await state.db.write(
        operations.change_profile,
        viewer.actor_id,
        display_name=label(form.display_name),
        discoverable=bool(form.discoverable),
        here=state.here,
        now=state.clock.now(),
    )
    return see_other(request, "/settings/account", say=_("Saved."))


async def change_password(request: Request) -> Response:
    """POST /settings/password: asks for the one in use; every other session ends, this one gets a new token."""
    form, state = await read_form(request, PasswordForm), request.state
    person, now = await _myself(request), request.state.clock.now()
    tried = await state.db.write(signing_in.knock, person.name, "", state.here, now)
    if not await _matches(request, tried, form.current):
        raise Invalid({"current": N_("This is not the password in use.")})
    await state.db.write(signing_in.take_back, tried)
    kept = await passwords.hashed(check_password(form.password, known=(person.name, person.email)))
    token = new_token()
    await state.db.write(operations.set_password, person.id, kept, keep=token_hash(token), now=now)
    response = see_other(
        request, "/settings/account", say=_("Your password is changed. Other devices have to sign in again.")
    )
    give_session(response, token, state.here)
    return response


async def change_language(request: Request) -> Response:
    """POST /settings/language: for this account, on every device that has not chosen itself."""
    form, viewer = await read_form(request, LanguageForm), signed_in(request)
    await request.state.db.write(store.set_language, viewer.person_id, form.language)
    response = see_other(request, "/settings/account")
    response.delete_cookie(LANGUAGE_COOKIE, secure=request.state.here.secure, httponly=True, samesite="lax")
    return response


class FirstRunPage(Struct, frozen=True, kw_only=True):
    token: str
    host: str


class FirstRunForm(Struct, frozen=True, kw_only=True):
    token: Short
    association: Short
    handle: Annotated[str, Meta(max_length=30)]
    admin: Annotated[str, Meta(max_length=30)]
    email: Annotated[str, Meta(max_length=254)]
    password: Password
    place: Short = ""
    display_name: Short = ""


async def first_run_page(request: Request) -> Response:
    """GET /first-run?token=: whose site it is, and its first account."""
    token = request.query_params.get("token", "") or (request.state.fields.get("token") or [""])[0]
    await request.state.db.read(first_run.check_first_run, token_hash(token), request.state.clock.now())
    view = FirstRunPage(token=token, host=request.state.here.handle_domain)
    response = page(request, "people/first_run.html", view, indexed=False)
    # The address of this page is a key: it goes nowhere else, not even to our own pages (SECURITY 6.4).
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


async def first_run_done(request: Request) -> Response:
    """POST /first-run: from here on the site exists; straight to the first listing."""
    form, state = await read_form(request, FirstRunForm), request.state
    now, token = state.clock.now(), new_token()
    email = _checked_names(form)
    await state.db.read(first_run.check_first_run, token_hash(form.token), now)
    kept = await passwords.hashed(check_password(form.password, known=(form.admin, form.email, form.association)))
    keys = await asyncio.to_thread(lambda: (make_keys(), make_keys(), make_keys()))
    await state.db.write(
        first_run.init_by_link,
        link_hash=token_hash(form.token),
        session_hash=token_hash(token),
        association=NewAssociation(name=form.association, handle=form.handle.lower(), place=form.place),
        admin=NewPerson(name=form.admin.lower(), display_name=form.display_name, email=email, password_hash=kept),
        keys=keys,
        secret=state.secret,
        here=state.here,
        now=now,
    )
    response = see_other(request, "/new", say=_("%(name)s is open. Publish a first listing.", name=form.association))
    give_session(response, token, state.here)
    return response


def _checked_names(form: FirstRunForm) -> str:
    """The e-mail address. Raises Invalid with the problem at the field where the name was typed."""
    unfit = N_("Use 1 to 30 small letters, digits or underscores, and not a reserved word.")
    problems = {name: unfit for name in ("handle", "admin") if not may_be_taken(getattr(form, name).lower())}
    if form.handle.lower() == form.admin.lower():
        problems.setdefault("admin", N_("The association has this name already."))
    if problems:
        raise Invalid(problems)
    return check_email(form.email)


async def _matches(request: Request, tried: Try, password: str) -> bool:
    """Whether it is the right one. Raises Busy, and then it was no try."""
    try:
        return await passwords.matches(password, tried.person.password_hash if tried.person else None)
    except Busy:
        await request.state.db.write(signing_in.take_back, tried)
        raise


async def _myself(request: Request) -> Person:
    person: Person | None = await request.state.db.read(store.person_by_id, signed_in(request).person_id)
    if person is None:
        raise NoSuchPerson
    return person
