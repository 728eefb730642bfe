"""Writes the lists of the documents from the code: `python -m tests.documents`. A test compares; nobody types them."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from fedishare.foundation.config.checks import CHECKS
from fedishare.foundation.config.loading import PREFIX, description_of, example_of
from fedishare.foundation.config.settings import Settings
from fedishare.surfaces.cli.main import fedishare

DOCS = Path(__file__).parents[1] / "docs"
NOTE = "<!-- Written by `python -m tests.documents`; not to be edited by hand. -->\n"


def settings() -> str:
    """docs/settings.md"""
    lines = [
        "# Settings\n",
        NOTE,
        "In the environment, or in `fedishare.toml` in the data folder (or the file that `--config` names) under the "
        "name without `FEDISHARE_`, in small letters. The environment wins. A value may stand in a file of its own: "
        "`FEDISHARE_DATABASE_URL_FILE=/run/secrets/url`. A wrong value stops the start and is named. "
        "`fedishare config show --origin` shows what is chosen, and where.\n",
        "| name | what it is for | default | example |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{PREFIX}{name.upper()}` | {description_of(name)} | {_default(name)} | `{example_of(name)}` |"
        for name in CHECKS
    ]
    return "\n".join(lines) + "\n"


def commands() -> str:
    """docs/commands.md"""
    lines = [
        "# Commands\n",
        NOTE,
        "`fedishare NOUN VERB`. Exit codes: 0 done, 1 refused (the sentence says what and what to do), 2 not "
        "understood. The language is that of `LANG`, then `FEDISHARE_LANG`.\n",
    ]
    for name, command in _walk(fedishare(), ()):
        usage = " ".join(
            [f"fedishare {name}", *(f"{p.make_metavar(click.Context(command))}" for p in _arguments(command))]
        )
        lines.append(f"## `{usage}`\n\n{command.help}\n")
        rows = [f"- `{' '.join(option.opts)}`: {option.help or ''}".rstrip(": ") for option in _options(command)]
        if rows:
            lines.append("\n".join(rows) + "\n")
    return "\n".join(lines)


WRITTEN = {"settings.md": settings, "commands.md": commands}


def _default(name: str) -> str:
    """As one would write it; what follows from other settings is told in words."""
    value = getattr(Settings(), name)
    if name in ("data", "database_url", "secret_file"):
        return {"data": "`./var`", "database_url": "`sqlite:///…/fedishare.db`", "secret_file": "`…/secret.key`"}[name]
    if isinstance(value, bool):
        return "`on`" if value else "`off`"
    return f"`{value}`" if value not in ("", None, ()) else ""


def _walk(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from _walk(command.commands[name], (*path, name))
    else:
        yield " ".join(path), command


def _arguments(command: click.Command) -> list[click.Argument]:
    return [parameter for parameter in command.params if isinstance(parameter, click.Argument)]


def _options(command: click.Command) -> list[click.Option]:
    return [each for each in command.params if isinstance(each, click.Option) and not each.hidden]


def main() -> None:
    DOCS.mkdir(exist_ok=True)
    for name, write in WRITTEN.items():
        (DOCS / name).write_text(write(), encoding="utf-8")
    sys.stdout.write(f"{', '.join(WRITTEN)}\n")


if __name__ == "__main__":
    main()
