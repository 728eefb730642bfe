"""`fedishare init` and `fedishare user ...`: the same operations as the pages, from a terminal."""

import asyncio
import sys
from typing import Any
from urllib.parse import urlsplit

import click
from msgspec import Struct

from fedishare.features.people import operations, passwords, store
from fedishare.features.people.model import Person, Role, check_email, check_password
from fedishare.features.people.operations import NewAssociation, NewPerson
from fedishare.federation.signatures.keys import ActorKeys, make_keys
from fedishare.foundation.config.checks import base_url as checked_base_url
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.translate import _
from fedishare.foundation.values.errors import N_
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.ids import IdSource

KINDS = {"organization": "Organization", "person": "Person"}


class PersonRow(Struct, frozen=True, kw_only=True):
    """What `user list` shows of an account."""

    name: str
    display_name: str
    email: str
    role: str


@click.command("init", help=N_("Begin an instance: its address, its association, its first account."))
@click.option("--base-url", default="", help=N_("Address for everybody, such as https://partage.example.org."))
@click.option("--name", "association", default="", help=N_("Name of the association."))
@click.option("--handle", default="association", show_default=True, help=N_("Its short name in the fediverse."))
@click.option(
    "--type",
    "kind",
    type=click.Choice(list(KINDS)),
    default="organization",
    show_default=True,
    help=N_("What it is, for other servers."),
)
@click.option("--handle-domain", default="", help=N_("What stands after the at-sign, when it is another domain."))
@click.option("--place", default="", help=N_("Its town."))
@click.option("--admin", default="", help=N_("Short name of the first account."))
@click.option("--email", default="", help=N_("E-mail address of the first account."))
@click.option("--password-stdin", is_flag=True, help=N_("Read the password from the standard input."))
@click.option("--no-input", is_flag=True, help=N_("Ask nothing: fail when something is missing."))
@click.pass_obj
def init(terminal: Terminal, /, **given: Any) -> None:
    """Refused when the data folder holds an instance already."""
    ask = _Asking(terminal, quiet=given["no_input"])
    here = _here(terminal, ask, given["base_url"], given["handle_domain"])
    association = NewAssociation(
        name=ask.text("--name", _("Name of the association"), given["association"]),
        handle=given["handle"].lower(),
        kind="Person" if given["kind"] == "person" else "Organization",
        place=given["place"],
    )
    admin = _new_person(ask, given["admin"], given["email"], "", given["password_stdin"])
    person = terminal.write(
        operations.init,
        association=association,
        admin=terminal.run(_hashed(*admin)),
        keys=terminal.run(_three_keys()),
        secret=terminal.secret,
        here=here,
        now=terminal.now(),
    )
    terminal.say(_("%(name)s is ready at %(address)s.", name=association.name, address=here.base_url))
    handle = f"{association.handle}@{here.handle_domain}"
    terminal.say(_("Sign in as %(person)s; others follow @%(handle)s.", person=person.name, handle=handle))


@click.group("user", help=N_("Accounts of this site."))
def user() -> None:
    """People who can sign in."""


@user.command("create", help=N_("Make an account."))
@click.argument("name")
@click.option("--email", default="", help=N_("E-mail address; never shown."))
@click.option("--display-name", default="", help=N_("The name that others read."))
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.MEMBER.value,
    show_default=True,
    help=N_("Who administers speaks for the association too."),
)
@click.option("--password-stdin", is_flag=True, help=N_("Read the password from the standard input."))
@click.option("--no-input", is_flag=True, help=N_("Ask nothing: fail when something is missing."))
@click.pass_obj
def create(
    terminal: Terminal, name: str, email: str, display_name: str, role: str, password_stdin: bool, no_input: bool
) -> None:
    """The person tells the password to nobody else and changes it after the first sign-in."""
    ask = _Asking(terminal, quiet=no_input)
    new = _new_person(ask, name, email, display_name, password_stdin)
    person = terminal.write(
        operations.create_person,
        terminal.run(_hashed(*new)),
        role=Role(role),
        keys=make_keys(),
        secret=terminal.secret,
        here=terminal.here,
        now=terminal.now(),
    )
    terminal.say(_("%(name)s can sign in now.", name=person.name))


@user.command("list", help=N_("Who can sign in."))
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def list_(terminal: Terminal, as_json: bool) -> None:
    """Oldest first."""
    terminal.table([_row(person) for person in terminal.read(store.all_people)], as_json=as_json)


