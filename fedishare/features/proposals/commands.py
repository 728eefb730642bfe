"""`fedishare proposal ...`: the same operations as the pages, for whoever administers this instance.

A proposal is named by its id, the address of its page, or its number.
"""

from typing import Any

import click
from msgspec import Struct
from msgspec.structs import asdict, replace

from fedishare.features.proposals import drafting, operations, store
from fedishare.features.proposals.drafting import Written
from fedishare.features.proposals.model import HERE, Action, Draft, Proposal, ProposalCard, Unit
from fedishare.features.proposals.store import Cursor
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.policy.circles import PARTNERS, PUBLIC
from fedishare.foundation.db.access import Read
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.sanitise import plain
from fedishare.foundation.text.translate import _, current_language
from fedishare.foundation.values.clock import SECOND, rfc3339
from fedishare.foundation.values.errors import N_, NotFound


class NoSuchSpeaker(NotFound):
    title = N_("Nobody here is called %(name)s.")
    advice = N_("See who is here with: fedishare user list. The association has its own name.")


class NoSuchProposal(NotFound):
    title = N_("There is no such listing.")
    advice = N_("See them with: fedishare proposal list.")


class ProposalRow(Struct, frozen=True, kw_only=True):
    """What scripts read of a proposal; `id` is its id URL."""

    id: str
    title: str
    purpose: str
    action: str
    state: str
    origin: str
    place: str
    owner: str
    published: str
    updated: str


@click.group("proposal", help=N_("Listings: what is offered and needed."))
def proposal() -> None:
    """Offers and needs."""


def _fields(command: Any) -> Any:
    """The options that `add` and `edit` share."""
    options = (
        click.option("--offer", "purpose", flag_value="offer", default=None, help=N_("Something is offered.")),
        click.option("--need", "purpose", flag_value="request", help=N_("Something is looked for.")),
        click.option("--action", type=click.Choice([*map(str, Action)]), help=N_("What would be done.")),
        click.option("--title", help=N_("As one would say it to a neighbour.")),
        click.option("--text-file", help=N_("File with the words, in Markdown; - for the standard input.")),
        click.option("--category", help=N_("One word or two, such as: vélo.")),
        click.option("--place", help=N_("A commune, such as Lille.")),
        click.option("--quantity", help=N_("How much or how many.")),
        click.option("--unit", type=click.Choice([*map(str, Unit)]), help=N_("Of what the quantity is.")),
        click.option("--conditions", help=N_("What is hoped for in return; nothing for a gift.")),
        click.option("--until", metavar="YYYY-MM-DD", help=N_("The last day on which it is open.")),
    )
    for option in reversed(options):
        command = option(command)
    return command


@proposal.command("add", help=N_("Publish a listing."))
@click.option("--as", "name", required=True, help=N_("In whose name: somebody of this instance."))
@click.option("--for-partners", is_flag=True, help=N_("For partners and members alone."))
@_fields
@click.option("--json", "as_json", is_flag=True, help=N_("Answer in JSON."))
@click.pass_obj
def add(terminal: Terminal, /, name: str, for_partners: bool, as_json: bool, **given: Any) -> None:
    """Prints the id of what was published."""
    owner = terminal.read(speaker, name)
    draft = _draft(terminal, _written(terminal, Written(), given), language=current_language())
    made = terminal.write(
        operations.publish,
        draft,
        owner=owner,
        author_id=owner.id,
        circle_id=PARTNERS if for_partners else PUBLIC,
        here=terminal.here,
        now=terminal.now(),
    )
    _answer(terminal, made, owner, as_json=as_json)


@proposal.command("list", help=N_("Show what is known, newest first."))
@click.option(
    "--origin",
    type=click.Choice([HERE, "partners", "all"]),
    default="all",
    show_default=True,
    help=N_("From this server, from those that follow each other with it, or from everywhere."),
)
@click.option("--state", type=click.Choice(["open", "closed"]), default=None, help=N_("Only these."))
@click.option("--json", "as_json", is_flag=True, help=N_("Answer in JSON, a line each."))
@click.pass_obj
def list_(terminal: Terminal, origin: str, state: str | None, as_json: bool) -> None:
    """Closed ones too, deleted ones not."""
    terminal.table(terminal.read(_rows, origin, state), as_json=as_json)


@proposal.command("show", help=N_("Show one listing."))
@click.argument("which")
@click.option("--json", "as_json", is_flag=True, help=N_("Answer in JSON."))
@click.pass_obj
def show(terminal: Terminal, which: str, as_json: bool) -> None:
    """With its words."""
    found, owner = terminal.read(_found, which)
    row = _row_of(found, owner)
    if as_json:
        terminal.json({**asdict(row), "category": found.category, "text": plain(found.content), "page": found.page_url})
        return
    for field, value in asdict(row).items():
        terminal.say(f"{field}: {value}")
    terminal.say(f"\n{plain(found.content)}")


