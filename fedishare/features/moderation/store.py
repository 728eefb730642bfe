"""The rows of `report`. Nothing is decided here."""

from msgspec.structs import asdict

from fedishare.features.moderation.model import LISTED, Listed, Report
from fedishare.foundation.db.access import Read, Tx
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.clock import Instant

sql = load(__file__)


async def insert(tx: Tx, report: Report) -> None:
    await tx.run(sql.insert, **asdict(report))


async def listing(read: Read, *, everything: bool = False, before: int = 2**63 - 1, size: int = LISTED) -> list[Listed]:
    """Those that nobody has closed, or all of them; newest first."""
    only_open = None if everything else True
    return await read.all(Listed, sql.listing.filtered(only_open=only_open), before=before, size=size)


async def close(tx: Tx, report_id: int, *, now: Instant) -> bool:
    """False when there is none of that number, or it is closed."""
    return await tx.run(sql.close, id=report_id, now=now) == 1


async def count_of_host(read: Read, host: str, *, since: Instant) -> int:
    return int(await read.value(sql.count_of_host, host=host, since=since))


async def count_open_of_host(read: Read, host: str) -> int:
    return int(await read.value(sql.count_open_of_host, host=host))


async def count_of_reporter(read: Read, reporter_id: int, *, since: Instant) -> int:
    return int(await read.value(sql.count_of_reporter, reporter_id=reporter_id, since=since))
