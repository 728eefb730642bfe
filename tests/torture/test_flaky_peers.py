"""R4: forty of fifty peers are bad in every way; the ten good ones must not notice, and the bad ones lose nothing.

The schedule to the second is shown with a stopped clock in `tests/federation/outbox`. The short form runs beside other
work: its times are only printed.
"""

import asyncio
import json
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.figures import Figure
from tests.processes import eventually
from tests.servers import Server
from tests.torture import WHOLE
from tests.torture.flaky_peers import KEEPS_IN_BAD_TIMES, MODES, REDIRECTED, FlakyPeers
from tests.torture.forms import Form
from tests.torture.household import Change, changed_copy
from tests.torture.neighbours import Door
from tests.torture.wire import Sender

pytestmark = [pytest.mark.real, pytest.mark.timeout(1_200)]
POSTS = 1_000 if WHOLE else 8
A_SECOND = 10.0
GOOD, BAD = 10, 40
TITLE = re.compile(r'"(\w+ \d+\.)"')
TIMES_SLOWER = 1.3
GOOD_P95_S = 5.0
EXCHANGE_S, LEEWAY_S = 10.0, 1.0
"""No exchange is longer; what the peer's own side of it adds."""
ONE_SLOT: tuple[Change, ...] = (
    ("fedishare/federation/outbox/lanes.py", "KNOCKING = 64", "KNOCKING = 1"),
    ("fedishare/federation/outbox/lanes.py", "FAST_S = 1.0", "FAST_S = 3_600.0"),
)


@dataclass(frozen=True)
class Town:
    """The server under test, with the form that its member posts from."""

    server: Server
    peers: FlakyPeers
    form: Form

    @property
    def door(self) -> Door:
        return Door(port=int(self.server.listen.rpartition(":")[2]), host=self.server.listen)

    @property
    def nadia(self) -> str:
        return f"{self.server.base_url}/users/nadia"

    def waiting(self) -> int:
        (stats,) = self.server.rows("queue", "stats")
        return int(stats["inbox_waiting"] + stats["deliveries_waiting"])

    def met_by(self, addresses: Sequence[str]) -> None:
        """These follow, and nothing waits."""
        self.peers.speak(self.door, self.nadia, addresses)
        eventually(lambda: self.waiting() == 0, seconds=60, what="every Follow is answered", every=0.5)

    def post(self, word: str) -> dict[str, float]:
        """When each was posted, by its title."""
        return asyncio.run(self._post([f"{word} {number}." for number in range(POSTS)]))

    async def _post(self, titles: list[str]) -> dict[str, float]:
        sender, begun, posted = Sender(self.server.listen), time.monotonic(), {}
        for number, title in enumerate(titles):
            await asyncio.sleep(max(0.0, begun + number / A_SECOND - time.monotonic()))
            posted[title] = time.monotonic()
            assert (await sender.until_taken(self.form.filled(title))).status == 303
        sender.close()
        return posted

    def ids(self, titles: Iterable[str]) -> dict[str, str]:
        """Activities that offer these, by title."""
        found: dict[str, str] = {}
        for uri, made in list(self.peers.seen.delivered.items()):
            found |= {word: uri for word in TITLE.findall(json.dumps(made)) if made["type"] == "Create"}
        return {title: found[title] for title in titles if title in found}

    def lacking(self, addresses: Iterable[str], titles: Sequence[str]) -> list[str]:
        """Those who have not got all of it."""
        ids = self.ids(titles)
        if len(ids) < len(titles):
            return list(addresses)
        return [address for address in addresses if any((address, uri) not in self.peers.at for uri in ids.values())]

    def have_all(self, addresses: Sequence[str], posted: dict[str, float], *, seconds: float) -> None:
        titles = list(posted)
        eventually(lambda: not self.lacking(addresses, titles), seconds=seconds, what="all arrives", every=0.5)

    def p95(self, posted: dict[str, float]) -> float:
        """From the post to each good peer."""
        ids = self.ids(list(posted))
        waits = sorted(self.peers.at[a, ids[title]] - at for title, at in posted.items() for a in self.peers.good)
        return waits[int(len(waits) * 0.95)]

    def come_back(self) -> list[str]:
        """The bad ones but those that are gone for good. An administrator tries again where a redirect was the answer:
        nothing follows one with a POST, and it is not tried again."""
        for address in self.peers.having(*REDIRECTED):
            self.server.cli("queue", "retry", "--host", f"{address}:{self.peers.port}")
        return [address for address, mode in self.peers.mode.items() if mode != "410"]

    def twice(self) -> list[tuple[str, str]]:
        """What a good peer got more than once."""
        names = {f"{address}:{self.peers.port}" for address in self.peers.good}
        return [key for key, count in self.peers.seen.arrived.items() if count > 1 and key[0] in names]


