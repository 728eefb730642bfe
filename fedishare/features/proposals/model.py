"""What people offer and need: the words of a proposal, and the rules that hold wherever it comes from.

Source: PRODUCT.md "Words", "A. Publish"; FEP-0837. Pure. How it looks on the wire is `activities.py`.
"""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from fedishare.features.proposals.places import Place
from fedishare.foundation.values.clock import MINUTE, Instant
from fedishare.foundation.values.errors import N_

LONGEST_TITLE = 150
LONGEST_TEXT = 5_000
LONGEST_CATEGORY = 60
LONGEST_CONDITIONS = 200
MOST = Decimal(1_000_000)
DECIMALS = 6

PAGE_SIZE = 20
"""Proposals on a page of any list."""

UPDATES_A_DAY = 6
"""Changes of one proposal told to others within a day (WIRE "Changes")."""

UPDATE_PAUSE = 240 * MINUTE
"""How long further changes wait once there were that many."""


class Purpose(StrEnum):
    """Whether somebody has it or looks for it. On the wire a need is a request (FEP-0837)."""

    OFFER = "offer"
    REQUEST = "request"


class Action(StrEnum):
    """What would be done. Others that are read from elsewhere are kept and shown as the text they are."""

    USE = "use"
    TRANSFER = "transfer"
    DELIVER_SERVICE = "deliverService"
    WORK = "work"
    CITE = "cite"


class Unit(StrEnum):
    """The om2 units that the form offers."""

    ONE = "one"
    HOUR = "hour"
    KILOGRAM = "kilogram"
    LITRE = "litre"


class State(StrEnum):
    """A closed proposal is never opened again: a new one is published (WIRE "Changes")."""

    OPEN = "open"
    CLOSED = "closed"


class Draft(Struct, frozen=True, kw_only=True):
    """What somebody wrote and wants to publish; checked, so that nothing later needs to."""

    purpose: Purpose
    action: Action
    title: str
    text: str = ""
    category: str = ""
    place: Place | None = None
    quantity: Decimal = Decimal(1)
    unit: Unit = Unit.ONE
    conditions: str = ""
    ends_at: Instant | None = None
    language: str = "fr"

    def __post_init__(self) -> None:
        for field, why in first_problems(
            title=self.title,
            text=self.text,
            category=self.category,
            conditions=self.conditions,
            quantity=self.quantity,
        ).items():
            raise ValueError(f"{field}: {why}")


class Proposal(Struct, frozen=True, kw_only=True):
    """A row of `proposal`, ours or another's, with what is said about its owner on every page."""

    id: int
    uri: str
    origin: str
    owner_id: int
    author_id: int | None
    circle_id: int
    purpose: str
    action: str
    title: str
    source: str
    content: str
    category: str
    place_name: str
    latitude: int | None
    longitude: int | None
    quantity: str
    unit: str
    conditions: str
    begins_at: Instant | None
    ends_at: Instant | None
    state: str
    language: str
    page_url: str
    live: bool
    published_at: Instant
    updated_at: Instant
    sent_at: Instant
    deleted_at: Instant | None = None

    @property
    def here(self) -> bool:
        return self.origin == HERE

    def open_at(self, now: Instant) -> bool:
        """A past end reads as closed; no message is needed for it (WIRE)."""
        return self.state == State.OPEN and (self.ends_at is None or self.ends_at > now)


class Photo(Struct, frozen=True, kw_only=True):
    """A picture of somebody else's proposal, by its address; `name` says what it shows."""

    url: str
    name: str


class ProposalCard(Struct, frozen=True, kw_only=True):
    """What a list shows of a proposal."""

    id: int
    uri: str
    origin: str
    purpose: str
    action: str
    title: str
    content: str
    category: str
    place_name: str
    quantity: str
    unit: str
    conditions: str
    ends_at: Instant | None
    state: str
    language: str
    page_url: str
    published_at: Instant
    updated_at: Instant
    owner_name: str
    owner_local_name: str
    owner_domain: str
    owner_page: str

    @property
    def here(self) -> bool:
        return self.origin == HERE

    @property
    def path(self) -> str:
        """Its page here; that of a remote one too, under its owner's full handle."""
        owner = self.owner_local_name if self.here else f"{self.owner_local_name}@{self.owner_domain}"
        return f"/@{owner}/{self.id}"


class ProposalPublished(Struct, frozen=True, kw_only=True):
    """A fact: a proposal became visible here. `live` is false for what was imported or read from an archive."""

    proposal_id: int
    live: bool


HERE = "here"
"""The origin of what was published on this instance; that of others is their host."""


def first_problems(*, title: str, text: str, category: str, conditions: str, quantity: Decimal) -> dict[str, str]:
    """Field and msgid of whatever keeps these words from being published."""
    checks = (
        ("title", not title.strip(), N_("Give it a title.")),
        ("title", len(title) > LONGEST_TITLE, N_("Make the title shorter: 150 characters at most.")),
        ("text", len(text) > LONGEST_TEXT, N_("Make the text shorter: 5000 characters at most.")),
        ("category", len(category) > LONGEST_CATEGORY, N_("Make the category shorter: 60 characters at most.")),
        ("conditions", len(conditions) > LONGEST_CONDITIONS, N_("Make this shorter: 200 characters at most.")),
        ("quantity", _is_fine(quantity), N_("Write a quantity with six decimals at most.")),
        ("quantity", not _some(quantity), N_("A quantity is more than zero and at most a million.")),
    )
    return {field: why for field, wrong, why in checks if wrong}


def _some(quantity: Decimal) -> bool:
    return quantity.is_finite() and 0 < quantity <= MOST


def _is_fine(quantity: Decimal) -> bool:
    """Whether it has more decimals than anybody measures: `1E-999999999` is a gigabyte of zeros when written out."""
    exponent = quantity.as_tuple().exponent
    return isinstance(exponent, int) and exponent < -DECIMALS


def plain_decimal(amount: Decimal) -> str:
    """`12`, `0.5`: never `1E+1`, no zeros behind."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def later_update(previous: Instant, now: Instant) -> Instant:
    """When a change counts as made: `updated` strictly grows, even when the clock stands still (WIRE "Changes")."""
    return max(now, Instant(previous + 1))
