"""Who follows whom, from a terminal: the real commands on a real instance of their own."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from fedishare.surfaces.cli.main import run

INIT = (
    "init --base-url https://share.example --name Remise --handle remise --admin nadia --email nadia@share.example "
    "--password-stdin --no-input"
)


class Said(Struct, frozen=True):
    """What a command left behind."""

    exit_code: int
    stdout: str
    stderr: str


class Shell:
    """Types commands."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, command: str) -> Said:
        self._capsys.readouterr()
        code = run(command.split())
        heard = self._capsys.readouterr()
        return Said(code, heard.out, heard.err)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """La Remise, with Nadia."""
    folder = tmp_path_factory.mktemp("remise")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"DATA": str(folder), "LANG": "en"}.items():
            patch.setenv(f"FEDISHARE_{name}", value)
        for name in ("LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES"):
            patch.setenv(name, "en_GB.UTF-8")
        patch.setattr("sys.stdin", io.StringIO("correct horse battery staple\n"))
        assert run(INIT.split()) == 0
        yield folder


@pytest.fixture
def shell(data: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


def rows(answer: Said) -> list[dict[str, str]]:
    assert answer.exit_code == 0, answer.stderr
    return [json.loads(line) for line in answer.stdout.splitlines()]


def test_neighbour_is_followed_shown_and_left(shell: Shell) -> None:
    added = shell("follow add @nadia@share.example --json")
    listed = shell("follow list --json")
    shown = shell("peer show @nadia@share.example --json")
    removed = shell("follow remove @nadia@share.example")

    assert rows(added)[0]["state"] == "accepted"
    assert [(row["direction"], row["handle"]) for row in rows(listed)] == [("following", "nadia@share.example")]
    assert rows(shown)[0]["we_follow"] == "accepted"
    assert removed.exit_code == 0
    assert rows(shell("follow list --json")) == []


def test_follower_is_removed_from_the_terminal(shell: Shell) -> None:
    shell("follow add @remise@share.example --as nadia")

    removed = shell("follow remove @nadia@share.example --follower")

    assert removed.exit_code == 0
    assert rows(shell("follow list --as nadia --json")) == []


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("follow add @remise@share.example", "Nobody can follow themselves."),
        ("follow add @nobody@share.example", "nobody"),
        ("follow add --as zoe @nadia@share.example", "`fedishare user list`"),
        ("follow remove @nobody@other.example", "`fedishare follow list`"),
        ("follow remove @nadia@share.example", "There is no such follow."),
        ("peer show @nobody@other.example", "`fedishare follow list`"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(shell: Shell, command: str, words: str) -> None:
    refused = shell(command)

    assert refused.exit_code == 1
    assert words in refused.stderr
    assert refused.stdout == ""


def test_without_followers_there_are_no_peers(shell: Shell) -> None:
    assert rows(shell("peer list --json")) == []


def test_who_is_blocked_is_listed_until_they_are_heard_again(shell: Shell) -> None:
    added = shell("block add @nadia@share.example")
    (line,) = rows(shell("block list --json"))
    removed = shell("block remove nadia@share.example")

    assert added.stdout == "remise hears nothing of nadia@share.example from now on.\n"
    assert (line["handle"], line["id"]) == ("nadia@share.example", "https://share.example/users/nadia")
    assert removed.stdout == "remise hears nadia@share.example again.\n"
    assert rows(shell("block list --json")) == []


def test_who_is_not_blocked_is_named(shell: Shell) -> None:
    answer = shell("block remove @eve@evil.example --as nadia")

    assert answer.exit_code == 1
    assert "nadia has not blocked @eve@evil.example." in answer.stderr


def test_nobody_here_of_that_name_blocks_anybody(shell: Shell) -> None:
    answer = shell("block list --as ghost")

    assert answer.exit_code == 1
    assert "ghost" in answer.stderr
