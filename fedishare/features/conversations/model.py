"""What people write about a proposal or to each other, and who may see it before it is shown.

Source: WIRE.md, INTEROP A.10. Pure. What a proposal is, is not known here: a thread hangs from an object's id.
"""

from enum import StrEnum

from msgspec import Struct

from fedishare.foundation.values.clock import Instant

LONGEST_TEXT = 5_000
PAGE_SIZE = 20
THREAD_SIZE = 200
"""Posts shown at once under one proposal or in one private thread."""

PROPOSAL = "Proposal"
POST = "Note"
SAID = frozenset({POST, PROPOSAL})
"""What people write; the leave to quote it is an object as well, and is neither liked nor answered."""
"""Kinds of objects that threads know: what hangs from a proposal is told by the object's kind and id alone."""


class PostState(StrEnum):
    """Replies to what is published here wait for whoever answers for it."""

    SHOWN = "shown"
    HELD = "held"
    REFUSED = "refused"


class Audience(StrEnum):
    """Who a Note is for, read from its `to` and `cc`. Unclear addressing is direct (SECURITY 0.11)."""

    PUBLIC = "public"
    FOLLOWERS = "followers"
    DIRECT = "direct"


class Reaction(StrEnum):
    LIKE = "like"
    ANNOUNCE = "announce"


class Notice(StrEnum):
    """Why somebody is told."""

    REPLY = "reply"
    MENTION = "mention"
    DIRECT = "direct"
    LIKE = "like"
    ANNOUNCE = "announce"
    FOLLOW = "follow"
    FOLLOW_REQUEST = "follow_request"
    MOVED = "moved"
    EXPIRED = "expired"
    PARTNER_REQUEST = "partner_request"
    PARTNER = "partner"
    REPORT = "report"


class StoredObject(Struct, frozen=True, kw_only=True):
    """A row of `object`: what an id stands for, alive or deleted."""

    id: int
    uri: str
    kind: str
    owner_id: int
    circle_id: int
    json: str
    published_at: Instant
    updated_at: Instant
    deleted_at: Instant | None


class Post(Struct, frozen=True, kw_only=True):
    """A row of `post`. `steward_id` is who validates it here; None where nobody has to."""

    id: int
    uri: str
    author_id: int
    circle_id: int
    thread_id: int
    proposal_id: int | None
    in_reply_to: str | None
    content: str
    source: str
    warning: str
    language: str
    page_url: str
    state: str
    steward_id: int | None
    published_at: Instant
    updated_at: Instant
    deleted_at: Instant | None = None


class PostCard(Struct, frozen=True, kw_only=True):
    """What a thread shows of a post."""

    id: int
    uri: str
    thread_id: int
    proposal_id: int | None
    content: str
    warning: str
    language: str
    page_url: str
    state: str
    published_at: Instant
    updated_at: Instant
    author_id: int
    author_name: str
    author_local_name: str
    author_domain: str
    author_local: bool
    author_page: str

    @property
    def handle(self) -> str:
        return f"@{self.author_local_name}@{self.author_domain}"


class Thread(Struct, frozen=True, kw_only=True):
    """The newest posts of a thread, or the newest before some other: oldest first. `earlier` is the key of the part
    before them, 0 where there is none."""

    posts: list[PostCard]
    earlier: int


class ThreadCard(Struct, frozen=True, kw_only=True):
    """A private thread in a list: its last words, and the other one: who wrote them, or whom they were for."""

    thread_id: int
    content: str
    published_at: Instant
    author_name: str
    author_local_name: str
    author_domain: str


class NoticeCard(Struct, frozen=True, kw_only=True):
    """A notification in a list. `content` is there when it is about a post."""

    id: int
    kind: str
    created_at: Instant
    seen_at: Instant | None
    object_id: int | None
    actor_name: str
    actor_local_name: str
    actor_domain: str
    actor_page: str
    content: str | None
    proposal_id: int | None
    thread_id: int | None
