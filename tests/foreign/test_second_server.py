"""A second foreign server, with a parser and signatures of its own, lives beside an association.

What is asserted of it are lines of its own log, and what passed on the wire between the two, kept by a tap that belongs
to neither.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.engines import Cluster
from tests.foreign.neighbour import Neighbour, bot_server
from tests.foreign.tap import Tap
from tests.foreign.test_fedify_follows import thread_with
from tests.processes import eventually
from tests.servers import Server, behind
from tests.tls import Names
from tests.visitor import Visitor

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


class Street(NamedTuple):
    names: Names
    remise: Server
    atelier: Neighbour
    to_us: Tap
    to_them: Tap


@pytest.fixture
def street(tmp_path: Path, cluster: Cluster) -> Iterator[Street]:
    """La Remise, a bot on a server that is not ours, and a tap on each side."""
    names = Names(tmp_path / "tls", "la-remise.test", "atelier.test")
    database_url = cluster.create()
    with ExitStack() as ends:
        ends.callback(cluster.drop, database_url)
        remise = behind(names, "la-remise.test", tmp_path / "remise").init("La Remise", admin="nadia")
        atelier = bot_server(tmp_path, database_url=database_url, origin=names.urls["atelier.test"], names=names)
        ends.callback(atelier.stop)
        to_us, to_them = ends.enter_context(Tap(remise.listen)), ends.enter_context(Tap(atelier.address))
        ends.callback(names.proxy({"la-remise.test": to_us.address, "atelier.test": to_them.address}).kill)
        remise.start()
        ends.callback(remise.stop)
        yield Street(names, remise, atelier, to_us, to_them)


def offer(remise: Server, title: str) -> str:
    """The association offers something. Its id."""
    given = ("--as", "association", "--offer", "--action", "use", "--title", title, "--place", "Lille")
    return str(remise.rows("proposal", "add", *given)[0]["id"])


def test_a_second_foreign_server_follows_reads_likes_and_answers(street: Street) -> None:
    names, remise, atelier, *_ = street
    handle = f"@association@{names.hosts['la-remise.test']}"

    # It finds the association by its handle, follows it, and is accepted.
    association = atelier.does("look", at=handle)
    assert (association["kind"], association["name"]) == ("Organization", "La Remise")
    follow = atelier.does("follow", at=handle)
    atelier.until("received", type="Accept", actor=association["id"])
    assert atelier.until("received", type="Accept")["object"]["id"] == follow["activity"]

    # What we publish, edit and delete reaches its bot.
    proposal = offer(remise, "Remorque à vélo")
    shown = atelier.until("received", type="Create", actor=association["id"])["object"]
    assert (shown["id"], shown["kind"], shown["author"]) == (proposal, "Note", association["id"])
    assert "Remorque à vélo" in shown["content"]
    assert "Lille" in shown["content"]
    remise.cli("proposal", "edit", proposal, "--title", "Grande remorque à vélo")
    assert "Grande remorque" in atelier.until("received", type="Update")["object"]["content"]

    # It likes and answers; our steward sees both.
    atelier.does("like", at=proposal)
    reply = atelier.does("reply", at=proposal, text="Est-elle libre samedi ?")
    nadia = Visitor(remise.base_url, names=names).sign_in("nadia")
    eventually(lambda: "Est-elle libre samedi" in nadia.go("/notifications").text, seconds=20, what="the answer")
    assert [row["state"] for row in remise.rows("inbox", "list") if row["type"] == "Like"] == ["applied"]
    nadia.send(to="approve", values={})
    stranger = Visitor(remise.base_url, names=names)
    assert "Est-elle libre samedi" in stranger.go(proposal).text

    # It takes its answer back.
    atelier.does("erase", at=reply["note"])
    eventually(lambda: "Est-elle libre" not in stranger.go(proposal).text, seconds=20, what="the answer taken back")

    # A deletion is understood; then it leaves.
    remise.cli("proposal", "delete", proposal)
    deleted = atelier.until("received", type="Delete")["object"]
    assert (deleted["id"], deleted["kind"]) == (proposal, "Tombstone")
    atelier.does("unfollow", at=handle)
    eventually(lambda: not remise.rows("follow", "list"), seconds=20, what="no follower left", every=0.3)


def test_a_letter_from_the_second_foreign_server_is_read_and_answered(street: Street) -> None:
    names, remise, atelier, *_ = street

    atelier.does("write", at=f"{remise.base_url}/users/association", text="Une question qui ne regarde que vous.")

    nadia = Visitor(remise.base_url, names=names).sign_in("nadia")
    thread = eventually(lambda: thread_with(nadia, "atelier"), seconds=20, what="the letter in Nadia's private page")
    assert "ne regarde que vous" in nadia.go(thread).text
    stranger = Visitor(remise.base_url, names=names)
    assert [page for page in ("/", "/search", thread) if "ne regarde que vous" in stranger.go(page).text] == []
    nadia.go(thread)
    nadia.send(to="/messages/", values={"text": "Et une réponse pour vous seul."})
    answer = atelier.until("received", type="Create")["object"]
    assert "pour vous seul" in answer["content"]
    assert (answer["to"], answer["cc"]) == ([atelier.actor], [])


def test_the_second_foreign_server_refuses_an_unsigned_activity(street: Street) -> None:
    atelier = street.atelier
    forged = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{street.remise.base_url}/activities/1",
        "type": "Follow",
        "actor": f"{street.remise.base_url}/users/association",
        "object": atelier.actor,
    }

    answer = httpx.post(
        f"http://{atelier.address}/user/atelier/inbox",
        json=forged,
        headers={"Content-Type": "application/activity+json"},
        trust_env=False,
    )

    assert answer.status_code == 500, "it trips over what has no signature at all, and takes nothing of it"
    assert not atelier.lines("received")
