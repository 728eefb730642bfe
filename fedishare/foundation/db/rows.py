"""Rows into structs, cheaply: what each column needs is worked out once for a query and a shape.

Only three things differ from what the engines give: SQLite's booleans are integers, and enums and decimals are stored
as text. Everything else is taken as it is: the schema has already said what may be there.
"""

import types
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

from fedishare.foundation.db.queries import Query

T = TypeVar("T")
Row = Iterable[Any]


def build(shape: type[T], query: Query, names: Sequence[str], rows: Iterable[Row]) -> list[T]:
    """Each row as `shape`. Raises TypeError when the columns and the shape's fields are not the same."""
    plan = query.plans.get(shape)
    if plan is None:
        plan = query.plans[shape] = _plan(shape, query, tuple(names))
    return [plan(row) for row in rows]


def _plan(shape: type[T], query: Query, names: tuple[str, ...]) -> Callable[[Row], T]:
    if not issubclass(shape, msgspec.Struct):
        return shape
    fields = {field.name: field for field in msgspec.structs.fields(shape)}
    required = {name for name, field in fields.items() if field.required}
    if unknown := set(names) - set(fields):
        raise TypeError(f"{query.name} selects {sorted(unknown)}, which {shape.__name__} does not have")
    if missing := required - set(names):
        raise TypeError(f"{query.name} does not select {sorted(missing)}, which {shape.__name__} needs")
    conversions = [(name, make) for name in names if (make := _conversion(fields[name].type)) is not None]
    return _filler(shape, names, conversions)


def _filler(
    shape: type[T], names: tuple[str, ...], conversions: list[tuple[str, Callable[[Any], Any]]]
) -> Callable[[Row], T]:
    if not conversions:
        return _plain_filler(shape, names)

    def fill(row: Row) -> T:
        values = dict(zip(names, row, strict=True))
        for name, make in conversions:
            if values[name] is not None:
                values[name] = make(values[name])
        return shape(**values)

    return fill


def _plain_filler(shape: type[T], names: tuple[str, ...]) -> Callable[[Row], T]:
    """Written out, field by field, as a person would: without a dict between row and struct it takes half the time,
    and rows are most of what a page reads. The names are the struct's own."""
    filled = ", ".join(f"{name}=row[{place}]" for place, name in enumerate(names))
    made: Callable[[Row], T] = eval(f"lambda row: shape({filled})", {"shape": shape})  # noqa: S307  # names of fields
    return made


def _conversion(wanted: Any) -> Callable[[Any], Any] | None:
    """How a stored value becomes `wanted`, or None when it already is."""
    if get_origin(wanted) in (Union, types.UnionType):
        inner = [_conversion(part) for part in get_args(wanted) if part is not types.NoneType]
        return inner[0] if len(inner) == 1 else None
    if wanted is bool or wanted is Decimal:
        return wanted
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return wanted
    return None
