"""Argon2id, away from the event loop: at most two at once, and a short line before them.

Source: SECURITY 6.6 (m = 19,456 KiB, t = 2, p = 1). One hash takes about a tenth of a second and 19 MB; without a
bound, a crowd at the door would take the whole machine. Called before a transaction, never inside.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple, Unpack

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from fedishare.foundation.values.chance import random_bytes
from fedishare.foundation.values.errors import Busy

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")

AT_ONCE = 2
LONGEST_LINE = 20
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdG9mbm9ib2R5MTIzNA$ZmVkaXNoYXJlIGhhcyBubyBzdWNoIHBlcnNvbiBoZXI"
"""Compared with for an account that is not there, so that both answers take the same time."""

_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")


class _Line:
    """How many are at it or waiting, over all event loops of the process."""

    length = 0


async def hashed(password: str) -> str:
    """The password as it may be kept (PHC string). Raises Busy when too many are waiting."""
    return await _in_thread(_hash, password.encode())


async def matches(password: str, kept: str | None) -> bool:
    """Whether it is the right one; always as long, also for nobody. Raises Busy."""
    right = await _in_thread(_verify, password.encode(), kept or NOBODY)
    return right and kept is not None


async def _in_thread(work: Callable[[Unpack[Arguments]], T], *arguments: *Arguments) -> T:
    if _Line.length >= AT_ONCE + LONGEST_LINE:
        raise Busy("too many passwords at once")
    _Line.length += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work, *arguments)
    finally:
        _Line.length -= 1


def _hash(password: bytes) -> str:
    kdf = Argon2id(salt=random_bytes(16), length=32, iterations=2, lanes=1, memory_cost=19_456)
    return kdf.derive_phc_encoded(password)


def _verify(password: bytes, kept: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(password, kept)
    except InvalidKey:
        return False
    return True
