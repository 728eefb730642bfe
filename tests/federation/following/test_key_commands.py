"""`fedishare key ...` as an admin types it."""

import io
import json
from pathlib import Path

import pytest

from fedishare.surfaces.cli.main import run

INIT = (
    "init --base-url https://share.example --name Remise --handle remise --admin nadia --email nadia@share.example "
    "--password-stdin --no-input"
)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    for name, value in {"FEDISHARE_DATA": str(tmp_path), "FEDISHARE_LANG": "en", "LANG": "en_GB.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.setenv(name, "en_GB.UTF-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery staple\n"))
    assert run(INIT.split()) == 0
    capsys.readouterr()
    return tmp_path


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    capsys.readouterr()
    assert run(["key", "list", "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def in_use(capsys: pytest.CaptureFixture[str], name: str) -> list[str]:
    return [key["id"].partition("#")[2] for key in listed(capsys) if key["name"] == name and not key["until"]]


def test_everybody_has_two_keys_from_the_start(capsys):
    assert in_use(capsys, "remise") == ["main-key", "ed25519-key"]
    assert in_use(capsys, "nadia") == ["main-key", "ed25519-key"]
    assert in_use(capsys, "share.example") == ["main-key", "ed25519-key"]
    assert "PRIVATE" not in json.dumps(listed(capsys))


@pytest.mark.parametrize("name", ["remise", "@Remise"])
def test_one_gets_new_keys_and_the_others_keep_theirs(capsys, name):
    assert run(["key", "rotate", name]) == 0
    assert capsys.readouterr().out == "remise has new keys. Other servers are told, signed with the old one.\n"

    assert in_use(capsys, "remise") == ["key-2", "ed25519-key-2"]
    assert in_use(capsys, "nadia") == ["main-key", "ed25519-key"]
    replaced = [key for key in listed(capsys) if key["name"] == "remise" and key["until"]]
    assert [key["id"].partition("#")[2] for key in replaced] == ["main-key", "ed25519-key"]


def test_everybody_gets_new_keys(capsys):
    assert run(["key", "rotate", "--all"]) == 0

    for name in ("remise", "nadia", "share.example"):
        assert in_use(capsys, name) == ["key-2", "ed25519-key-2"]


@pytest.mark.parametrize("arguments", [[], ["remise", "--all"]])
def test_who_gets_new_keys_has_to_be_said(capsys, arguments):
    assert run(["key", "rotate", *arguments]) != 0
    assert "a name, or --all" in capsys.readouterr().err

    assert in_use(capsys, "remise") == ["main-key", "ed25519-key"]


def test_nobody_has_no_keys(capsys):
    assert run(["key", "rotate", "nobody"]) != 0
    assert "Nobody here is called nobody." in capsys.readouterr().err
