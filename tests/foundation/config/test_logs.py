"""A log line is one line, whatever other servers put into it."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from fedishare.foundation.config.logs import LONGEST, set_up_logs


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """Other tests have their own ideas about logs."""
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    yield
    structlog.configure(**before)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_what_others_write_stays_in_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info")

    structlog.get_logger().warning("delivery_failed", why="line\nline \x1b[31mred", long="é" * 10_000)

    (line,) = lines(capsys)
    assert line["event"] == "delivery_failed"
    assert line["why"] == "line\\nline \\x1b[31mred"
    assert line["long"] == "é" * LONGEST + "…"
    assert line["level"] == "warning"


def test_less_serious_events_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("warning")

    structlog.get_logger().info("delivery_made", host="hangar.example")

    assert lines(capsys) == []


def test_warnings_of_libraries_come_in_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info")

    logging.getLogger("somebody.else").warning("be careful")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")

    (line,) = lines(capsys)
    assert (line["event"], line["level"]) == ("be careful", "warning")
