"""What a command of the CLI has in its hands: the settings, the instance it speaks for, and ways to answer.

A command parses, calls one operation or query through this, and prints a line. Refusals and remote trouble raised in
it become one sentence and exit code 1 (`surfaces/cli/main.py`). The database is opened at first need and closed when
the command ends, whatever happened: an open connection would keep the process from exiting.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, NoReturn, ParamSpec, Protocol, Self, TypeVar
from unicodedata import category

import click
import msgspec
from msgspec import Struct

from fedishare.foundation.config.loading import BadSetting, Configured
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.net.client import Net
from fedishare.foundation.text.translate import _
from fedishare.foundation.values.clock import Clock, Instant
from fedishare.foundation.values.errors import Misconfigured, RemoteTrouble
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.secrets import Secret
from fedishare.foundation.values.system import told

T = TypeVar("T")
P = ParamSpec("P")
Row = Struct | Mapping[str, Any]


class Opened(Protocol):
    """What `app.py` makes for a command: an instance without its web side and its worker."""

    @property
    def db(self) -> Database: ...

    @property
    def here(self) -> Here: ...

    @property
    def secret(self) -> Secret: ...

    @property
    def net(self) -> Net: ...

    @property
    def fetcher(self) -> Any: ...


_HARMLESS = "\n\t\u200c\u200d"
"""Ends of lines, and what joins letters and pictures into one."""
Opener = Callable[[Settings], AbstractAsyncContextManager[Opened]]


class Terminal:
    """One command's way to the instance. A context manager: what it opened is closed at its end."""

    def __init__(self, configured: Configured, *, opener: Opener, clock: Clock) -> None:
        self.configured = configured
        self.settings = configured.settings
        self.clock = clock
        self._opener = opener
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._opened: Opened | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._opened is not None:
                self._runner.run(self._stack.aclose())
        finally:
            self._runner.close()

    @property
    def opened(self) -> Opened:
        """The instance this command speaks for, opened at the first need."""
        if self._opened is None:
            self._opened = self._runner.run(self._stack.enter_async_context(self._opener(self.settings)))
        return self._opened

    @property
    def here(self) -> Here:
        """Raises Misconfigured before `init`, unless the settings say the address."""
        return self.opened.here

    @property
    def secret(self) -> Secret:
        return self.opened.secret

    @property
    def db(self) -> Database:
        return self.opened.db

    def now(self) -> Instant:
        return self.clock.now()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something asynchronous to its end."""
        return self._runner.run(work)

    def read(self, query: Callable[Concatenate[Read, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """One look at the database: `terminal.read(store.listing, size=20)`."""
        return self.run(self.db.read(query, *args, **kwargs))

    def write(self, operation: Callable[Concatenate[Tx, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """One transaction: `terminal.write(operations.follow, me, them, here=terminal.here, now=terminal.now())`."""
        return self.run(self.db.write(operation, *args, **kwargs))

    def fetching(
        self, work: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Work that asks other servers; its first argument is the instance's Fetcher."""
        return self.run(work(self.opened.fetcher, *args, **kwargs))

    def say(self, text: str) -> None:
        """A line for whoever typed the command; `text` is translated already."""
        click.echo(tame(text))

    def warn(self, text: str) -> None:
        """A line beside the answer: a pipe does not get it."""
        click.echo(tame(text), err=True)

    def fail(self, text: str) -> NoReturn:
        """End the command: it was refused, for this reason."""
        self.warn(text)
        raise click.exceptions.Exit(1)

    def json(self, row: Row | Sequence[Any]) -> None:
        """One JSON value on one line."""
        value = msgspec.to_builtins(row)
        text = json.dumps(value, ensure_ascii=False)
        click.echo(text if text.isprintable() else json.dumps(value))

    def table(self, rows: Sequence[Row], *, as_json: bool) -> None:
        """Rows as columns under their names, or one JSON object a line. Nothing to show is said beside the output."""
        if as_json:
            for row in rows:
                self.json(row)
            return
        if not rows:
            self.warn(_("There is nothing to show."))
        plain: list[dict[str, Any]] = [dict(msgspec.to_builtins(row)) for row in rows]
        for line in _columns(plain):
            click.echo(line)

    def read_text(self, path: str) -> str:
        """What a file holds; `-` is what is piped in. Fails with a sentence when it cannot be read."""
        try:
            return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8-sig")
        except OSError as error:
            self.fail(_("%(path)s cannot be read: %(error)s", path=path, error=_(told(error))))
        except UnicodeDecodeError:
            self.fail(_("%(path)s cannot be read: %(error)s", path=path, error=_("it is not written in UTF-8")))


def tame(text: str) -> str:
    """Without what a terminal would obey: others' words may hold codes that move its cursor or turn their direction."""
    return text if text.isprintable() else "".join(_said_plainly(letter) for letter in text)


def in_words(trouble: Misconfigured | RemoteTrouble) -> str:
    """What is wrong, in the language of who typed."""
    if not isinstance(trouble, BadSetting):
        return _(trouble.text, **trouble.values)
    parts = {"setting": trouble.shown, "problem": _(trouble.problem), "example": trouble.example}
    if not trouble.source:
        return _("%(setting)s: %(problem)s For example: %(example)s.", **parts)
    return _("%(setting)s: %(problem)s For example: %(example)s. (%(source)s)", source=_(trouble.source), **parts)


def _said_plainly(letter: str) -> str:
    if letter in _HARMLESS or letter.isprintable() or category(letter) == "Zs":
        return letter
    return letter.encode("unicode_escape", "surrogatepass").decode()


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    if not rows:
        return []
    names = list(rows[0])
    cells = [names, *([_cell(row.get(name)) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    return ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def _cell(value: Any) -> str:
    return "" if value is None else tame(str(value).replace("\n", " "))