def town(folder: Path, peers: FlakyPeers, changes: Sequence[Change] = ()) -> Server:
    settings = {"FEDISHARE_LIMITS": "off", "FEDISHARE_CA_FILE": str(peers.ca_file)}
    return Server(folder / "town", settings=settings | changed_copy(folder / "copy", changes)).init("La Remise")


def test_good_peers_do_not_notice_forty_bad_ones(tmp_path: Path, figure: Figure) -> None:
    with FlakyPeers(tmp_path, good=GOOD, bad=BAD, network="127.0.58") as peers, town(tmp_path, peers) as server:
        here = Town(server, peers, Form(server, "nadia"))
        here.met_by(peers.good)
        alone = here.post("Seul")
        here.have_all(peers.good, alone, seconds=60)
        here.met_by(list(peers.mode))
        peers.turn_bad()

        beside = here.post("Avec")
        here.have_all(peers.good, beside, seconds=60)
        first_hang = eventually(lambda: peers.held["silent"], seconds=60, what="the silent are left")[0]
        assert overtaken(here, beside, first_hang) == set(peers.good), "each was told something meanwhile"
        assert_met(peers)
        eventually(lambda: {"silent", "slow drip"} <= set(peers.held), seconds=60, what="all are left")
        here.have_all(peers.having(*KEEPS_IN_BAD_TIMES), beside, seconds=60)

        withheld = [address for address, mode in peers.mode.items() if mode not in KEEPS_IN_BAD_TIMES]
        told = {address for address, uri in list(peers.at) if uri in set(here.ids(list(beside)).values())}
        assert not told & set(withheld), "whoever takes nothing has nothing"

        peers.turn_good()
        recovered(here, beside)
        assert here.twice() == []

    before, after = here.p95(alone), here.p95(beside)
    figure("posts to 50 peers, 40 of them bad", len(beside), "")
    figure("deliveries to the good ones", len(beside) * GOOD, "")
    figure("good ones alone, p95", before, "s")
    figure("good ones beside the bad, p95", after, "s", at_most=GOOD_P95_S if WHOLE else None)
    figure("beside the bad, p95", after / before, "times", at_most=TIMES_SLOWER if WHOLE else None)
    longest = max(end - begin for held in peers.held.values() for begin, end in held)
    figure("longest exchange", longest, "s", at_most=EXCHANGE_S + LEEWAY_S if WHOLE else None)


def test_with_one_slot_for_knocks_the_good_wait_for_the_bad(tmp_path: Path) -> None:
    with (
        FlakyPeers(tmp_path, good=GOOD, bad=BAD, network="127.0.59") as peers,
        town(tmp_path, peers, ONE_SLOT) as server,
    ):
        here = Town(server, peers, Form(server, "nadia"))
        here.met_by(peers.addresses)
        peers.turn_bad()
        posted = here.post("Avec")
        hang = eventually(lambda: peers.held["silent"], seconds=120, what="the silent are left")[0]
        server.kill()  # a stop would wait for what is under way

    assert overtaken(here, posted, hang) != set(peers.good)


def overtaken(here: Town, posted: dict[str, float], hang: tuple[float, float]) -> set[str]:
    """The good peers that something reached while a silent one had a worker's time."""
    ids = set(here.ids(list(posted)).values())
    return {
        address
        for (address, uri), at in list(here.peers.at.items())
        if address in here.peers.good and uri in ids and hang[0] < at < hang[1]
    }


def assert_met(peers: FlakyPeers) -> None:
    """Every mode was, but the two that nobody gets far enough to be met in."""
    unseen = {peers.mode[address] for address in peers.mode if address not in peers.met}
    assert unseen <= {"full", "expired"}, f"never asked: {unseen}"
    assert set(peers.mode.values()) == set(MODES)


def recovered(here: Town, posted: dict[str, float]) -> None:
    """Whoever speaks again gets all that waits for it (an exchange that ends badly just then makes it wait again)."""
    back = here.come_back()

    def all_there() -> bool:
        lacking = here.lacking(back, list(posted))
        here.peers.speak(here.door, here.nadia, lacking)
        return not lacking

    eventually(all_there, seconds=240, what="all that the bad ones missed arrives", every=3.0)
