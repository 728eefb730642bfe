"""A setting that cannot be read stops the start, with its name, its place and what would be right."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.refusals import refusal
from tests.processes import ROOT
from tests.servers import Server

pytestmark = pytest.mark.real


@pytest.fixture
def town(tmp_path: Path) -> Server:
    return Server(tmp_path / "town").init("La Remise")


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ('base_url = "https://la-remise.test', "line 1"),
        ('lang = "klingon"', "lang"),
        ('allow_networks = ["127.0.0.0/99"]', "127.0.0.0/99"),
        ('colour = "red"', "colour"),
    ],
)
def test_an_unreadable_setting_stops_the_start_with_its_name(
    town: Server, tmp_path: Path, written: str, named: str
) -> None:
    config = tmp_path / "fedishare.toml"
    config.write_text(written + "\n")
    del town.settings["FEDISHARE_ALLOW_NETWORKS"]  # the environment would have the last word

    said = refusal(town, "--config", str(config), "serve")

    assert named in said.lower()
    assert str(config) in said


def test_a_wrong_value_in_the_environment_is_named_with_an_example(town: Server) -> None:
    town.settings["FEDISHARE_LISTEN"] = "the usual one"

    said = refusal(town, "serve")

    assert "FEDISHARE_LISTEN" in said
    assert "127.0.0.1:8000" in said


def test_another_address_than_the_stored_one_is_refused(town: Server) -> None:
    town.settings["FEDISHARE_BASE_URL"] = "https://ailleurs.test"

    said = refusal(town, "serve")

    assert "https://ailleurs.test" in said
    assert town.base_url in said


def test_a_traceback_is_never_what_a_command_says(town: Server) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fedishare", "proposal", "show", "https://nowhere.test/\x1b[31m"],
        capture_output=True, text=True, env=town.env, cwd=ROOT, timeout=30,
    )  # fmt: skip

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "\x1b[31m" not in done.stderr
