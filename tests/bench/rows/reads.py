"""Reads: documents for servers, pages for people, over a list of a million."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.rows import seeding
from tests.bench.rows.measuring import Measure, Row
from tests.bench.rows.running import Bench, floor, serving, tool
from tests.servers import Server
from tests.visitor import Visitor

SIZE = 20
PAGES = 500
HTML = "Accept: text/html"
FRENCH = "Accept-Language: fr"
JSON = "Accept: application/activity+json"
UNIT = "reads per core-second"


@dataclass(frozen=True)
class Reader:
    """Asks one server, whose process is known, for so many seconds."""

    base: str
    pid: int
    seconds: float

    def reads(self, *more: str) -> float:
        options = ["--base", self.base, "--server-pid", str(self.pid), "--seconds", str(self.seconds)]
        return float(tool("load_reads.py", *options, *more)["figure"])

    def of(self, *more: str) -> Measure:
        return lambda: self.reads(*more)


@contextmanager
def all_of_them(bench: Bench, engine: str) -> Iterator[Sequence[Row]]:
    town = seeding.seeded(bench, engine)
    offer = town.rows("proposal", "list", "--origin", "here")[0]["id"].removeprefix(town.base_url)
    if bench.spoiled and engine == "sqlite":
        unordered(town)
    lists = bench.folder / f"lists-{engine}"
    lists.write_text("\n".join(seeding.pages(bench.rows, SIZE, PAGES)))
    floors = bench.folder / f"floor-reads-{engine}"
    floors.mkdir()
    database = ("--database", str(floors / "reads.db"))
    with serving(town) as pid, floor("floor_reads.py", floors, *database) as (base, floor_pid):
        ours, least = Reader(town.base_url, pid, bench.seconds), Reader(base, floor_pid, bench.seconds)
        yield [
            *documents(engine, ours, least, offer),
            *pages(engine, ours, least, lists, cookie_of(town)),
            turned(engine, ours, bench.rows, cookie_of(town)),
        ]


def documents(engine: str, ours: Reader, least: Reader, offer: str) -> list[Row]:
    """For other servers: an actor, and an offer."""
    asked = {"actor": "/users/association", "object": offer}
    return [
        Row(
            job=f"{what} JSON",
            engine=engine,
            unit=UNIT,
            must=0.60,
            aim=0.80,
            measure=ours.of("--path", path, "--header", JSON),
            floor=least.of("--path", "/actor"),
        )
        for what, path in asked.items()
    ]


def pages(engine: str, ours: Reader, least: Reader, lists: Path, cookie: str) -> list[Row]:
    """For people: 500 different pages of the list; the same when nothing has changed; and for who is signed in."""
    listed = ("--paths", str(lists), "--header", HTML, "--header", FRENCH)
    html = least.of("--path", "/list")
    signed = least.of("--path", "/signed")
    return [
        Row(
            job="anonymous page, 500 lists",
            engine=engine,
            unit=UNIT,
            must=0.30,
            aim=0.45,
            measure=ours.of(*listed),
            floor=html,
        ),
        Row(
            job="the same, unchanged",
            engine=engine,
            unit=UNIT,
            must=1.0,
            aim=2.0,
            measure=ours.of(*listed, "--unchanged"),
            floor=html,
        ),
        Row(
            job="signed-in page (20)",
            engine=engine,
            unit=UNIT,
            must=0.15,
            aim=0.25,
            measure=ours.of(*listed, "--header", f"Cookie: {cookie}"),
            floor=signed,
        ),
    ]


def turned(engine: str, ours: Reader, rows: int, cookie: str) -> Row:
    """The page in the middle of everything costs what the first one costs. In processor time, and signed in: for
    nobody in particular the same page is not drawn again."""
    common = ("--header", HTML, "--header", FRENCH, "--header", f"Cookie: {cookie}")
    middle, newest = seeding.middle_page(rows, SIZE), seeding.pages(rows, SIZE, 1)[0]
    return Row(
        job="page n of a list against page 1",
        engine=engine,
        unit="ms of processor a page",
        must=1.2,
        most=True,
        measure=lambda: 1000 / ours.reads("--path", middle, *common),
        floor=lambda: 1000 / ours.reads("--path", newest, *common),
    )


def cookie_of(town: Server) -> str:
    """Of somebody who has signed in."""
    visitor = Visitor(town.base_url).sign_in()
    try:
        return "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    finally:
        visitor.close()


def unordered(town: Server) -> None:
    """The negative control of turning pages: without its index a list is sorted anew for each."""
    import sqlite3

    with sqlite3.connect(town.data / "fedishare.db") as db:
        db.execute("drop index proposal_open")
