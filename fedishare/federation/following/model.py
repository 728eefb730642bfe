"""Who follows whom, and what becomes known when that changes. One relation a pair, whatever ids its activities had."""

from enum import StrEnum

from msgspec import Struct

from fedishare.foundation.values.clock import Instant


class State(StrEnum):
    """Of a follow. `undone` was ended by the follower, `rejected` by the one followed."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNDONE = "undone"


class Follow(Struct, frozen=True, kw_only=True):
    """`uri` is that of the latest Follow activity. `signed_at` is when the remote side signed the message that set the
    state; 0 where we set it ourselves, since their clock may be behind ours. `answered_at`: our last Accept."""

    id: int
    uri: str
    follower_id: int
    followed_id: int
    state: State
    signed_at: Instant
    answered_at: Instant | None
    created_at: Instant


class Relation(Struct, frozen=True, kw_only=True):
    """The other side of a follow, as lists show it. `id` is that of the follow: the key of its page."""

    id: int
    state: State
    created_at: Instant
    actor_id: int
    uri: str
    name: str
    domain: str
    display_name: str
    kind: str
    page_url: str
    local: bool
    speaks_fedishare: bool

    @property
    def handle(self) -> str:
        return f"{self.name}@{self.domain}"


class Counts(Struct, frozen=True, kw_only=True):
    followers: int
    following: int


class Followed(Struct, frozen=True, kw_only=True):
    """Fact: somebody began to follow an actor of ours, or asks to (`pending`)."""

    follower_id: int
    followed_id: int
    pending: bool
    at: Instant


class FollowAccepted(Struct, frozen=True, kw_only=True):
    """Fact: from now on the follower gets what the followed says. `by_remote`: we asked, and they accepted."""

    follower_id: int
    followed_id: int
    by_remote: bool


class ActorGone(Struct, frozen=True, kw_only=True):
    """Fact: an actor was deleted, here or elsewhere; whoever keeps things of theirs erases them."""

    actor_id: int


class Moved(Struct, frozen=True, kw_only=True):
    """Fact: somebody elsewhere is another actor now, and has proved it; who followed them here follows on."""

    actor_id: int
    target_id: int
    at: Instant
