"""Queries are read from a file by name; what is written badly is refused when the file is read."""

from pathlib import Path

import pytest

from fedishare.foundation.db.database import Database
from fedishare.foundation.db.queries import Query, load, numbered, parse
from tests.engines import on_each_engine

HERE = Path(__file__)


def query(text: str, name: str = "found") -> Query:
    return parse(text, source=HERE)[name]


@pytest.mark.parametrize(
    ("written", "rewritten", "names"),
    [
        ("a = :a and b = :b and a2 = :a", "a = $1 and b = $2 and a2 = $1", ("a", "b")),
        ("select '::x :y', :z::text", "select '::x :y', $1::text", ("z",)),
        ("select 'it''s :a' -- not :b\n, :c /* nor :d */", "select 'it''s :a' -- not :b\n, $1 /* nor :d */", ("c",)),
        ('select ":a"', 'select ":a"', ()),
    ],
)
def test_names_become_numbers_where_they_are_parameters(written: str, rewritten: str, names: tuple[str, ...]):
    assert numbered(written) == (rewritten, names)


def test_a_query_may_differ_by_engine():
    found = query("-- found [sqlite]\nselect 1\n\n-- found [postgres]\n-- hot\nselect 2;\n")

    assert (found.sqlite, found.postgres, found.hot) == ("select 1", "select 2", True)


def test_a_word_commented_inside_a_query_begins_no_other():
    found = parse("-- found\n-- Some sentence.\nselect 1,\n-- two\n2\n\n-- other\nselect 3", source=HERE)

    assert {name: len(query.sqlite) for name, query in found.items()} == {"found": 18, "other": 8}


FILTERED = """
-- found
select name from setting where value = 'x' /* filters */

-- filter: name
and name = :name

-- filter: after [sqlite]
and name > :after

-- filter: after [postgres]
and name > :after::text
"""


def test_only_the_filters_that_have_a_value_are_in():
    found = query(FILTERED)

    assert "and" not in found.filtered(name=None, after=None).sqlite
    assert found.filtered(name="a", after=None).names == ("name",)
    assert "> $2::text" in found.filtered(name="a", after="b").postgres
    assert found.filtered(name="a", after=None) is found.filtered(name="other", after=None)


def test_a_query_without_a_place_takes_no_filter():
    with pytest.raises(ValueError, match="no place for filters"):
        query("-- found\nselect 1\n\n-- filter: name\nand 1").filtered(name="a")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("-- found [sqlite]\nselect 1", "one engine alone"),
        ("-- found\nselect 1\n\n-- found\nselect 2", "twice"),
        ("select 1", "belongs to no query"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(text: str, complaint: str):
    with pytest.raises(ValueError, match=complaint):
        parse(text, source=HERE)


def test_a_name_that_is_not_there_is_told_with_its_file(tmp_path: Path):
    (tmp_path / "queries.sql").write_text("-- found\nselect 1")
    sql = load(str(tmp_path / "store.py"))

    assert sql.found.sqlite == "select 1"
    with pytest.raises(AttributeError, match=r"queries.sql has no query named lost"):
        _ = sql.lost


@on_each_engine
async def test_a_value_that_is_not_given_is_told_by_its_name(database: Database):
    found = query("-- found\nselect value from setting where name = :name")

    with pytest.raises(Exception, match="name"):
        await database.read(lambda read: read.value(found, other="x"))
