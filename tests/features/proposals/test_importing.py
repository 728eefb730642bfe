"""Tables of proposals: good lines are kept, bad ones named, and what is no table is refused whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.features.proposals import tables
from fedishare.features.proposals.tables import Line, NotATable
from fedishare.foundation.text.translate import use_language
from tests.clock import NOON

HEADER = "purpose,action,title,text,place,until\n"


def read(content: str | bytes) -> list[Line]:
    use_language("en")
    raw = content.encode() if isinstance(content, str) else content
    return tables.read("offers.csv", raw, language="fr", zone="Europe/Paris", now=NOON)


def titles(lines: list[Line]) -> list[str]:
    return [line.draft.title for line in lines if line.draft is not None]


def test_each_line_becomes_a_draft() -> None:
    (drill, ladder) = read(HEADER + "offer,use,Perceuse,Avec mèches.,Lille,2027-01-31\nbesoin,transfer,Échelle,,,\n")

    assert drill.draft is not None
    assert ladder.draft is not None
    assert drill.draft.place is not None
    assert (drill.draft.place.name, drill.draft.text) == ("Lille", "Avec mèches.")
    assert (ladder.draft.purpose, ladder.draft.ends_at) == ("request", None)


def test_bad_lines_are_named_with_every_problem_and_good_ones_kept() -> None:
    lines = read(HEADER + "offer,use,Un,,,\noffer,sell,,,Atlantis,hier\noffer,use,Deux,,,\n")

    assert titles(lines) == ["Un", "Deux"]
    (bad,) = [line for line in lines if line.draft is None]
    assert bad.number == 3
    told = " ".join(bad.wrong)
    for words in ("action “sell”", "title", "place “Atlantis”", "until “hier”"):
        assert words in told


def test_line_numbers_count_the_lines_of_the_file() -> None:
    lines = read(HEADER + 'offer,use,Un,"Sur\ndeux lignes.",,\n\noffer,sell,Deux,,,\n')

    assert [line.number for line in lines] == [2, 5]


def test_semicolons_of_a_french_spreadsheet_are_read_too() -> None:
    assert titles(read("\ufeffpurpose;action;title;text\noffer;use;Perceuse;Avec, et sans, mèches\n")) == ["Perceuse"]


def test_a_misspelt_column_is_named_instead_of_lost() -> None:
    with pytest.raises(NotATable) as refused:
        read("purpose,action,title,palce\noffer,use,Perceuse,Lille\n")

    assert "palce" in str(refused.value.values["why"])


def test_a_misspelt_name_in_an_object_is_named_and_the_others_kept() -> None:
    (good, bad) = read(
        '{"purpose": "offer", "action": "use", "title": "Un"}\n'
        '{"purpose": "offer", "action": "use", "title": "Deux", "palce": "Lille"}\n'
    )

    assert good.draft is not None
    assert bad.draft is None
    assert "palce" in bad.wrong[0]


def test_objects_a_line_are_read_too() -> None:
    lines = read('{"purpose": "offer", "action": "use", "title": "Perceuse", "quantity": 3}\n\nnothing\n')

    assert titles(lines) == ["Perceuse"]
    assert [line.number for line in lines] == [1, 3]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"titre;prix\nPerceuse;3\n", "title"),
        ("title\nÉ".encode("latin-1"), "UTF-8"),
        (b"\x00\x01PK", "title"),
    ],
)
def test_what_is_no_table_is_refused_whole(content: bytes, says: str) -> None:
    with pytest.raises(NotATable) as refused:
        read(content)

    assert says in str(refused.value)


@given(rows=st.lists(st.text(max_size=60), max_size=6))
def test_no_line_crashes_the_reader(rows: list[str]) -> None:
    lines = read(HEADER + "\n".join(rows).replace("\ud800", ""))

    for line in lines:
        assert (line.draft is None) == bool(line.wrong)
