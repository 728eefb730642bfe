"""Both signature schemes, in and out, between us and two foreign servers: seen by a tap between the two.

That a signature is good is said by whoever was to verify it: the foreign servers print what they took, our inbox says
what it has applied. Each of the two knocks with RFC 9421 first and falls back to draft-cavage; we do the reverse.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.engines import Cluster
from tests.foreign.neighbour import Neighbour, bot_server
from tests.foreign.tap import CAVAGE, RFC9421, UNSIGNED, Tap
from tests.servers import Server, behind
from tests.tls import Names

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


class Street(NamedTuple):
    remise: Server
    other: Neighbour
    to_us: Tap
    to_them: Tap

    @property
    def association(self) -> str:
        return f"{self.remise.base_url}/users/association"

    def offer(self, title: str) -> str:
        """The association offers something. Its id."""
        given = ("--as", "association", "--offer", "--action", "use", "--title", title, "--place", "Lille")
        return str(self.remise.rows("proposal", "add", *given)[0]["id"])

    def follows(self) -> None:
        """The other follows the association, and is accepted."""
        self.other.does("follow", at=self.association)
        self.other.until("received", type="Accept")


@pytest.fixture(params=["fedify", "activitypub.bot"])
def street(request: pytest.FixtureRequest, tmp_path: Path, cluster: Cluster) -> Iterator[Street]:
    """La Remise, one of the two foreign servers, and a tap on each side."""
    names = Names(tmp_path / "tls", "la-remise.test", "voisine.test")
    origin = names.urls["voisine.test"]
    with ExitStack() as ends:
        remise = behind(names, "la-remise.test", tmp_path / "remise").init("La Remise", admin="nadia")
        if request.param == "fedify":
            other = Neighbour(tmp_path, origin=origin, names=names)
        else:
            database_url = cluster.create()
            ends.callback(cluster.drop, database_url)
            other = bot_server(tmp_path, database_url=database_url, origin=origin, names=names)
        ends.callback(other.stop)
        to_us, to_them = ends.enter_context(Tap(remise.listen)), ends.enter_context(Tap(other.address))
        ends.callback(names.proxy({"la-remise.test": to_us.address, "voisine.test": to_them.address}).kill)
        remise.start()
        ends.callback(remise.stop)
        yield Street(remise, other, to_us, to_them)


def test_they_knock_with_rfc9421_and_we_answer_with_draft_cavage(street: Street) -> None:
    street.follows()
    street.offer("Échelle")
    street.other.until("received", type="Create")

    assert street.to_us.posts("Follow") == [(RFC9421, 202)], "taken at the first knock"
    assert street.to_them.posts("Accept") == [(CAVAGE, 202)]
    assert street.to_them.posts("Create") == [(CAVAGE, 202)]
    assert [row["state"] for row in street.remise.rows("inbox", "list")][-1:] == ["applied"]


def test_they_fall_back_to_draft_cavage_where_rfc9421_is_refused(street: Street) -> None:
    street.to_us.refuse("POST", RFC9421)

    street.follows()

    assert street.to_us.posts("Follow", at_least=2) == [(RFC9421, 401), (CAVAGE, 202)]


def test_we_knock_again_with_rfc9421_where_draft_cavage_is_refused_and_remember(street: Street) -> None:
    street.to_them.refuse("POST", CAVAGE)

    street.follows()
    street.offer("Échelle")
    street.other.until("received", type="Create")

    assert street.to_them.posts("Accept", at_least=2) == [(CAVAGE, 401), (RFC9421, 202)]
    assert street.to_them.posts("Create") == [(RFC9421, 202)], "the scheme that worked is remembered"


def test_we_come_back_to_draft_cavage_where_rfc9421_works_no_more(street: Street) -> None:
    street.to_them.refuse("POST", CAVAGE)
    street.follows()
    street.to_them.refuse("POST", RFC9421)

    street.offer("Échelle")
    street.other.until("received", type="Create")

    schemes = street.to_them.posts("Create", at_least=2)
    assert schemes[0] == (RFC9421, 401)
    assert schemes[-1] == (CAVAGE, 202)


def test_our_fetches_are_signed_after_rfc9421_where_draft_cavage_is_refused(street: Street) -> None:
    street.to_them.refuse("GET", CAVAGE)

    street.follows()

    fetches = [(one.scheme, one.status) for one in street.to_them.seen("GET") if one.scheme != UNSIGNED]
    assert fetches[:2] == [(CAVAGE, 401), (RFC9421, 200)]
    assert set(fetches[2:]) <= {(RFC9421, 200)}, "remembered"
