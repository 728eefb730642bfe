"""The foreign neighbour is what it says: two of them federate, and each refuses what is not signed."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.foreign.neighbour import Neighbour
from tests.processes import eventually
from tests.tls import Names

pytestmark = pytest.mark.real


@pytest.fixture
def neighbours(tmp_path: Path) -> Iterator[tuple[Neighbour, Neighbour]]:
    names = Names(tmp_path / "tls", "voisine.test", "voisin.test")
    with ExitStack() as ends:
        here = Neighbour(tmp_path, origin=names.urls["voisine.test"], names=names)
        ends.callback(here.stop)
        there = Neighbour(tmp_path, origin=names.urls["voisin.test"], names=names, name="voisin")
        ends.callback(there.stop)
        ends.callback(names.proxy({"voisine.test": here.address, "voisin.test": there.address}).kill)
        yield here, there


def test_two_foreign_neighbours_follow_and_read_each_other_by_handle(neighbours: tuple[Neighbour, Neighbour]) -> None:
    here, there = neighbours

    follow = here.does("follow", at=f"@voisin@{there.origin.removeprefix('https://')}")
    here.until("received", type="Accept", object=follow["activity"])
    note = there.does("publish", text="Une perceuse à prêter")

    seen = here.until("received", type="Create", actor=there.actor)
    assert seen["object"]["id"] == note["note"]
    assert seen["object"]["content"] == "<p>Une perceuse à prêter</p>"


def test_the_foreign_neighbour_refuses_an_unsigned_activity(neighbours: tuple[Neighbour, Neighbour]) -> None:
    here, there = neighbours
    forged = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{there.origin}/likes/1",
        "type": "Like",
        "actor": there.actor,
        "object": f"{here.origin}/notes/1",
    }

    answer = httpx.post(
        f"http://{here.address}/inbox",
        json=forged,
        headers={"Content-Type": "application/activity+json"},
        trust_env=False,
    )

    assert answer.status_code == 401
    eventually(lambda: here.lines("answered", status=401), seconds=5, what="the refusal in its own log")
    assert not here.lines("received")
