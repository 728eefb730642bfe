"""A table of proposals to import: CSV with a line of names, or NDJSON with an object a line.

Bad lines are named with what is wrong in each field; good ones are drafts. Nothing is published here.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

import msgspec
from msgspec import Struct

from fedishare.features.proposals import drafting
from fedishare.features.proposals.drafting import Written
from fedishare.features.proposals.model import Draft
from fedishare.foundation.text.translate import _
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import N_, Invalid, Refusal

NEEDED = ("purpose", "action", "title")
KNOWN = Written.__struct_fields__
LONGEST_FIELD = 100_000


class NotATable(Refusal):
    """Nothing of it can be used. `path` is in the sentence."""

    slug = "not-a-table"
    title = N_("%(path)s is not a table of listings: %(why)s")
    advice = N_("The first line of a CSV file names its columns: purpose, action and title, then any of %(columns)s.")

    def __init__(self, path: str, why: str) -> None:
        more = ", ".join(name for name in KNOWN if name not in NEEDED)
        super().__init__(f"{path}: {why}", path=path, why=why, columns=more)


class Line(Struct, frozen=True, kw_only=True):
    """A line of the table: a draft, or what is wrong with it, one sentence a field."""

    number: int
    draft: Draft | None
    wrong: tuple[str, ...] = ()


def read(path: str, content: bytes, *, language: str, zone: str, now: Instant) -> list[Line]:
    """Every line but the first of a CSV file. Raises NotATable."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotATable(path, _("it is not written in UTF-8. Save it as UTF-8 and import it again.")) from None
    if not text.strip():
        raise NotATable(path, _("it is empty."))
    rows = _json_lines(text) if text.lstrip().startswith("{") else _csv_lines(path, text)
    return [_line(number, fields, language=language, zone=zone, now=now) for number, fields in rows]


def _line(number: int, fields: Mapping[str, str] | str, *, language: str, zone: str, now: Instant) -> Line:
    if isinstance(fields, str):
        return Line(number=number, draft=None, wrong=(fields,))
    written = Written(**{name: fields.get(name, "") for name in KNOWN})
    try:
        return Line(number=number, draft=drafting.draft(written, language=language, zone=zone, now=now))
    except Invalid as invalid:
        wrong = tuple(_sentence(name, getattr(written, name), why) for name, why in invalid.problems.items())
        return Line(number=number, draft=None, wrong=wrong)


def _sentence(field: str, given: str, why: str) -> str:
    if not given:
        return _("%(field)s: %(why)s", field=field, why=_(why))
    return _("%(field)s “%(given)s”: %(why)s", field=field, given=given[:40], why=_(why))


def _csv_lines(path: str, text: str) -> Iterator[tuple[int, Mapping[str, str] | str]]:
    """Commas or semicolons, as French spreadsheets write them. A field may hold line ends."""
    first = text.splitlines()[0]
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        names = [name.strip().lower() for name in next(reader)]
    except csv.Error:
        names = []
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise NotATable(path, _("it has no column %(names)s.", names=", ".join(missing)))
    if unknown := _unknown(names):
        raise NotATable(path, unknown)
    yield from _csv_rows(reader, names)


class _Reader(Protocol):
    """What `csv.reader` gives."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


def _csv_rows(reader: _Reader, names: list[str]) -> Iterator[tuple[int, Mapping[str, str] | str]]:
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, _("it cannot be read (%(error)s).", error=error)
            continue
        if len(row) > len(names):
            yield number, _("it has more fields than the first line has names.")
        elif any(row):
            yield number, dict(zip(names, row, strict=False))


def _json_lines(text: str) -> Iterator[tuple[int, Mapping[str, str] | str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            read_line = msgspec.json.decode(line, type=dict[str, str | int | float | None])
        except (msgspec.DecodeError, UnicodeError) as error:
            yield number, _("it cannot be read (%(error)s).", error=error)
            continue
        known = {name: "" if value is None else str(value) for name, value in read_line.items()}
        yield number, _unknown(known) or known


def _unknown(names: Iterable[str]) -> str:
    """What a misspelt column holds would be lost without a word; '' when every name is known."""
    strangers = [name for name in names if name and name not in KNOWN]
    return (
        _("nothing is called %(names)s here. Rename it, or take it out.", names=", ".join(strangers))
        if strangers
        else ""
    )
