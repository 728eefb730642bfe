"""`fedishare policy ...`: which servers and actors this instance speaks with, from a terminal."""

import click
from msgspec import Struct

from fedishare.federation.actors import store as actors
from fedishare.federation.policy import domains, lists, ruling
from fedishare.federation.policy.domains import Rule, Verdict
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.translate import N_, _, ngettext
from fedishare.foundation.values.clock import rfc3339
from fedishare.foundation.values.errors import Invalid

SEVERITIES = click.Choice([verdict.value for verdict in Verdict])


class Line(Struct, frozen=True, kw_only=True):
    """A rule as it is printed."""

    subject: str
    severity: str
    comment: str
    note: str
    since: str


@click.group("policy", help=N_("Which other servers and accounts are allowed, limited or blocked here."))
def policy() -> None:
    """Which other servers and accounts are allowed, limited or blocked here."""


@policy.command("list", help=N_("The rules of this instance."))
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def list_(terminal: Terminal, as_json: bool) -> None:
    """The rules of this instance."""
    terminal.table([_line(rule) for rule in terminal.read(domains.listing)], as_json=as_json)


@policy.command("add", help=N_("Decide about SUBJECT: a domain with all below it, @name@domain, or an address."))
@click.argument("subject")
@click.argument("severity", type=SEVERITIES)
@click.option("--comment", default="", help=N_("Why, for everybody to read."))
@click.option("--note", default="", help=N_("Why, for administrators alone."))
@click.pass_obj
def add(terminal: Terminal, subject: str, severity: str, comment: str, note: str) -> None:
    """A later word about the same subject takes the place of the former."""
    rule = Rule(subject=_subject(terminal, subject), severity=Verdict(severity), comment=comment, note=note)
    terminal.write(ruling.decide, [rule], here=terminal.here, now=terminal.now())
    words = {
        Verdict.ALLOW: _("%(subject)s is allowed.", subject=rule.subject),
        Verdict.LIMIT: _("%(subject)s is limited: no media, no notices.", subject=rule.subject),
        Verdict.BLOCK: _("%(subject)s is blocked: nothing comes in, nothing goes out.", subject=rule.subject),
    }
    terminal.say(words[rule.severity])


@policy.command("remove", help=N_("Take back what was decided about SUBJECT. Follows that ended stay ended."))
@click.argument("subject")
@click.pass_obj
def remove(terminal: Terminal, subject: str) -> None:
    """What was hidden is shown again."""
    meant = _subject(terminal, subject)
    terminal.write(ruling.undecide, meant, here=terminal.here, now=terminal.now())
    terminal.say(_("Nothing is decided about %(subject)s any more.", subject=meant))


@policy.command("import", help=N_("Add the servers of a list in Mastodon's CSV; FILE may be - for what is piped in."))
@click.argument("file")
@click.option(
    "--severity", type=SEVERITIES, default="block", show_default=True, help=N_("For lines that name no severity.")
)
@click.pass_obj
def import_(terminal: Terminal, file: str, severity: str) -> None:
    """All of them in one step; what cannot be read is named and left out."""
    try:
        found = lists.read_list(terminal.read_text(file), severity=Verdict(severity))
    except Invalid as wrong:
        terminal.fail(" ".join(_(why) for why in wrong.problems.values()))
    for one in found.skipped:
        terminal.warn(_("Line %(line)s, %(text)s: %(why)s.", line=one.line, text=one.text, why=_(one.why)))
    terminal.write(ruling.decide, found.rules, here=terminal.here, now=terminal.now())
    words = ngettext("%(count)s rule was taken over.", "%(count)s rules were taken over.", len(found.rules))
    terminal.say(words % {"count": len(found.rules)})


@policy.command("export", help=N_("Write limits and blocks of servers as a list in Mastodon's CSV."))
@click.option("--allowed", is_flag=True, help=N_("The allowed servers instead."))
@click.pass_obj
def export(terminal: Terminal, allowed: bool) -> None:
    """Notes for administrators stay here."""
    rules = terminal.read(domains.listing)
    terminal.say((lists.write_allowed(rules) if allowed else lists.write_list(rules)).rstrip("\n"))


COMMANDS: list[click.Command] = [policy]


def _subject(terminal: Terminal, typed: str) -> str:
    """Somebody named by handle must be known here, or nobody knows whose address that is."""
    if "@" not in typed or "://" in typed:
        try:
            return ruling.subject_of(typed)
        except Invalid as wrong:
            terminal.fail(" ".join(_(why) for why in wrong.problems.values()))
    name, _at, domain = typed.removeprefix("@").partition("@")
    found = terminal.read(actors.by_handle, name, domain)
    if found is None:
        terminal.fail(_("%(handle)s is not known here. Give the address of the account.", handle=typed))
    return found.uri


def _line(rule: Rule) -> Line:
    return Line(
        subject=rule.subject,
        severity=rule.severity.value,
        comment=rule.comment,
        note=rule.note,
        since=rfc3339(rule.created_at),
    )
