"""Rules and partners from a terminal: the real commands on a real instance of their own."""

import io
import json
from pathlib import Path

import pytest

from fedishare.surfaces.cli.main import run
from tests.federation.following.test_commands import INIT, Shell, rows


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    for name, value in {"DATA": str(tmp_path / "remise"), "LANG": "en"}.items():
        monkeypatch.setenv(f"FEDISHARE_{name}", value)
    for name in ("LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.setenv(name, "en_GB.UTF-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery staple\n"))
    assert run(INIT.split()) == 0
    return Shell(capsys)


def test_rules_are_made_read_and_taken_back(shell: Shell):
    assert "blocked" in shell("policy add *.Liars.example block --comment lies --note them").stdout
    assert "limited" in shell("policy add loud.example limit").stdout
    assert "allowed" in shell("policy add https://else.example/users/amel allow").stdout
    assert "limited" in shell("policy add liars.example limit").stdout

    assert [(row["subject"], row["severity"]) for row in rows(shell("policy list --json"))] == [
        ("https://else.example/users/amel", "allow"),
        ("liars.example", "limit"),
        ("loud.example", "limit"),
    ]
    assert shell("policy remove loud.example").exit_code == 0
    assert len(rows(shell("policy list --json"))) == 2


def test_a_list_of_mastodon_goes_in_and_comes_out(shell: Shell, tmp_path: Path):
    file = tmp_path / "list.csv"
    file.write_text(
        "#domain,#severity,#public_comment\nliars.example,suspend,lies\nloud.example,silence,\nx y,suspend,\n"
    )

    taken = shell(f"policy import {file}")
    written = shell("policy export").stdout

    assert "2 rules" in taken.stdout
    assert "Line 4, x y" in taken.stderr
    assert written.splitlines() == [
        "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate",
        "liars.example,suspend,true,false,lies,false",
        "loud.example,silence,true,false,,false",
    ]
    file.write_text("friend.example\n")
    assert "1 rule" in shell(f"policy import {file} --severity allow").stdout
    assert shell("policy export --allowed").stdout == "#domain\nfriend.example\n"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("policy add share.example block", "this very instance"),
        ("policy add not..a..domain block", "neither a domain"),
        ("policy add @nobody@else.example block", "not known here"),
        ("policy remove else.example", "no such rule"),
        ("policy import /nowhere", "cannot be read"),
        ("partner add nothing", "no address in the fediverse"),
        ("partner add @remise@share.example", "on another server"),
        ("partner accept @nobody@else.example", "`fedishare partner list`"),
        ("partner reject @nobody@else.example", "`fedishare partner list`"),
        ("partner remove @remise@share.example", "nothing between"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(shell: Shell, command: str, words: str):
    refused = shell(command)

    assert refused.exit_code == 1
    assert words in refused.stderr


def test_without_partners_the_list_is_empty(shell: Shell):
    assert rows(shell("partner list --json")) == []
    assert json.dumps(rows(shell("partner list --all --json"))) == "[]"
