"""`fedishare secrets rotate`: another master secret, when somebody else may have read it (SECURITY 6.10).

First the file holds both, then each key is sealed anew, then the former secret goes: a crash in between leaves nothing
that cannot be opened, and the same command goes on from there.
"""

import click

from fedishare.federation.actors.resealing import reseal_all
from fedishare.foundation.config.secret_file import begin_replacing, end_replacing
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.translate import N_, _, ngettext
from fedishare.surfaces.cli.locks import only_process


@click.group("secrets", help=N_("The master secret, which seals the keys of everybody here."))
def sealing() -> None:
    """A noun: its verbs follow."""


@sealing.command("rotate", help=N_("Replace the master secret. Stop the server and its workers first."))
@click.pass_obj
def rotate(terminal: Terminal) -> None:
    settings = terminal.settings
    with only_process(settings):
        opened = terminal.opened
        former = opened.secret  # a file that belongs to another database is refused here, and stays as it is
        secret = former.replaced_by(begin_replacing(settings.secret_file))
        count = terminal.run(reseal_all(opened.db, secret))
        end_replacing(settings.secret_file)
    terminal.say(ngettext("%(count)s key has a new seal.", "%(count)s keys have a new seal.", count))
    terminal.say(_("Make a backup now: those made before open with the former secret alone."))
