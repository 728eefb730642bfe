"""Both queues from a terminal: the real commands on a real instance with something in each queue."""

import asyncio
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fedishare.federation.actors import store as actors
from fedishare.federation.inbox import store as inbox
from fedishare.federation.outbox import listing, recording
from fedishare.federation.outbox.schedule import Tried
from fedishare.federation.outbox.send import send
from fedishare.federation.vocabulary.actor import read_actor
from fedishare.foundation.db.database import open_database
from fedishare.surfaces.cli.main import run
from tests.house import house
from tests.remote import Person

INIT = (
    "init --base-url https://share.example --name Remise --handle remise --admin nadia --email nadia@share.example "
    "--password-stdin --no-input"
)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """La Remise, with a Like that came in and one that must go out to Amel."""
    for name, value in {"FEDISHARE_DATA": str(tmp_path), "FEDISHARE_LANG": "en", "LANG": "en_GB.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.setenv(name, "en_GB.UTF-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery staple\n"))
    assert run(INIT.split()) == 0
    asyncio.run(_fill(f"sqlite://{tmp_path}/fedishare.db"))
    return tmp_path


async def _fill(url: str) -> None:
    database = await open_database(url)
    async with house(database, founded=True) as made:
        now = made.clock.now()
        amel = made.network.server("mastodon.example").person("amel")
        await database.write(actors.save_remote, read_actor(amel.document, now), here=made.here, now=now)
        like = {"type": "Like", "actor": made.remise.uri, "object": f"{amel.uri}/1", "to": [amel.uri]}
        await database.write(send, like, by=made.remise, here=made.here, now=now)
        await database.write(inbox.keep_all, [_arrived(made.here.ids.new(now), amel, now)])
    await database.close()


def _arrived(number: int, amel: Person, now: int) -> inbox.Arrived:
    return inbox.Arrived(
        id=number,
        uri=f"{amel.uri}#likes/1",
        type="Like",
        actor_uri=amel.uri,
        signer_uri=amel.uri,
        origin="https://mastodon.example",
        body=b"{}",
        digest="",
        signed_at=now,
        received_at=now,
    )


BROKEN = 'Traceback (most recent call last):\n  File "letters.py", line 3, in _body\nValueError: no such key'
LAST = "ValueError: no such key"


async def _fail_delivery(url: str, *, text: str = "no such inbox") -> None:
    """The one delivery was tried, and refused for good."""
    database = await open_database(url)
    (delivery,) = await database.read(listing.listing, state=None, host=None, size=10)
    tried = Tried(
        delivery_id=delivery.id,
        host="mastodon.example",
        inbox="https://mastodon.example/users/amel/inbox",
        attempts=1,
        created_at=0,
        at=0,
        status=404,
        text=text,
    )
    await database.write(recording.record, [tried])
    await database.close()


def said(command: str, capsys: pytest.CaptureFixture[str], *, code: int = 0) -> str:
    capsys.readouterr()
    assert run(command.split()) == code
    heard = capsys.readouterr()
    return heard.out if code == 0 else heard.err


def test_stats_count_both_queues(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stats = json.loads(said("queue stats --json", capsys))

    assert stats == {"inbox_waiting": 1, "deliveries_waiting": 1, "dead": 0}
    assert "Still to be told to others: 1" in said("queue stats", capsys)


def test_inbox_is_listed_a_line_each(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = said("inbox list --json", capsys).splitlines()

    assert json.loads(line) == {
        "id": "https://mastodon.example/users/amel#likes/1",
        "type": "Like",
        "actor": "https://mastodon.example/users/amel",
        "state": "waiting",
        "attempts": 0,
        "outcome": "",
        "received_at": "2026-11-23T12:00:00Z",
    }
    assert said("inbox list --json --state dead", capsys) == ""


def test_given_up_delivery_is_shown_and_tried_again(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(_fail_delivery(f"sqlite://{data}/fedishare.db"))
    (line,) = said("queue list --state dead --json", capsys).splitlines()
    assert (json.loads(line)["status"], json.loads(line)["outcome"]) == (404, "no such inbox")

    assert said("queue retry --host mastodon.example", capsys) == "1 delivery is tried again now.\n"

    assert json.loads(said("queue stats --json", capsys))["deliveries_waiting"] == 1


def test_dropped_delivery_is_gone(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said("queue drop --all", capsys) == "1 delivery is dropped.\n"

    assert json.loads(said("queue stats --json", capsys))["deliveries_waiting"] == 0


@pytest.mark.parametrize("verb", ["retry", "drop"])
def test_nothing_is_chosen_by_accident(data: Path, capsys: pytest.CaptureFixture[str], verb: str) -> None:
    assert "Say which" in said(f"queue {verb}", capsys, code=1)

    assert json.loads(said("queue stats --json", capsys))["deliveries_waiting"] == 1


def test_list_shows_one_line_of_trouble_and_json_the_whole(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(_fail_delivery(f"sqlite://{data}/fedishare.db", text=BROKEN))

    shown = said("queue list --state dead", capsys)
    (line,) = said("queue list --state dead --json", capsys).splitlines()

    assert "ValueError: no such key" in shown
    assert "letters.py" not in shown
    assert json.loads(line)["outcome"] == BROKEN


def test_why_says_it_in_words_and_then_in_full(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(_fail_delivery(f"sqlite://{data}/fedishare.db", text=BROKEN))

    shown = said("queue why mastodon.example", capsys)
    out, came = [json.loads(line) for line in said("queue why mastodon.example --json", capsys).splitlines()][1:]

    assert "It was given up." in shown
    assert BROKEN in shown
    assert (out["queue"], out["state"], out["trouble"]) == ("out", "dead", "It knows no such inbox (404): " + LAST)
    assert out["whole"] == BROKEN
    assert (came["queue"], came["activity"], came["state"]) == (
        "in",
        "https://mastodon.example/users/amel#likes/1",
        "waiting",
    )


def test_why_of_what_nobody_has_heard_of_says_so(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said("queue why https://share.example/proposals/404", capsys) == ""
    assert said("queue why https://share.example/proposals/404 --json", capsys) == '{"queue": "arrived", "count": 0}\n'
