"""asyncpg, imported when a PostgreSQL is really there (memory and start), and what its errors mean.

The only module that imports it. SQLSTATE: https://www.postgresql.org/docs/15/errcodes-appendix.html
"""

import logging
from functools import cache
from typing import Any

from fedishare.foundation.db.errors import (
    ConstraintBroken,
    DatabaseAway,
    DatabaseLocked,
    DatabaseReadOnly,
    DiskFull,
    DiskTrouble,
    UniqueBroken,
)
from fedishare.foundation.values.errors import N_, Busy, Misconfigured

_SESSION = {
    "application_name": "fedishare",
    "timezone": "UTC",
    # Short queries: compiling them costs more than they do.
    "jit": "off",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
}
_TROUBLES: tuple[tuple[str, type[Exception]], ...] = (
    ("53100", DiskFull),
    ("25006", DatabaseReadOnly),
    ("42501", DatabaseReadOnly),
    ("55P03", DatabaseLocked),
    ("40", DatabaseLocked),  # serialization, deadlock: somebody else went first
    ("23", ConstraintBroken),
    ("58", DiskTrouble),
    ("08", DatabaseAway),
    ("53", DatabaseAway),  # too many connections, out of memory
    ("57", DatabaseAway),  # shut down, starting up, cancelled
)


@cache
def driver() -> Any:
    """The asyncpg module. Raises Misconfigured when it is not installed."""
    try:
        import asyncpg
    except ImportError:
        raise Misconfigured(
            N_("FEDISHARE_DATABASE_URL: PostgreSQL needs one more package. Run: pip install asyncpg")
        ) from None
    # It tells of each connection that it cannot have again, with a traceback; we say it once, in our words.
    logging.getLogger("asyncpg").setLevel(logging.ERROR)
    return asyncpg


async def connect(url: str) -> Any:
    """One connection. Raises Misconfigured when the server refuses us or is not there."""
    try:
        return await driver().connect(url, timeout=10, server_settings=_SESSION)
    except (driver().PostgresError, driver().ClientConfigurationError, OSError, ValueError) as error:
        raise refused_at_start(error) from error


async def pool(url: str, *, size: int, smallest: int) -> Any:
    """Connections for the whole process. Raises Misconfigured as `connect`."""
    try:
        return await driver().create_pool(
            url,
            min_size=smallest,
            max_size=size,
            timeout=10,
            command_timeout=60,
            statement_cache_size=512,
            max_cached_statement_lifetime=0,
            server_settings=_SESSION,
            # Our transactions end and nothing else is ever set: no second round trip to put things in order.
            reset=_leave_as_it_is,
        )
    except (driver().PostgresError, driver().ClientConfigurationError, OSError, ValueError) as error:
        raise refused_at_start(error) from error


def refused_at_start(error: Exception) -> Misconfigured:
    """Without the address, which may hold a password."""
    return Misconfigured(
        N_(
            "FEDISHARE_DATABASE_URL: PostgreSQL does not let us in (%(error)s). "
            "Check that it runs, and the user, password and database in postgresql://user:password@host/database"
        ),
        error=error,
    )


def errors() -> tuple[type[Exception], ...]:
    """What a statement may raise: for `except driver.errors() as error: raise translated(error)`."""
    asyncpg = driver()
    return (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)


def translated(error: Exception) -> Exception:
    """The error in our words; the same error when it is a mistake in a query or in a value."""
    if isinstance(error, driver().UniqueViolationError):
        return UniqueBroken(str(error.constraint_name))
    code = getattr(error, "sqlstate", None) or ""
    for start, trouble in _TROUBLES:
        if code.startswith(start):
            return trouble(str(error))
    if isinstance(error, driver().DataError) or code:
        return error
    return DatabaseAway(f"{type(error).__name__}: {error}") if not isinstance(error, Busy) else error


async def _leave_as_it_is(connection: Any) -> None:
    return None