@proposal.command("edit", help=N_("Change a listing; what is not named stays."))
@click.argument("which")
@_fields
@click.option("--json", "as_json", is_flag=True, help=N_("Answer in JSON."))
@click.pass_obj
def edit(terminal: Terminal, /, which: str, as_json: bool, **given: Any) -> None:
    """Others are told after FEDISHARE_UPDATE_DELAY, together with what else changes until then."""
    found, owner = terminal.read(_found, which)
    zone = terminal.here.time_zone
    draft = _draft(terminal, _written(terminal, _as_written(found, zone), given), language=found.language)
    changed = terminal.write(
        operations.edit,
        found.id,
        draft,
        by=[found.owner_id],
        tell_after_ms=terminal.settings.update_delay * SECOND,
        here=terminal.here,
        now=terminal.now(),
    )
    _answer(terminal, changed, owner, as_json=as_json)


@proposal.command("close", help=N_("It was found: close the listing and tell everybody."))
@click.argument("which")
@click.option("--json", "as_json", is_flag=True, help=N_("Answer in JSON."))
@click.pass_obj
def close(terminal: Terminal, which: str, as_json: bool) -> None:
    """Refused when it is closed already."""
    found, owner = terminal.read(_found, which)
    closed = terminal.write(operations.close, found.id, by=[found.owner_id], here=terminal.here, now=terminal.now())
    _answer(terminal, closed, owner, as_json=as_json)


@proposal.command("delete", help=N_("Delete a listing here and everywhere it was sent."))
@click.argument("which")
@click.pass_obj
def delete(terminal: Terminal, which: str) -> None:
    """Its address says for ever that it is gone."""
    found, _owner = terminal.read(_found, which)
    terminal.write(operations.delete, found.id, by=[found.owner_id], here=terminal.here, now=terminal.now())
    terminal.say(_("Deleted: %(id)s", id=found.uri))


def _written(terminal: Terminal, former: Written, given: dict[str, Any]) -> Written:
    """What was typed over what there was."""
    text_file = given.pop("text_file")
    typed = {name: value for name, value in given.items() if value is not None}
    if text_file is not None:
        typed["text"] = terminal.read_text(text_file)
    return replace(former, **typed)


def _as_written(found: Proposal, zone: str) -> Written:
    return Written(
        purpose=found.purpose,
        action=found.action,
        title=found.title,
        text=found.source,
        category=found.category,
        place=found.place_name,
        quantity=found.quantity,
        unit=found.unit,
        conditions=found.conditions,
        until=drafting.last_day(found.ends_at, zone=zone),
    )


def _draft(terminal: Terminal, written: Written, *, language: str) -> Draft:
    """Raises Invalid."""
    return drafting.draft(written, language=language, zone=terminal.here.time_zone, now=terminal.now())


async def speaker(read: Read, name: str) -> Actor:
    """Somebody of this instance by their short name. Raises NoSuchSpeaker."""
    actor = await actors.local_by_name(read, name.removeprefix("@").lower())
    if actor is None or actor.deleted_at is not None or actor.kind == "Application":
        raise NoSuchSpeaker(name, name=name)
    return actor


async def _found(read: Read, which: str) -> tuple[Proposal, Actor]:
    """Raises NoSuchProposal."""
    found = await store.proposal_by_uri(read, which)
    if found is None and which.isascii() and which.isdecimal() and len(which) < 20:
        found = await store.proposal_by_id(read, int(which))
    if found is None or found.deleted_at is not None:
        raise NoSuchProposal(which)
    return found, (await actors.by_ids(read, [found.owner_id]))[found.owner_id]


async def _rows(read: Read, origin: str, state: str | None) -> list[ProposalRow]:
    home = HERE if origin == HERE else None
    partners_of = PARTNERS if origin == "partners" else None
    rows: list[ProposalRow] = []
    before = Cursor()
    while True:
        cards = await store.all_proposals(read, home=home, partners_of=partners_of, state=state, before=before)
        rows += [_row(card) for card in cards]
        if len(cards) < store.ALL_PAGE:
            return rows
        before = store.next_cursor(cards[-1])


def _row(card: ProposalCard) -> ProposalRow:
    return ProposalRow(
        id=card.uri,
        title=card.title,
        purpose=card.purpose,
        action=card.action,
        state=card.state,
        origin=card.origin,
        place=card.place_name,
        owner=f"{card.owner_local_name}@{card.owner_domain}",
        published=rfc3339(card.published_at),
        updated=rfc3339(card.updated_at),
    )


def _row_of(found: Proposal, owner: Actor) -> ProposalRow:
    return ProposalRow(
        id=found.uri,
        title=found.title,
        purpose=found.purpose,
        action=found.action,
        state=found.state,
        origin=found.origin,
        place=found.place_name,
        owner=owner.handle,
        published=rfc3339(found.published_at),
        updated=rfc3339(found.updated_at),
    )


def _answer(terminal: Terminal, found: Proposal, owner: Actor, *, as_json: bool) -> None:
    if as_json:
        terminal.json(_row_of(found, owner))
    else:
        terminal.say(found.uri)
