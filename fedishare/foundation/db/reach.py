"""What a statement looks at and what it changes, read off its text: for `recalling`, which must forget in time.

Said too broadly rather than too narrowly: each word of a text may be the name of a table it looks at. Exact is only
what is plain: `select ... from t where a = :a and b = :b`, whose answer an insert changes that gives both the same
values and no other; and `insert into t (a, b) values (:a, :b)`.
"""

import re
from collections.abc import Mapping
from functools import cache

from msgspec import Struct

from fedishare.foundation.db.queries import Query

_NO_WORDS = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD = re.compile(r"(?<!:)\b[a-z_][a-z0-9_]*")
_CHANGED = re.compile(r"\b(?:insert into|delete from|update)\s+([a-z_][a-z0-9_]*)")
_PLAIN_LOOK = re.compile(r"select ((?!select ).)+ from ([a-z_]+) where (\w+ = :\w+(?: and \w+ = :\w+)*)")
_EQUAL = re.compile(r"(\w+) = :(\w+)")
_PLAIN_INSERT = re.compile(
    r"insert into ([a-z_]+) \(([\w, ]+)\) values \(([:\w, ]+)\)(?: on conflict(?: \([\w, ]+\))? do nothing)?"
)


class Reach(Struct, frozen=True, kw_only=True):
    """`words` holds every table that is looked at, `changes` those that are written."""

    words: frozenset[str]
    changes: frozenset[str]
    table: str = ""
    """Of a plain statement; '' for any other."""
    pins: tuple[tuple[str, str], ...] = ()
    """Columns and the names of the values that they must equal, of a plain look."""
    gives: Mapping[str, str] = {}
    """The names of the values by their columns, of a plain insert."""

    @property
    def is_look(self) -> bool:
        """Whether its answer holds until a table changes; a lock or a clock is none of that."""
        return not self.changes and "from" in self.words


@cache
def reach_of(query: Query) -> Reach:
    """Of both engines' texts together."""
    texts = [" ".join(_NO_WORDS.sub(" ", text).lower().split()) for text in (query.sqlite, query.postgres_named)]
    words = frozenset(word for text in texts for word in _WORD.findall(text))
    changes = frozenset(table for text in texts for table in _CHANGED.findall(text))
    if texts[0] != texts[1]:
        return Reach(words=words, changes=changes)
    look = _PLAIN_LOOK.fullmatch(texts[0])
    if look is not None and not changes:
        return Reach(words=words, changes=changes, table=look[2], pins=tuple(_EQUAL.findall(look[3])))
    insert = _PLAIN_INSERT.fullmatch(texts[0])
    if insert is not None:
        columns, values = insert[2].split(", "), [name.removeprefix(":") for name in insert[3].split(", ")]
        return Reach(words=words, changes=changes, table=insert[1], gives=dict(zip(columns, values, strict=True)))
    return Reach(words=words, changes=changes)
