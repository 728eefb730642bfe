"""`fedishare NOUN VERB`: collects the features' commands, and turns what goes wrong into one sentence.

Exit codes: 0 done, 1 refused or failed (the sentence says what and what to do), 2 the command was not understood.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from fedishare import __version__, app
from fedishare.foundation.config.loading import asked_language, crash_at, load
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.terminal import Terminal, in_words
from fedishare.foundation.text.translate import N_, _, current_language, use_language
from fedishare.foundation.values import crashing
from fedishare.foundation.values.clock import SystemClock
from fedishare.foundation.values.errors import (
    Invalid,
    Malformed,
    Misconfigured,
    Refusal,
    RemotelyGone,
    RemoteTrouble,
    Untrusted,
)
from fedishare.surfaces.cli.click_words import speak_click
from fedishare.surfaces.cli.database import db
from fedishare.surfaces.cli.demo.command import demo
from fedishare.surfaces.cli.sealing import sealing
from fedishare.surfaces.cli.serving import serve, worker
from fedishare.surfaces.cli.settings import config
from fedishare.surfaces.cli.speaking import spoken

DONE, REFUSED, NOT_UNDERSTOOD, INTERRUPTED = 0, 1, 2, 130

# What another server did, and what can be done about it: waiting helps only where it may answer otherwise later.
ELSEWHERE: Sequence[tuple[type[RemoteTrouble], tuple[str, str]]] = (
    (
        Malformed,
        (
            N_("The other server's answer makes no sense: %(why)s"),
            N_("Nothing is kept. Check the address, or tell those who run that server."),
        ),
    ),
    (
        Untrusted,
        (
            N_("The other server's answer cannot be believed: %(why)s"),
            N_("Nothing is kept. Check the address, or tell those who run that server."),
        ),
    ),
    (RemotelyGone, (N_("The other server says that it is gone: %(why)s"), N_("It will not come back there."))),
    (RemoteTrouble, (N_("The other server could not be asked: %(why)s"), N_("Try again later."))),
)


def main() -> None:
    """The entry point of the `fedishare` script."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line. Returns the exit code."""
    _speak(asked_language() or Settings().lang)
    try:
        outcome = spoken(fedishare()).main(list(arguments), prog_name="fedishare", standalone_mode=False)
        return outcome if isinstance(outcome, int) else DONE
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as mistake:
        mistake.show()
        return mistake.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough (`fedishare proposal list | head`).
        sys.stderr.close()
        return REFUSED
    except (Refusal, Misconfigured, RemoteTrouble) as trouble:
        for line in sentences(trouble):
            click.echo(line, err=True)
        return REFUSED


def sentences(trouble: Refusal | Misconfigured | RemoteTrouble) -> list[str]:
    """What happened and what to do, in the language of who typed."""
    if isinstance(trouble, Misconfigured):
        return [in_words(trouble)]
    if isinstance(trouble, RemoteTrouble):
        said, advice = next(words for kind, words in ELSEWHERE if isinstance(trouble, kind))
        return [_(said, why=in_words(trouble)), _(advice)]
    if isinstance(trouble, Invalid) and trouble.problems:
        marked = {field: _(problem, **trouble.values) for field, problem in trouble.problems.items()}
        return [
            _("Nothing was done. Correct this, and type the command again:"),
            *(_("  %(field)s: %(problem)s", field=field, problem=problem) for field, problem in marked.items()),
        ]
    return [f"{_(trouble.title, **trouble.values)} {_(trouble.advice, **trouble.values)}"]


def fedishare() -> click.Group:
    """The tree of all commands."""

    @click.group(help=N_("Fedishare: what an association and its members offer and need, on the fediverse."))
    @click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        help=N_("The file of settings; else fedishare.toml in the data folder."),
    )
    @click.version_option(__version__, prog_name="fedishare", help=N_("Show the version and exit."))
    @click.pass_context
    def top(context: click.Context, config: Path | None) -> None:
        if where := crash_at():
            crashing.arm(*where)
        configured = load(config)
        _speak(asked_language() or configured.settings.lang)
        terminal = Terminal(configured, opener=app.opened, clock=SystemClock())
        context.obj = context.with_resource(terminal)

    for command in (serve, worker, config, db, sealing, demo, *app.commands()):
        top.add_command(command)
    return top


def _speak(language: str) -> None:
    use_language(language)
    speak_click(current_language())
