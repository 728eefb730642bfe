"""Somebody who can act, here or elsewhere, as the house knows them."""

from msgspec import Struct

from fedishare.foundation.values.clock import Instant


class Actor(Struct, frozen=True, kw_only=True):
    """A row of `actor`. `summary` is sanitised HTML; `domain` is that of the handle."""

    id: int
    uri: str
    local: bool
    kind: str
    name: str
    domain: str
    display_name: str
    summary: str
    page_url: str
    inbox: str
    shared_inbox: str | None
    outbox: str | None
    followers: str | None
    following: str | None
    featured: str | None
    proposals: str | None
    approves_followers: bool
    discoverable: bool
    indexable: bool
    speaks_fedishare: bool
    created_at: Instant
    fetched_at: Instant
    deleted_at: Instant | None = None

    @property
    def handle(self) -> str:
        """`name@domain`, without a leading at-sign."""
        return f"{self.name}@{self.domain}"
