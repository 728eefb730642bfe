"""Two associations that have agreed to share: what stands between them, and who said what. Pure.

Source: WIRE.md "Instances". Asked: we have offered. Waiting: they have, and an administrator has to answer.
"""

from enum import StrEnum

from msgspec import Struct

from fedishare.foundation.values.clock import DAY, MINUTE, Instant

MOST_WAITING = 100
MOST_WAITING_OF_A_SERVER = 3
"""Requests that wait for an answer: anybody can send one, and each is a line that somebody has to read."""
ASKS_AGAIN_AFTER = DAY
"""Whoever was refused is not heard again sooner."""
ANSWER_AGAIN_AFTER = MINUTE
TRIED_FOR = 7 * DAY
"""As long as anything is tried to be delivered (SECURITY 3.2)."""
LISTED = 500


class State(StrEnum):
    ASKED = "asked"
    WAITING = "waiting"
    PARTNER = "partner"
    REFUSED = "refused"
    ENDED = "ended"


class Partnership(Struct, frozen=True, kw_only=True):
    """What stands between us and an association. `by_us`: the Offer `offer_uri` is ours; '' where none was made."""

    actor_id: int
    state: State
    by_us: bool
    offer_uri: str
    signed_at: Instant
    changed_at: Instant
    created_at: Instant


class Listed(Struct, frozen=True, kw_only=True):
    """The same with who it is. `backfills` when what they published before can be read."""

    actor_id: int
    state: State
    by_us: bool
    changed_at: Instant
    uri: str
    name: str
    domain: str
    display_name: str
    page_url: str
    speaks_fedishare: bool
    backfills: bool
    we_follow: str
    they_follow: str

    @property
    def handle(self) -> str:
        return f"{self.name}@{self.domain}"
