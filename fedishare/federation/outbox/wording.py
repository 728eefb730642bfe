"""Why something waits, in a sentence; and what went wrong with it, in a line. Pure; for pages and for the terminal.

What was told by others, or by the interpreter, is shown as it came and shortened: only what is ours is translated.
"""

from fedishare.federation.outbox.late import Late
from fedishare.federation.outbox.listing import FailingHost
from fedishare.foundation.text.dates import moment
from fedishare.foundation.text.translate import N_, _
from fedishare.foundation.values.clock import Instant

LINE = 160
"""Letters of others' words that are shown where there is a line for them."""
_FRAME = '\n  File "'
_STATUS = {
    401: N_("It does not recognise our signature"),
    403: N_("It refuses to listen to us"),
    404: N_("It knows no such inbox"),
    408: N_("It gave up waiting"),
    410: N_("It says that the inbox is gone"),
    429: N_("It asks us to slow down"),
}
_ELSE = N_("It did not take it")


def one_line(outcome: str) -> str:
    """The line that tells most: of a traceback its last, of anything else its first."""
    lines = [line.strip() for line in outcome.splitlines() if line.strip()]
    if not lines:
        return ""
    line = lines[-1] if _is_traceback(outcome) else lines[0]
    return line if len(line) <= LINE else line[: LINE - 1] + "…"


def trouble(status: int | None, outcome: str) -> str:
    """What came of the last attempt; '' when there was none, or nothing is known of it."""
    said = one_line(outcome)
    if status is None:
        return _("A mistake of ours: %(said)s", said=said) if _is_traceback(outcome) else said
    words = _("It has trouble of its own") if status >= 500 else _(_STATUS.get(status, _ELSE))
    if not said:
        return f"{words} ({status})."
    return _("%(words)s (%(status)s): %(said)s", words=words, status=status, said=said)


def why(late: Late, now: Instant, *, zone: str) -> str:
    """What it waits for."""
    if late.state == "dead":
        return _("It was given up.")
    if late.lease_until > now:
        return _("It is being sent now.")
    if late.open_until > max(now, late.due_at):
        return _("Its server fails and is left in peace until %(when)s.", when=moment(late.open_until, zone=zone))
    return _turn(late.due_at, now, zone)


def why_received(state: str, lease_until: Instant, due_at: Instant, now: Instant, *, zone: str) -> str:
    """Of an activity that came in: what it waits for."""
    if state == "dead":
        return _("It was given up.")
    if lease_until > now:
        return _("It is being applied now.")
    return _turn(due_at, now, zone)


def held_back(host: FailingHost, now: Instant, *, zone: str) -> str:
    """How a server fails, and when it is tried next."""
    since = moment(host.failing_since or now, zone=zone)
    how = _("Fails since %(since)s: %(failures)s times in a row, on %(days)s different days.",
            since=since, failures=host.failures, days=host.failed_days)  # fmt: skip
    next_at = max(host.open_until, host.due_at or host.open_until)
    if next_at <= now:
        return _("%(how)s It may be tried now.", how=how)
    return _("%(how)s Next attempt: %(when)s.", how=how, when=moment(next_at, zone=zone))


def _turn(due_at: Instant, now: Instant, zone: str) -> str:
    if due_at > now:
        return _("It is tried again on %(when)s.", when=moment(due_at, zone=zone))
    return _("It waits for its turn since %(when)s.", when=moment(due_at, zone=zone))


def _is_traceback(outcome: str) -> bool:
    return _FRAME in outcome or outcome.startswith("Traceback (")
