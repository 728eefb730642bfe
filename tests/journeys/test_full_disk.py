"""A database that is locked and a disk that is full are said as they are, and nothing is lost."""

import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.journeys.refusals import add, publish, refusal, titles
from tests.servers import Server
from tests.visitor import Visitor

pytestmark = pytest.mark.real


@pytest.fixture
def town(tmp_path: Path) -> Server:
    return Server(tmp_path / "town").init("La Remise")


def test_a_locked_database_is_said_and_nothing_is_half_done(town: Server, tmp_path: Path) -> None:
    with closing(sqlite3.connect(town.data / "fedishare.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        said = refusal(town, *add(town, "Échelle", tmp_path))
        other.execute("rollback")

    assert re.search(r"verrouill|utilis|locked|use", said), said
    assert titles(town) == []
    town.cli(*add(town, "Échelle", tmp_path))
    assert titles(town) == ["Échelle"]


def test_a_form_sent_while_the_database_is_locked_keeps_its_words(town: Server) -> None:
    with town, closing(sqlite3.connect(town.data / "fedishare.db", isolation_level=None)) as other:
        nadia = Visitor(town.base_url).sign_in("nadia")
        other.execute("begin immediate")
        answer = publish(nadia, "Échelle", expected=503)
        assert answer.headers["Retry-After"]
        other.execute("rollback")

        publish(nadia, "Échelle", expected=200)
    assert titles(town) == ["Échelle"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Twelve megabytes, of its own: what fills it hurts nobody else."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.fail("a small disk can be mounted by root alone: run this test as root")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_said_nothing_is_lost_and_it_heals_alone(small_disk: Path, tmp_path: Path) -> None:
    town = Server(small_disk, settings={"FEDISHARE_LIMITS": "off"}).init("La Remise")
    filler = small_disk / "filler"
    with town:
        nadia = Visitor(town.base_url).sign_in("nadia")
        publish(nadia, "Avant", expected=200)
        fill(filler)

        said = publish(nadia, "Pendant " + "x" * 60, expected=503, text="y" * 4_900)
        assert re.search(r"plein|place|disque|disk|full", said.text), said.text[:2000]
        assert said.headers["Retry-After"]
        refused = refusal(town, *add(town, "Aussi", tmp_path))
        assert re.search(r"plein|place|disque|disk|full", refused), refused
        assert "Avant" in Visitor(town.base_url).go("/search").text, "reading goes on"

        filler.unlink()
        publish(nadia, "Après", expected=200)
    assert titles(town) == ["Après", "Avant"]


def fill(path: Path) -> None:
    """Write until there is no room for one more byte."""
    with path.open("wb", buffering=0) as out:
        for size in (65536, 4096, 512, 1):
            try:
                while True:
                    out.write(b"\0" * size)
            except OSError:
                continue
