"""Why something waits, in words: each reason by itself."""

import pytest
from msgspec.structs import replace

from fedishare.federation.outbox.late import Late
from fedishare.federation.outbox.listing import FailingHost
from fedishare.federation.outbox.wording import LINE, held_back, one_line, trouble, why
from fedishare.foundation.text.translate import in_language
from fedishare.foundation.values.clock import DAY, HOUR, Instant, later
from tests.clock import NOON

TRACEBACK = (
    'Traceback (most recent call last):\n  File "letters.py", line 3, in _body\n    boom\nValueError: no such key\n'
)
BEHIND = Late(
    id=1,
    activity="https://share.example/activities/1",
    type="Create",
    host="hangar.example",
    inbox="https://hangar.example/inbox",
    state="waiting",
    attempts=1,
    due_at=NOON,
    lease_until=Instant(0),
    status=None,
    outcome="",
    created_at=NOON,
    open_until=Instant(0),
)
FAILING = FailingHost(
    host="hangar.example",
    failures=12,
    open_until=later(NOON, HOUR),
    failing_since=later(NOON, -2 * DAY),
    failed_days=3,
    due_at=None,
    waiting=4,
)


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        ("", ""),
        ("\n \n", ""),
        ("no such host: hangar.example", "no such host: hangar.example"),
        ("<html>\n<title>503</title>", "<html>"),
        (TRACEBACK, "ValueError: no such key"),
        # The beginning of a long one is not kept.
        ("of the last call\n" + TRACEBACK.partition("\n")[2], "ValueError: no such key"),
        ("x" * 500, "x" * (LINE - 1) + "…"),
    ],
)
def test_a_line_of_what_went_wrong_is_the_one_that_tells_most(outcome: str, line: str) -> None:
    assert one_line(outcome) == line


@pytest.mark.parametrize(
    ("status", "outcome", "said"),
    [
        (None, "", ""),
        (None, "no such host", "no such host"),
        (None, TRACEBACK, "A mistake of ours: ValueError: no such key"),
        (401, "", "It does not recognise our signature (401)."),
        (418, "teapot", "It did not take it (418): teapot"),
        (503, "<html>\nbusy", "It has trouble of its own (503): <html>"),
        # Their words are theirs, even where they look like a mistake of ours.
        (500, TRACEBACK, "It has trouble of its own (500): ValueError: no such key"),
    ],
)
def test_the_last_trouble_is_said_in_words(status: int | None, outcome: str, said: str) -> None:
    with in_language("en"):
        assert trouble(status, outcome) == said


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"state": "dead"}, "It was given up."),
        ({"lease_until": later(NOON, 1)}, "It is being sent now."),
        (
            {"open_until": later(NOON, HOUR)},
            "Its server fails and is left in peace until Monday, 23 November 2026, 13:00.",
        ),
        ({"due_at": later(NOON, HOUR)}, "It is tried again on Monday, 23 November 2026, 13:00."),
        # What is tried later than its server keeps its own time.
        (
            {"due_at": later(NOON, 2 * HOUR), "open_until": later(NOON, HOUR)},
            "It is tried again on Monday, 23 November 2026, 14:00.",
        ),
        ({}, "It waits for its turn since Monday, 23 November 2026, 12:00."),
    ],
)
def test_each_reason_to_wait_has_its_sentence(changed: dict[str, object], reason: str) -> None:
    with in_language("en"):
        assert why(replace(BEHIND, **changed), NOON, zone="UTC") == reason


@pytest.mark.parametrize(
    ("due_at", "now", "end"),
    [
        (None, NOON, "Next attempt: Monday, 23 November 2026, 13:00."),
        (later(NOON, 2 * HOUR), NOON, "Next attempt: Monday, 23 November 2026, 14:00."),
        (None, later(NOON, HOUR), "It may be tried now."),
    ],
)
def test_a_server_in_trouble_says_since_when_and_until_when(due_at: Instant | None, now: Instant, end: str) -> None:
    with in_language("en"):
        said = held_back(replace(FAILING, due_at=due_at), now, zone="UTC")

    assert said == f"Fails since Saturday, 21 November 2026, 12:00: 12 times in a row, on 3 different days. {end}"
