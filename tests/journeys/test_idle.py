"""What it costs to let it run, how fast it starts, and that every command comes to an end."""

import re
import statistics
import time
from pathlib import Path

import pytest

from tests.figures import Figure
from tests.processes import eventually
from tests.servers import Server

pytestmark = pytest.mark.real

# Commands that run until somebody stops them; every other one must end by itself.
KEEP_RUNNING = {("serve",), ("worker",), ("demo",)}


@pytest.fixture
def town(tmp_path: Path) -> Server:
    return Server(tmp_path / "town").init("La Remise")


def test_an_idle_server_on_sqlite_needs_little_memory(town: Server, figure: Figure) -> None:
    with town:
        time.sleep(3)
        assert town.process
        figure("resident memory, idle", resident_mb(town.process.process.pid), "MB", at_most=80)


def test_a_server_answers_within_three_seconds_of_its_start(town: Server, figure: Figure) -> None:
    seconds = []
    for _ in range(3):
        seconds.append(town.start())
        assert town.stop() == 0

    figure("start to ready, median of 3", statistics.median(seconds), "s")
    figure("start to ready, best of 3", min(seconds), "s", at_most=3)  # others work on this machine, too


def test_a_server_told_to_stop_is_gone_within_seconds(town: Server, figure: Figure) -> None:
    town.start()
    begin = time.perf_counter()

    assert town.stop() == 0

    figure("SIGTERM to exit", time.perf_counter() - begin, "s", at_most=15)


@pytest.mark.timeout(300)
def test_every_command_comes_to_an_end(town: Server, figure: Figure) -> None:
    commands = every_command(town)
    assert len(commands) >= 20, commands

    longest = 0.0
    for command in commands:
        if command in KEEP_RUNNING:
            continue
        begin = time.perf_counter()
        done = town.ran(*command, *arguments_of(command), seconds=30)
        longest = max(longest, time.perf_counter() - begin)
        assert done.returncode in (0, 1, 2), (command, done.stderr)
        assert "Traceback" not in done.stdout + done.stderr, (command, done.stderr)
        assert done.stdout or done.stderr, f"{command} said nothing"

    figure(f"longest of {len(commands)} commands", longest, "s", at_most=30)


def test_a_command_beside_a_running_server_comes_to_an_end(town: Server) -> None:
    with town:
        assert town.rows("queue", "stats")[0] == {"inbox_waiting": 0, "deliveries_waiting": 0, "dead": 0}
        town.cli(
            "user", "create", "amel", "--email", "amel@example.org", "--password-stdin", typed="un long secret à elle\n"
        )
        eventually(lambda: "amel" in town.cli("user", "list"), seconds=10, what="amel in the list")


def arguments_of(command: tuple[str, ...]) -> list[str]:
    """Enough for the command to do something, or to refuse it; nothing is asked back, so it may not wait."""
    more: dict[tuple[str, ...], list[str]] = {
        ("config", "show"): ["--origin"],
        ("init",): ["--no-input"],
    }
    return more.get(command, [])


def every_command(town: Server) -> list[tuple[str, ...]]:
    """All of them, found as a person finds them: by asking for help, of `fedishare` and of each noun."""
    found: list[tuple[str, ...]] = []
    for noun in listed(town.cli("--help")):
        verbs = listed(town.cli(noun, "--help"))
        found += [(noun, verb) for verb in verbs] or [(noun,)]
    return found


def listed(text: str) -> list[str]:
    """The names under "Commands:"."""
    part = re.search(r"^(?:Commands|Commandes)\s?:\n((?:  .*\n|\n)+)", text, re.M)
    return re.findall(r"^  ([a-z][a-z-]*)", part[1], re.M) if part else []


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    match = re.search(r"^VmRSS:\s+(\d+) kB", status, re.M)
    assert match
    return int(match[1]) / 1024
