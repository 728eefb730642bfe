"""Every crash point, one after the other: a server dies there, rises, and nothing that was answered is lost (R3).

Somebody elsewhere follows, writes and likes; somebody here offers, edits; all is delivered; the server is stopped. Long
form: the first, second and third time that each point is reached. Short form: the first. On SQLite.
"""

import asyncio
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fedishare.foundation.db.migrations import migrate
from fedishare.foundation.db.steps import shipped_folder
from fedishare.foundation.values.crashing import KILLED, POINTS
from tests.processes import Program
from tests.remote import PUBLIC
from tests.servers import Server
from tests.torture import WHOLE
from tests.torture.asking import ask, is_sound
from tests.torture.forms import Form
from tests.torture.peers import Peers
from tests.torture.wire import Sender

pytestmark = [pytest.mark.real, pytest.mark.timeout(1_800)]
TIMES = (1, 2, 3) if WHOLE else (1,)
SERVING = [point for point in POINTS if not point.startswith("migrating.")]
MIGRATING = [point for point in POINTS if point.startswith("migrating.")]
ONCE = ("serving.", "inbox.free_leases.", "inbox.lease_again.", "migrating.locked", "migrating.copied")
"""Reached once in the life of a process, or once after a crash."""
BEFORE = {"inbox.lease_again.after": "inbox.lease_fresh.after:1"}
"""Reached only by a process whose forerunner died in this way."""
POSTS = LIKES = OFFERS = 3
STEPS = 4
DRAINED_S = 90.0


class Life:
    """One server, the same for all points: what it was at first comes back before each."""

    def __init__(self, folder: Path, peers: Peers) -> None:
        self.folder, self.peers = folder, peers
        self.town = Server(folder / "town", settings={"FEDISHARE_LIMITS": "off"}).init("La Remise")
        with self.town:
            self.form = Form(self.town, "nadia", owner="association")
        self._first = folder / "first"
        shutil.copytree(self.town.data, self._first)
        self.died = 0

    def again(self, where: str) -> None:
        """Everything anew, with a death to come."""
        shutil.rmtree(self.town.data)
        shutil.copytree(self._first, self.town.data)
        self.peers.forget()
        self.died = 0
        self._start(BEFORE.get(where.partition(":")[0], where))
        self._then = where if where.partition(":")[0] in BEFORE else ""

    def _start(self, where: str = "") -> None:
        env = self.town.env | ({"FEDISHARE_CRASH_AT": where} if where else {})
        self.town.process = Program(self.town.command("serve"), log=self.town.folder / "server.log", env=env)

    async def watch(self) -> None:
        """Start it again when it has died as it was told; any other end is a mistake."""
        while True:
            await asyncio.sleep(0.01)
            process = self.town.process
            if process is not None and not process.running:
                assert process.process.returncode == KILLED, process.text()[-3000:]
                self.died += 1
                self._start(self._then)
                self._then = ""

    def stop(self) -> None:
        """Twice when it dies of it: then what it left behind starts and stops."""
        assert self.town.process is not None
        if self.town.process.stop(35) == KILLED:
            self.died += 1
            self.town.start()
            assert self.town.stop() == 0
        else:
            assert self.town.process.process.returncode == 0, self.town.process.text()[-3000:]

    async def live(self) -> None:
        watching = asyncio.create_task(self.watch())
        living = asyncio.create_task(self._events())
        await asyncio.wait({watching, living}, return_when=asyncio.FIRST_COMPLETED)
        watching.cancel()
        if not living.done():
            living.cancel()
            await watching
        await living

    async def _events(self) -> None:
        sender, amel = Sender(self.town.listen), self.peers.people[0]
        inbox, association = f"{self.town.base_url}/inbox", f"{self.town.base_url}/users/association"
        self.follow = {"id": f"{amel.uri}/follow", "type": "Follow", "object": association}
        now = time.time()
        assert (await sender.until_taken(amel.signed(inbox, self.follow, at=now))).status == 202
        await self._until("select 1 from follow where state = 'accepted'")
        self.offers = []
        for number in range(OFFERS):
            made = await sender.until_taken(self.form.filled(f"Offre {number}"))
            assert made.status == 303, made
            self.offers.append(made.headers["location"].partition("?")[0].rpartition("/")[2])
        for number in range(POSTS):
            note = {"id": f"{amel.uri}/notes/{number}", "type": "Note", "attributedTo": amel.uri, "to": [PUBLIC]}
            note |= {"content": f"<p>Bonjour {number}</p>", "inReplyTo": self._id(self.offers[0])}
            create = {"id": f"{note['id']}/create", "type": "Create", "object": note, "to": [PUBLIC]}
            like = {"id": f"{amel.uri}/likes/{number}", "type": "Like", "object": self._id(self.offers[number])}
            for activity in (create, like, create):
                assert (await sender.until_taken(amel.signed(inbox, activity, at=now))).status == 202
        for number in self.offers:
            edited = await sender.until_taken(self.form.filled("Changée", to=f"/proposals/{number}/edit"))
            assert edited.status == 303, edited
        await self._until(f"select 1 where (select count(*) from activity_out where type = 'Update') >= {OFFERS}")
        await self._until(
            "select 1 where not exists (select 1 from activity_in where state = 'waiting') "
            "and not exists (select 1 from delivery where state = 'waiting') and not exists (select 1 from job)"
        )
        sender.close()

    def _id(self, number: str) -> str:
        return f"{self.town.base_url}/proposals/{number}"

    async def _until(self, question: str) -> None:
        async with asyncio.timeout(DRAINED_S):
            while not ask(self.town, question):  # noqa: ASYNC110 - the answer is in another process
                await asyncio.sleep(0.05)

    def judge(self) -> None:
        """Each once, and told to whoever follows."""
        amel, arrived = self.peers.people[0].uri, self.peers.arrived()
        assert is_sound(self.town)
        assert len(set(self.offers)) == OFFERS
        assert ask(self.town, "select state from follow") == [("accepted",)]
        assert ask(self.town, "select count(*) from reaction") == [(LIKES,)]
        assert ask(self.town, f"select count(*) from post where uri like '{amel}%'") == [(POSTS,)]
        assert ask(self.town, "select count(*) from notification where kind = 'reply'") == [(POSTS,)]
        creates = dict(ask(self.town, "select object_uri, uri from activity_out where type = 'Create'"))
        assert ask(self.town, "select count(*) from activity_out where type = 'Create'") == [(OFFERS,)]
        for number in self.offers:
            assert (f"{amel}/inbox", creates[self._id(number)], "Create") in arrived
        updates = {uri for (uri,) in ask(self.town, "select uri from activity_out where type = 'Update'")}
        told = {uri for inbox, uri, kind in arrived if kind == "Update"}
        assert told == updates
        assert len([1 for _, _, kind in arrived if kind == "Accept"]) == 1


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("crashing")
    with Peers(folder, servers=1, people=1) as peers:
        made = Life(folder, peers)
        yield made
        made.town.kill()


