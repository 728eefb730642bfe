"""What a FEDISHARE_DATABASE_URL says: which engine, and where an SQLite file lies. Opens nothing."""

from pathlib import Path

from fedishare.foundation.db.queries import Engine
from fedishare.foundation.values.errors import N_, Misconfigured


def engine_of(url: str) -> Engine:
    """Raises Misconfigured for what is neither."""
    if url.startswith("sqlite://"):
        return "sqlite"
    if url.startswith(("postgresql://", "postgres://")):
        return "postgres"
    # The address may hold a password: only its beginning is told.
    start = url.partition(":")[0]
    raise Misconfigured(
        N_("FEDISHARE_DATABASE_URL=%(start)s:...: not a database. Use sqlite:///... or postgresql://..."), start=start
    )


def file_of(url: str) -> Path:
    """`sqlite:///srv/x.db` is /srv/x.db. Raises Misconfigured for an address without a whole path."""
    path = Path(url.removeprefix("sqlite://"))
    if not path.is_absolute():
        raise Misconfigured(
            N_("FEDISHARE_DATABASE_URL=%(url)s: not a whole path. Use sqlite:///srv/fedishare/fedishare.db"), url=url
        )
    return path
