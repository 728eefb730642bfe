"""Throw inputs at readers for so many seconds, and note what went wrong: with which input, and how to see it again.

A reader may raise what it declares, and nothing else; its result must be what it promises; and no input may cost
50 ms of CPU time more than a harmless one of its size. Time counts when it is measured three times in a row, with
nothing remembered from before: a busy machine and a collection of garbage happen once.
"""

import functools
import gc
import time
from collections.abc import Iterator, Sequence
from random import Random

from msgspec import Struct

from tests.fuzz.corpus import words
from tests.fuzz.mutating import mutated
from tests.fuzz.parser import Parser

MOST_S = 0.05
TURN_S = 0.02
"""Each reader gets as much, in turn: the slow ones are tried as long as the others."""


class Trouble(Struct, frozen=True, kw_only=True):
    """An input that a reader does not stand. `number` and the seed make it again."""

    parser: str
    number: int
    why: str
    input: bytes

    def __str__(self) -> str:
        return f"{self.parser} {self.number}: {self.why}, by {self.input[:300]!r}"


class Count(Struct, kw_only=True):
    """What came of one reader: how often it was asked and had a result, the slowest, its first trouble."""

    parser: str
    executions: int = 0
    read: int = 0
    slowest_s: float = 0.0
    troubles: list[Trouble] = []


def run(parsers: Sequence[Parser], *, seconds: float, seed: int, most_s: float = MOST_S) -> list[Count]:
    """Each of them in turn until the time is over, and at least once; one that failed is not asked again."""
    counts = [Count(parser=parser.name, troubles=[]) for parser in parsers]
    turns = [inputs(parser, seed) for parser in parsers]
    end = time.monotonic() + seconds
    while True:
        for parser, count, turn in zip(parsers, counts, turns, strict=True):
            _turn(parser, count, turn, most_s)
        if time.monotonic() >= end:
            return counts


def inputs(parser: Parser, seed: int) -> Iterator[tuple[int, bytes]]:
    """Its seeds as they are, then their mutations without end."""
    yield from enumerate(parser.seeds)
    number = len(parser.seeds)
    while True:
        yield number, input_of(parser, seed, number)
        number += 1


def input_of(parser: Parser, seed: int, number: int) -> bytes:
    """The same bytes for the same three."""
    if number < len(parser.seeds):
        return parser.seeds[number]
    rng = Random(f"{seed}/{parser.name}/{number}")
    return mutated(rng, parser.seeds, words(), cap=parser.cap)


def tried(parser: Parser, number: int, given: bytes, most_s: float = MOST_S) -> tuple[bool, float, Trouble | None]:
    """Whether it was read, the CPU time, and what was wrong with that."""
    read, cost, why = _timed(parser, given)
    if not why and cost > most_s:
        cost = min(_fresh(parser, given) for _ in range(3))
        usual = max(_fresh(parser, parser.harmless(len(given))) for _ in range(2))
        if cost - usual > most_s:
            why = f"{cost * 1_000:.0f} ms where a harmless one takes {usual * 1_000:.0f}"
    return read, cost, Trouble(parser=parser.name, number=number, why=why, input=given) if why else None


def _turn(parser: Parser, count: Count, given_to_it: Iterator[tuple[int, bytes]], most_s: float) -> None:
    if count.troubles:
        return
    end = time.monotonic() + TURN_S
    for number, given in given_to_it:
        read, cost, trouble = tried(parser, number, given, most_s)
        count.executions += 1
        count.read += read
        count.slowest_s = max(count.slowest_s, cost)
        if trouble is not None:
            count.troubles.append(trouble)
            return
        if time.monotonic() >= end:
            return


def _timed(parser: Parser, given: bytes) -> tuple[bool, float, str]:
    begun = time.thread_time()
    why, read = "", False
    try:
        parser.read(given)
        read = True
    except parser.declared:
        pass
    except Exception as error:  # whatever else there is: that is what is looked for
        why = f"{type(error).__name__}: {error}"[:300]
    return read, time.thread_time() - begun, why


def _fresh(parser: Parser, given: bytes) -> float:
    for remembered in _caches():
        remembered.cache_clear()
    return _timed(parser, given)[1]


@functools.cache
def _caches() -> "tuple[functools._lru_cache_wrapper[object], ...]":
    """What the package remembers of former inputs."""
    return tuple(
        one
        for one in gc.get_objects()
        if isinstance(one, functools._lru_cache_wrapper) and one.__module__.startswith("fedishare.")
    )
