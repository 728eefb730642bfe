"""Commands in the language of who types: the same tree with every help text translated, made when it is shown.

Commands are values that several runs share, so they are copied and never changed.
"""

import copy

import click

from fedishare.foundation.text.translate import _


def spoken(command: click.Command) -> click.Command:
    """A copy of a command, and of those below it, that speaks the current language."""
    said = copy.copy(command)
    said.help = _(command.help) if command.help else None
    said.short_help = _(command.short_help) if command.short_help else None
    said.params = [_parameter(parameter) for parameter in command.params]
    if isinstance(command, click.Group):
        group = copy.copy(command)
        group.help, group.params = said.help, said.params
        group.commands = {name: spoken(below) for name, below in command.commands.items()}
        return group
    return said


def _parameter(parameter: click.Parameter) -> click.Parameter:
    said = copy.copy(parameter)
    if isinstance(said, click.Option) and said.help:
        said.help = _(said.help)
    return said
