"""Reports: what somebody finds wrong, about whom, and whether an administrator has dealt with it. Pure.

Sources: WIRE.md "Instances" (Reports), SECURITY 6.8, attacks A100, A101.
"""

from msgspec import Struct

from fedishare.foundation.values.clock import HOUR, Instant

LONGEST_TEXT = 5_000
MOST_OBJECTS = 20
WINDOW = HOUR
MOST_OF_A_SERVER = 30
"""A window: a flood from one server must not hide what the others have to say."""
MOST_OPEN_OF_A_SERVER = 100
"""However long it goes on: the page shows the newest 200, and has to have room for others."""
MOST_OF_A_PERSON = 20
LISTED = 200


class Report(Struct, frozen=True, kw_only=True):
    """A row of `report`. `host` is '' for what was said here; `objects` are ids, as JSON."""

    id: int
    target_id: int
    reporter_id: int
    host: str
    objects: str
    content: str
    created_at: Instant
    closed_at: Instant | None = None


class Listed(Struct, frozen=True, kw_only=True):
    """The same with who it is about and who said it."""

    id: int
    host: str
    objects: str
    content: str
    created_at: Instant
    closed_at: Instant | None
    target_uri: str
    target_name: str
    target_domain: str
    target_display_name: str
    target_page: str
    target_local: bool
    reporter_name: str
    reporter_domain: str

    @property
    def target_handle(self) -> str:
        return f"{self.target_name}@{self.target_domain}"

    @property
    def reporter_handle(self) -> str:
        return f"{self.reporter_name}@{self.reporter_domain}"
