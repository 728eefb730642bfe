"""`fedishare proposal import`: many listings from one table (`tables.py`), told to followers by one post."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from fedishare.features.proposals import operations, tables
from fedishare.features.proposals.commands import speaker
from fedishare.features.proposals.model import Draft
from fedishare.federation.actors.model import Actor
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.translate import _, current_language, ngettext
from fedishare.foundation.values.errors import N_
from fedishare.foundation.values.system import told

BATCH = 200
"""Imported in one transaction: long enough to be quick, short enough for others to get their turn."""


@click.command("import", help=N_("Publish many listings from a CSV or NDJSON file; - for the standard input."))
@click.argument("path")
@click.option("--as", "name", required=True, help=N_("In whose name: somebody of this instance."))
@click.option("--dry-run", is_flag=True, help=N_("Only say what is wrong with it."))
@click.option("--json", "as_json", is_flag=True, help=N_("Answer in JSON."))
@click.pass_obj
def import_(terminal: Terminal, path: str, name: str, dry_run: bool, as_json: bool) -> None:
    """Bad lines are named, good ones kept. Followers hear of it by one post."""
    owner = terminal.read(speaker, name)
    content = _content(terminal, path)
    lines = tables.read(path, content, language=current_language(), zone=terminal.here.time_zone, now=terminal.now())
    bad = [line for line in lines if line.draft is None]
    for line in bad:
        terminal.warn(_("Line %(number)s: %(wrong)s", number=line.number, wrong=" ".join(line.wrong)))
    drafts = [line.draft for line in lines if line.draft is not None]
    if not dry_run and drafts:
        _import(terminal, drafts, owner)
    if as_json:
        terminal.json({"kept": len(drafts), "refused": len(bad), "dry_run": dry_run})
    else:
        terminal.say(_summary(len(drafts), len(bad), dry_run=dry_run))
    if bad:
        raise click.exceptions.Exit(1)


def _import(terminal: Terminal, drafts: Sequence[Draft], owner: Actor) -> None:
    here, author_id = terminal.here, owner.id
    starts = range(0, len(drafts), BATCH)
    with click.progressbar(starts, label=_("Publishing"), file=sys.stderr, hidden=not sys.stderr.isatty()) as batches:
        for start in batches:
            batch = drafts[start : start + BATCH]
            terminal.write(
                operations.import_all,
                batch,
                owner=owner,
                author_id=author_id,
                digest_of=len(drafts) if start + BATCH >= len(drafts) else 0,
                here=here,
                now=terminal.now(),
            )


def _summary(kept: int, refused: int, *, dry_run: bool) -> str:
    if dry_run:
        said = ngettext("%(count)s line is fine.", "%(count)s lines are fine.", kept)
    else:
        said = ngettext("%(count)s listing published.", "%(count)s listings published.", kept)
    if refused:
        said += " " + ngettext("%(count)s line needs another look.", "%(count)s lines need another look.", refused)
    return said


def _content(terminal: Terminal, path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        terminal.fail(_("%(path)s cannot be read: %(error)s", path=path, error=_(told(error))))
