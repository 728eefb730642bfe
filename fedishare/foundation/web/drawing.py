"""Pieces of pages that are the same for many readers, drawn once: what is around every page, and the cards of lists.

A piece is remembered under its macro, the language, and all that the macro was given: what a macro is not given it
cannot show, so that nothing made for one reader may be given to one that is drawn this way. Macros that are imported
`with context` would see more than their words, and are refused by having another identity each time.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Protocol, TypeVar

from markupsafe import Markup, escape
from msgspec import Struct

from fedishare.foundation.text import dates
from fedishare.foundation.values.clock import Instant

T = TypeVar("T")
MOST_CARDS = 12_000
"""Of some 1.5 KB: those of 600 pages of a list."""
MOST_FRAMES = 1_000
HOLE = "\ue000"
"""What a frame leaves open, so that one is enough for all addresses: a character that no font has."""

Macro = Callable[..., Markup]

_CARDS: OrderedDict[Hashable, bytes] = OrderedDict()
_FRAMES: OrderedDict[Hashable, Markup] = OrderedDict()


class Thing(Protocol):
    """What a card is about: immutable, and equal to another only when the same is to be drawn of it."""

    @property
    def id(self) -> int: ...


class Telling(Struct, frozen=True, kw_only=True):
    """How times are said to this reader, now."""

    language: str
    now: Instant
    zone: str

    @property
    def today(self) -> str:
        return dates.today(self.now, zone=self.zone)

    def day(self, instant: Instant) -> str:
        return dates.day(instant, zone=self.zone)

    def short_day(self, instant: Instant) -> str:
        return dates.short_day(instant, zone=self.zone)

    def moment(self, instant: Instant) -> str:
        return dates.moment(instant, zone=self.zone)

    def lately(self, instant: Instant) -> str:
        return dates.lately(instant, now=self.now, zone=self.zone)


def cards(telling: Telling) -> Callable[..., Markup]:
    """`cards(macro, things, *words)` in a template: the card of each, drawn once for a language and a day.

    The macro is called with the thing, the words and `telling`. The id is part of what is remembered, so that nothing
    of another thing can ever stand in its place.
    """

    def cards_of(macro: Macro, things: Iterable[Thing], *words: Hashable) -> Markup:
        when = (macro, telling.language, telling.today, telling.zone)
        made = []
        for thing in things:
            key = (thing.id, hash((thing, words)), when)
            card = _CARDS.get(key)
            if card is None:
                card = _kept(_CARDS, key, str(macro(thing, *words, telling)).encode(), MOST_CARDS)
            else:
                _CARDS.move_to_end(key)
            made.append(card)
        return Markup(b"\n".join(made).decode())  # noqa: S704  # what a template drew

    return cards_of


def frames(language: str) -> Callable[..., Markup]:
    """`framed(macro, *words)` in a template: what the macro draws of them, with `put` escaped into its holes."""

    def framed(macro: Macro, *words: Hashable, put: str = "") -> Markup:
        key = (macro, language, words)
        frame = _FRAMES.get(key)
        if frame is None:
            frame = _kept(_FRAMES, key, macro(*words), MOST_FRAMES)
        else:
            _FRAMES.move_to_end(key)
        return frame.replace(HOLE, escape(put)) if HOLE in frame else frame

    return framed


def _kept(store: OrderedDict[Hashable, T], key: Hashable, piece: T, most: int) -> T:
    store[key] = piece
    if len(store) > most:
        store.popitem(last=False)
    return piece