@user.command("passwd", help=N_("Give somebody another password; they are signed out everywhere."))
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help=N_("Read the password from the standard input."))
@click.pass_obj
def passwd(terminal: Terminal, name: str, password_stdin: bool) -> None:
    """Every session of the account ends."""
    person = terminal.read(operations.person_called, name)
    password = _Asking(terminal, quiet=False).password(password_stdin)
    kept = terminal.run(passwords.hashed(check_password(password, known=(person.name, person.email))))
    terminal.write(operations.set_password, person.id, kept, now=terminal.now())
    terminal.say(_("The password of %(name)s is changed; all their sessions ended.", name=person.name))


@user.command("role", help=N_("Give somebody another role; they are signed out everywhere."))
@click.argument("name")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.pass_obj
def role(terminal: Terminal, name: str, role: str) -> None:
    """The last person who administers cannot be made a member."""
    person = terminal.read(operations.person_called, name)
    terminal.write(operations.set_role, person.id, Role(role))
    terminal.say(_("%(name)s is now: %(role)s.", name=person.name, role=role))


class _Asking:
    """Asks for what the command line did not say, unless told to be quiet."""

    def __init__(self, terminal: Terminal, *, quiet: bool) -> None:
        self._terminal = terminal
        self._quiet = quiet

    def text(self, option: str, question: str, given: str) -> str:
        if given:
            return given
        if self._quiet:
            self._terminal.fail(_("%(option)s is missing.", option=option))
        try:
            return str(click.prompt(question, prompt_suffix=_(": ")))
        except click.Abort as ended:
            self._unless_interrupted(ended, option)
            raise

    def password(self, from_stdin: bool) -> str:
        if from_stdin:
            return self._terminal.read_text("-").rstrip("\r\n")
        if self._quiet:
            self._terminal.fail(_("%(option)s is missing.", option="--password-stdin"))
        if not sys.stdin.isatty():
            # Elsewhere the letters would be seen, and the system would say so in English.
            self._terminal.fail(_("Nobody is here to be asked: say it with %(option)s.", option="--password-stdin"))
        return str(click.prompt(_("Password"), hide_input=True, confirmation_prompt=True, prompt_suffix=_(": ")))

    def _unless_interrupted(self, ended: click.Abort, option: str) -> None:
        """click ends a question in the same way for Ctrl-C and for an input without an answer."""
        if isinstance(ended.__context__, EOFError):
            self._terminal.warn("")
            self._terminal.fail(_("Nobody is here to be asked: say it with %(option)s.", option=option))


def _here(terminal: Terminal, ask: _Asking, base_url: str, handle_domain: str) -> Here:
    """The instance that will be: the address given here, else the one of the settings."""
    settings = terminal.settings
    chosen = ask.text("--base-url", _("Address of the site"), base_url or settings.base_url)
    try:
        address = checked_base_url(chosen)
    except ValueError as error:
        terminal.fail(_("--base-url %(address)s: %(problem)s", address=chosen, problem=_(str(error))))
    return Here(
        base_url=address,
        handle_domain=handle_domain or settings.handle_domain or urlsplit(address).netloc,
        ids=IdSource(),
        language=settings.lang,
        time_zone=settings.time_zone,
    )


def _new_person(ask: _Asking, name: str, email: str, display_name: str, from_stdin: bool) -> tuple[NewPerson, str]:
    """The account and its password. Raises Invalid."""
    short = ask.text("--admin", _("Short name of the first account"), name)
    address = check_email(ask.text("--email", _("E-mail address"), email))
    password = check_password(ask.password(from_stdin), known=(short, address))
    person = NewPerson(name=short.lower(), display_name=display_name or short, email=address, password_hash=None)
    return person, password


async def _hashed(person: NewPerson, password: str) -> NewPerson:
    kept = await passwords.hashed(password)
    return NewPerson(name=person.name, display_name=person.display_name, email=person.email, password_hash=kept)


async def _three_keys() -> tuple[ActorKeys, ActorKeys, ActorKeys]:
    return await asyncio.gather(*(asyncio.to_thread(make_keys) for _each in range(3)))  # type: ignore[return-value]


def _row(person: Person) -> PersonRow:
    return PersonRow(name=person.name, display_name=person.display_name, email=person.email, role=person.role.value)
