"""Where events are written: one line each on standard error, JSON for machines, `key=value` on a terminal.

An event is a name and fields, `log.info("delivery_made", host=host)`; never a body, token or address of a person.
Long texts are cut and control characters escaped, since some of them come from other servers (SECURITY 6.11).
"""

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

LONGEST = 512


def set_up_logs(level: str) -> None:
    """To be called once, before anything happens."""
    threshold = getattr(logging, level.upper())
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _cut,
        structlog.processors.format_exc_info,
    ]
    last: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if sys.stderr.isatty():
        last = structlog.processors.LogfmtRenderer(bool_as_flag=False)
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=_Lines,
        cache_logger_on_first_use=True,
    )
    _take_in_others(shared, last, max(threshold, logging.WARNING))


def _take_in_others(shared: list[Processor], last: Processor, threshold: int) -> None:
    """Libraries write to Python's own logging: their warnings join ours, in the same form."""
    handler = _LinesOfOthers()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(level=threshold, handlers=[handler], force=True)
    # What is not HTTP comes to every open port all day long: answered, and not worth a line.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


class _Lines:
    """Writes to whatever standard error is now: it may be another than when the first line was written."""

    def __init__(self, *names: object) -> None:
        """Whose logger it is does not matter: events name themselves."""

    def msg(self, line: str) -> None:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()

    log = debug = info = warning = error = critical = exception = msg


class _LinesOfOthers(logging.Handler):
    """The same for Python's own logging."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(self.format(record) + "\n")


def _cut(logger: Any, method: str, event: EventDict) -> EventDict:
    return {key: _tame(value) if isinstance(value, str) else value for key, value in event.items()}


def _tame(text: str) -> str:
    short = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in short)
