"""A foreign server follows an association, reads its offers, likes and answers: in its own words.

What is asserted of it are lines that it printed itself, after its own parser and its own signature checks.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.foreign.neighbour import Neighbour
from tests.processes import eventually
from tests.servers import PASSWORD, Server, behind
from tests.tls import Names
from tests.visitor import Visitor

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


class Street(NamedTuple):
    names: Names
    remise: Server
    voisine: Neighbour


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    """La Remise, and a person on a server that is not ours."""
    names = Names(tmp_path / "tls", "la-remise.test", "voisine.test")
    with ExitStack() as ends:
        remise = behind(names, "la-remise.test", tmp_path / "remise").init("La Remise", admin="nadia")
        voisine = Neighbour(tmp_path / "voisine", origin=names.urls["voisine.test"], names=names)
        ends.callback(voisine.stop)
        ends.callback(names.proxy({"la-remise.test": remise.listen, "voisine.test": voisine.address}).kill)
        remise.start()
        ends.callback(remise.stop)
        yield Street(names, remise, voisine)


def test_a_foreign_server_follows_reads_likes_and_answers(street: Street, tmp_path: Path) -> None:
    names, remise, voisine = street
    handle = f"@association@{names.hosts['la-remise.test']}"

    # It finds the association by its handle, follows it, and is accepted.
    association = voisine.does("look", at=handle)
    assert (association["kind"], association["name"]) == ("Organization", "La Remise")
    follow = voisine.does("follow", at=handle)
    voisine.until("received", type="Accept", object=follow["activity"], actor=association["id"])

    # What we publish, edit and delete is on its screen.
    words = tmp_path / "text.md"
    words.write_text("Elle porte **soixante** kilos.")
    offer = remise.rows(
        *("proposal", "add", "--as", "association", "--offer", "--action", "use", "--title", "Remorque à vélo"),
        *("--text-file", str(words), "--place", "Lille", "--until", "2027-01-31"),
    )[0]["id"]
    shown = voisine.until("received", type="Create", actor=association["id"])["object"]
    assert (shown["id"], shown["kind"], shown["author"]) == (offer, "Note", association["id"])
    assert "Remorque à vélo" in shown["content"]
    assert "<strong>soixante</strong> kilos" in shown["content"]
    assert "Lille" in shown["content"]
    assert "https://www.w3.org/ns/activitystreams#Public" in shown["to"]
    assert voisine.does("look", at=offer)["content"] == shown["content"], "fetched and received must be one"
    remise.cli("proposal", "edit", offer, "--title", "Grande remorque à vélo")
    assert "Grande remorque" in voisine.until("received", type="Update")["object"]["content"]

    # It likes and answers; our steward sees both, and others see the answer once she says so.
    voisine.does("like", at=offer)
    voisine.does("reply", at=offer, text="Est-elle libre samedi ?")
    nadia = Visitor(remise.base_url, names=names).sign_in("nadia")
    eventually(lambda: "Est-elle libre samedi" in nadia.go("/notifications").text, seconds=20, what="the answer")
    assert [row["state"] for row in remise.rows("inbox", "list") if row["type"] == "Like"] == ["applied"]
    stranger = Visitor(remise.base_url, names=names)
    page = stranger.go(offer)
    assert "Est-elle libre samedi" not in page.text
    nadia.send(to="approve", values={})
    assert "Est-elle libre samedi" in stranger.go(offer).text

    # A deletion is understood; then it leaves, and hears no more.
    remise.cli("proposal", "delete", offer)
    assert voisine.until("received", type="Delete", object=offer)["known"] is True
    voisine.does("unfollow", at=handle, activity=follow["activity"])
    eventually(lambda: not remise.rows("follow", "list"), seconds=20, what="no follower left", every=0.3)
    told = len(remise.rows("queue", "list"))
    remise.cli(
        "proposal", "add", "--as", "association", "--offer", "--action", "use", "--title", "Échelle", "--place", "Lille"
    )
    assert len(remise.rows("queue", "list")) == told, "nobody is told who does not want to hear"
    assert [line["status"] for line in voisine.lines("answered")] == [202] * len(voisine.lines("answered"))


def test_what_is_written_to_one_person_is_read_by_nobody_else(street: Street) -> None:
    names, remise, voisine = street
    handle = f"@association@{names.hosts['la-remise.test']}"

    voisine.does("write", at=handle, text="Une question qui ne regarde que vous.")

    nadia = Visitor(remise.base_url, names=names).sign_in("nadia")
    thread = eventually(lambda: thread_with(nadia, "voisine"), seconds=20, what="the message in Nadia's private page")
    assert "ne regarde que vous" in nadia.go(thread).text
    remise.cli("user", "create", "amel", "--email", "amel@example.org", "--password-stdin", typed=PASSWORD + "\n")
    amel, stranger = Visitor(remise.base_url, names=names).sign_in("amel"), Visitor(remise.base_url, names=names)
    for other in (amel, stranger):
        assert "ne regarde que vous" not in other.go(thread).text
        open_to_them = ("/", "/search", "/@association", "/messages", "/notifications")
        assert [page for page in open_to_them if "ne regarde que vous" in other.go(page).text] == []

    nadia.go(thread)
    nadia.send(to="/messages/", values={"text": "Et une réponse pour vous seule."})
    answer = voisine.until("received", type="Create")["object"]
    assert "pour vous seule" in answer["content"]
    assert (answer["to"], answer["cc"]) == ([voisine.actor], [])


def thread_with(visitor: Visitor, name: str) -> str | None:
    """Where the thread with somebody is, on the page of messages."""
    return next((link.address for link in visitor.links("/messages") if name in link.words.lower()), None)
