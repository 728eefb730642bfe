"""From something that was really sent to something that never should be: bytes moved about, or parts of a document.

Pure: the same `Random` makes the same input.
"""

import copy
import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

STEPS = (1, 1, 1, 2, 2, 3, 5, 8)
SIZES = (300, 3_000, 30_000, 300_000, 3_000_000)
NUMBERS = (b"0", b"-1", b"1e400", b"9" * 25, b"18446744073709551616", b"-0", b"0.1", b"\xd9\xa3", b"1_0")
BYTES = (b"\0", b"\r\n", b"\n", b"\t", b'"', b"'", b"\\", b"\\u0000", b"\\ud800", b"<", b">", b"&", b",", b";", b"=",
         b"%", b"%00", b"@", b":", b"//", b"#", b"?", b"[", b"]", b"{", b"}", b"(", b")", b"\xff", b"\xc3\xa9",
         b"\xe2\x80\xae", b"\xcc\x81", b"\xef\xbb\xbf", b" ")  # fmt: skip
VALUES = (None, True, False, 0, -1, 2**63 - 1, 1.5e300, "", " ", "\u202e", "e\u0301" * 9, [], {}, [[]], [None], [{}])


def mutated(rng: Random, seeds: Sequence[bytes], words: Sequence[bytes], *, cap: int) -> bytes:
    """One input of at most `cap` bytes."""
    made = rng.choice(seeds)
    for _ in range(rng.choice(STEPS)):
        if made[:1] == b"{" and rng.random() < 0.6:
            made = _in_document(rng, made, words)
        else:
            made = rng.choice(_IN_BYTES)(rng, made, seeds, words)
    if rng.random() < 0.06:
        made = _blown_up(rng, made, cap)
    return made[:cap]


def _slice(rng: Random, data: bytes) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.choice((0, 1, 1, 2, 4, 16, 64)))


def _insert(rng: Random, data: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    start, end = _slice(rng, data)
    return data[:start] + rng.choice(rng.choice((words, BYTES, NUMBERS))) + data[end:]


def _flip(rng: Random, data: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    start, _ = _slice(rng, data)
    return data[:start] + bytes([rng.randrange(256)]) + data[start + 1 :]


def _cut(rng: Random, data: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    start, end = _slice(rng, data)
    return data[:start] + data[end:] if rng.random() < 0.9 else data[:start]


def _again(rng: Random, data: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    (start, end), (place, _) = _slice(rng, data), _slice(rng, data)
    return data[:place] + data[start:end] + data[place:]


def _joined(rng: Random, data: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    other = rng.choice(seeds)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


_IN_BYTES: tuple[Callable[[Random, bytes, Sequence[bytes], Sequence[bytes]], bytes], ...] = (
    *(_insert, _insert, _flip, _cut, _again, _joined),
)


def _blown_up(rng: Random, data: bytes, cap: int) -> bytes:
    """A piece of it over and over: what costs more than its length shows here."""
    start, end = _slice(rng, data)
    piece = data[start:end] or rng.choice(BYTES)
    room = max(0, min(rng.choice(SIZES), cap) - len(data))
    return data[:end] + piece * (room // len(piece)) + data[end:]


def _in_document(rng: Random, data: bytes, words: Sequence[bytes]) -> bytes:
    """Another value somewhere in it, another name, one less, or the same one deeper or many times."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return data
    places = list(_places(document))
    if not places:
        return data
    inside, key = rng.choice(places)
    change = rng.randrange(6)
    if change == 0:
        inside[key] = rng.choice(VALUES)
    elif change == 1:
        inside[key] = rng.choice(words).decode("utf-8", "replace")
    elif change == 2:
        del inside[key]
    elif change == 3:
        other, name = rng.choice(places)
        if name in other if isinstance(other, dict) else name < len(other):
            inside[key] = copy.deepcopy(other[name])
    elif change == 4:
        inside[key] = [inside[key]] * rng.choice((1, 2, 20, 300))
    elif isinstance(inside, dict):
        inside[rng.choice(words).decode("utf-8", "replace")] = inside[key]
    return json.dumps(document, ensure_ascii=rng.random() < 0.5).encode("utf-8", "replace")


def _places(value: Any, depth: int = 0) -> Any:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in inner:
        yield value, key
        if depth < 12:
            yield from _places(member, depth + 1)