@pytest.mark.xdist_group("crash points")
@pytest.mark.parametrize("point", SERVING)
@pytest.mark.parametrize("times", TIMES)
async def test_whoever_dies_there_rises_with_all_that_was_promised(life: Life, point: str, times: int) -> None:
    where = f"{point}:{1 if point.startswith(ONCE) else times}"
    life.again(where)
    try:
        await life.live()
        life.stop()
    finally:
        life.town.kill()

    life.judge()
    assert life.died == (2 if point in BEFORE else 1), f"{where} was never reached"


@pytest.mark.parametrize("point", MIGRATING)
@pytest.mark.parametrize("times", TIMES)
def test_a_migration_that_dies_is_run_again(tmp_path: Path, sqlite_template: Path, point: str, times: int) -> None:
    where = f"{point}:{1 if point.startswith(ONCE) else times}"
    town = older(Server(tmp_path / "town"), folder=tmp_path / "steps")
    kept = ask(town, "select name, value from setting")

    town.settings["FEDISHARE_CRASH_AT"] = where
    assert town.ran("db", "migrate").returncode == KILLED, f"{where} was never reached"
    del town.settings["FEDISHARE_CRASH_AT"]
    refused = town.ran("serve", seconds=20)
    town.cli("db", "migrate")

    assert (refused.returncode, "fedishare db migrate" in refused.stderr) == (1, True), refused.stderr
    assert is_sound(town)
    assert ask(town, "select name, value from setting") == kept
    with closing(sqlite3.connect(sqlite_template)) as fresh:
        schema = "select name, sql from sqlite_schema order by name"
        assert ask(town, schema) == fresh.execute(schema).fetchall()


def older(town: Server, *, folder: Path) -> Server:
    """Its database lacks the last STEPS, and holds something."""
    folder.mkdir()
    shipped = sorted(shipped_folder().glob("*.sql"))
    known = sorted({path.name[:4] for path in shipped})[:-STEPS]
    for path in shipped:
        if path.name[:4] in known:
            shutil.copy(path, folder)
    town.data.mkdir()
    asyncio.run(migrate(f"sqlite://{town.data}/fedishare.db", folder=folder, say=lambda text, values: None))
    with closing(sqlite3.connect(town.data / "fedishare.db")) as db, db:
        db.execute("insert into setting (name, value) values ('kept', 'yes')")
    return town
