"""A table to import that is not as it should be: the lines are named, the good ones kept."""

import re
from pathlib import Path

import pytest

from tests.journeys.refusals import refusal, titles
from tests.servers import Server

pytestmark = pytest.mark.real


@pytest.fixture
def town(tmp_path: Path) -> Server:
    return Server(tmp_path / "town").init("La Remise")


def test_a_wrong_csv_names_its_lines_and_keeps_the_good_ones(town: Server, tmp_path: Path) -> None:
    path = tmp_path / "offers.csv"
    path.write_text(
        "purpose,action,title,text,place\n"
        "offer,use,Perceuse,Avec mèches.,Lille\n"
        "offer,sell,Scie,Presque neuve.,Lille\n"
        "offer,use,,Sans titre.,Lille\n"
        "offer,use,Échelle,Trois mètres.,Lille\n"
    )

    checked = town.ran("proposal", "import", str(path), "--as", "association", "--dry-run")
    assert titles(town) == []
    done = town.ran("proposal", "import", str(path), "--as", "association")

    for said in (checked.stdout + checked.stderr, done.stdout + done.stderr):
        assert re.search(r"\b3\b.*sell", said), said
        assert re.search(r"(?m)^.*\b4\b", said), said
    assert done.returncode == 1, "some lines were refused: a script must notice"
    assert titles(town) == ["Perceuse", "Échelle"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"titre;prix\nPerceuse;3\n", "title"),
        (b"title,text\nPerceuse \xe9lectrique,oui\n", "UTF-8"),
        (b"", "vide|empty"),
        (b"\x00\x01\x02PK\x03\x04", "CSV|UTF-8|title|colonne|column"),
    ],
    ids=["other columns", "Latin-1", "empty", "not text"],
)
def test_a_table_that_is_none_is_refused_whole(town: Server, tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "offers.csv"
    path.write_bytes(content)

    said = refusal(town, "proposal", "import", str(path), "--as", "association")

    assert re.search(says, said), said
    assert titles(town) == []
