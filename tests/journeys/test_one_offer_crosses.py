"""One offer crosses: two associations, two real servers behind TLS, on two databases.

The story is one test, because each step needs what the one before left: follow, be accepted, read what was there,
see what is new, edited, closed and deleted, answer, be validated. Every wait has a bound and is printed.
"""

import csv
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.figures import Figure
from tests.processes import eventually
from tests.servers import Server, behind
from tests.tls import Names
from tests.visitor import Visitor

pytestmark = pytest.mark.real
THERE_BEFORE = 300


class Towns(NamedTuple):
    """La Remise offers; Le Hangar, elsewhere, follows."""

    names: Names
    remise: Server
    hangar: Server


@pytest.fixture(params=["sqlite", "postgres"])
def towns(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Towns]:
    """La Remise on SQLite; Le Hangar on the engine of the parameter."""
    names = Names(tmp_path / "tls", "la-remise.test", "le-hangar.test")
    database_url = request.getfixturevalue("cluster").create() if request.param == "postgres" else None
    with ExitStack() as ends:
        remise = behind(names, "la-remise.test", tmp_path / "remise").init("La Remise", admin="nadia")
        hangar = behind(names, "le-hangar.test", tmp_path / "hangar", database_url=database_url)
        hangar.init("Le Hangar", admin="tomasz")
        ends.callback(names.proxy({"la-remise.test": remise.listen, "le-hangar.test": hangar.listen}).kill)
        for server in (remise, hangar):
            server.start()
            ends.callback(server.stop)
        yield Towns(names, remise, hangar)


@pytest.mark.timeout(400)
def test_an_offer_crosses_from_one_association_to_another(towns: Towns, tmp_path: Path, figure: Figure) -> None:
    names, remise, hangar = towns
    remise.cli("proposal", "import", str(three_hundred_offers(tmp_path)), "--as", "association", seconds=120)
    reader = Visitor(hangar.base_url, names=names)

    # Follow, be accepted, read what was there before.
    begin = time.perf_counter()
    hangar.cli("follow", "add", f"@association@{names.hosts['la-remise.test']}", "--as", "association")
    eventually(lambda: is_followed(hangar), seconds=20, what="La Remise accepts Le Hangar", every=0.3)
    figure("follow, to accepted (two commands included)", time.perf_counter() - begin, "s", at_most=20)
    eventually(lambda: len(known(hangar, remise)) >= THERE_BEFORE, seconds=90, what="the backfill", every=0.5)
    figure(f"follow, to {THERE_BEFORE} earlier offers read", time.perf_counter() - begin, "s", at_most=90)
    assert len(known(hangar, remise)) == THERE_BEFORE

    # A new offer is there within seconds, and so is what happens to it. The command itself is in the time.
    begin = time.perf_counter()
    offer = remise.rows(
        *("proposal", "add", "--as", "association", "--offer", "--action", "use", "--title", "Remorque à vélo"),
        *(
            "--text-file",
            str(text(tmp_path, "Elle porte soixante kilos.")),
            "--place",
            "Lille",
            "--until",
            "2027-01-31",
        ),
    )[0]["id"]
    seen(lambda: "Remorque à vélo" in reader.go("/search").text, "a new offer is there", figure, begin)
    begin = time.perf_counter()
    remise.cli("proposal", "edit", offer, "--title", "Grande remorque à vélo")
    seen(lambda: "Grande remorque à vélo" in reader.go("/search").text, "its edit is there", figure, begin)
    begin = time.perf_counter()
    remise.cli("proposal", "close", offer)
    seen(lambda: "Grande remorque" not in reader.go("/search").text, "its closing is there", figure, begin)
    assert [row["state"] for row in known(hangar, remise) if row["id"] == offer] == ["closed"]
    remise.cli("proposal", "delete", offer)
    eventually(
        lambda: offer not in {row["id"] for row in known(hangar, remise)}, seconds=20, what="the deletion", every=0.3
    )
    assert Visitor(remise.base_url, names=names).go(offer).status_code == 410

    # An answer crosses back, and waits for the steward.
    bench = remise.rows(
        *("proposal", "add", "--as", "association", "--offer", "--action", "use", "--title", "Établi pliant"),
        *("--text-file", str(text(tmp_path, "Pour les ateliers du samedi.")), "--place", "Lille"),
    )[0]["id"]
    answer_crosses_and_waits(towns, bench, figure)


def answer_crosses_and_waits(towns: Towns, offer: str, figure: Figure) -> None:
    """Tomasz answers at Le Hangar; at La Remise nobody reads it before Nadia says so."""
    names, remise, hangar = towns
    words = "Bonjour, est-il libre samedi prochain ?"
    tomasz = Visitor(hangar.base_url, names=names).sign_in("tomasz")
    page = eventually(lambda: page_of(tomasz, "Établi pliant"), seconds=20, what="the offer at Le Hangar")
    tomasz.go(page)
    begin = time.perf_counter()
    tomasz.send(to="repl", values={"text": words})

    nadia = Visitor(remise.base_url, names=names).sign_in("nadia")
    seen(lambda: words in nadia.go("/notifications").text, "an answer is at the steward's", figure, begin)
    stranger = Visitor(remise.base_url, names=names)
    here = page_of(stranger, "Établi pliant")
    assert here
    assert words not in stranger.go(here).text, "shown before the steward said so"
    nadia.send(to="approve", values={})
    assert words in stranger.go(here).text


def seen(look: Callable[[], bool], what: str, figure: Figure, begin: float) -> None:
    """Wait for something that should take less than 2 s; ten times that is the bound on a busy machine."""
    eventually(look, seconds=20, what=what)
    figure(what, time.perf_counter() - begin, "s", at_most=20)


def is_followed(server: Server) -> bool:
    follows = [row for row in server.rows("follow", "list") if row["direction"] == "following"]
    return [row["state"] for row in follows] == ["accepted"]


def known(server: Server, other: Server) -> list[dict[str, Any]]:
    """What `server` has of `other`'s proposals."""
    rows = server.rows("proposal", "list", "--origin", "all")
    return [row for row in rows if row["id"].startswith(other.base_url + "/")]


def page_of(visitor: Visitor, title: str) -> str | None:
    """The link with this title in the list."""
    return next((link.address for link in visitor.links("/search") if title in link.words), None)


def text(folder: Path, words: str) -> Path:
    path = folder / "text.md"
    path.write_text(words)
    return path


def three_hundred_offers(folder: Path) -> Path:
    path = folder / "offers.csv"
    with path.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["purpose", "action", "title", "text", "place"])
        for number in range(THERE_BEFORE):
            rows.writerow(["offer", "use", f"Outil numéro {number}", f"Le {number}e de l’étagère.", "Lille"])
    return path
