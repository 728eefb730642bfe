"""What is remembered for a while, and no longer: bounded in number and in time.

Only a convenience of one process (HOUSE "State lives in the database or nowhere"): forgetting all of it changes nothing
but the number of requests.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from copy import copy
from typing import Generic, TypeVar

from fedishare.foundation.values.clock import Clock
from fedishare.foundation.values.errors import RemoteTrouble, Unreachable

T = TypeVar("T")


class Memory(Generic[T]):
    """At most `size` things, each until its time is over; the oldest goes first."""

    def __init__(self, clock: Clock, *, size: int) -> None:
        self._clock = clock
        self._size = size
        self._kept: OrderedDict[str, tuple[float, T]] = OrderedDict()

    def get(self, name: str) -> T | None:
        until, thing = self._kept.get(name, (0.0, None))
        return thing if until > self._clock.monotonic() else None

    def put(self, name: str, thing: T, *, seconds: float) -> None:
        self._kept[name] = (self._clock.monotonic() + seconds, thing)
        self._kept.move_to_end(name)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def forget(self) -> None:
        """All of it."""
        self._kept.clear()


class Troubles:
    """Why others could not be believed or reached. Of each refusal only its words are kept: an exception holds on to
    all it came through, and so to the answer that was refused, up to a megabyte for each (recipe R4)."""

    def __init__(self, clock: Clock, *, size: int) -> None:
        self._kept: Memory[RemoteTrouble] = Memory(clock, size=size)

    def put(self, name: str, trouble: RemoteTrouble, *, seconds: float) -> None:
        self._kept.put(name, copy(trouble), seconds=seconds)

    def check(self, name: str) -> None:
        """Raises what is remembered under the name."""
        trouble = self._kept.get(name)
        if trouble is not None:
            raise copy(trouble)


class Shared(Generic[T]):
    """One piece of work however many ask for it at the same time: the first does it, the others wait for the result."""

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Future[T]] = {}

    async def once(self, name: str, work: Callable[[], Awaitable[T]]) -> T:
        """The result of `work`, or its trouble, for everybody who came in the meantime.

        Raises Unreachable for those who waited when the first was called off.
        """
        waited_for = self._under_way.get(name)
        if waited_for is not None:
            return await asyncio.shield(waited_for)
        promise: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._under_way[name] = promise
        try:
            result = await work()
        except RemoteTrouble as trouble:
            promise.set_exception(trouble)
            raise
        else:
            promise.set_result(result)
            return result
        finally:
            del self._under_way[name]
            if not promise.done():
                promise.set_exception(Unreachable("whoever was asking gave up"))
            promise.exception()  # when nobody waited, the trouble is told by the raise alone


class TooManyFetches(Unreachable):
    """We have asked others enough for the moment: whoever wants us to ask comes again (A038)."""


class NewHosts:
    """Few strange hosts of one domain in a short time: a thousand subdomains cost their owner nothing (A038)."""

    PER_DOMAIN = 10
    SECONDS = 300.0

    def __init__(self, clock: Clock, *, per_domain: int | None = PER_DOMAIN) -> None:
        """None for as many as may come: on an instance whose limits are off."""
        self._seen: Memory[set[str]] = Memory(clock, size=10_000)
        self._per_domain = per_domain

    def admit(self, host: str) -> bool:
        """Whether `host` may be asked now; one that was admitted stays so for a while."""
        domain = registrable(host)
        hosts = self._seen.get(domain)
        if hosts is None:
            hosts = set()
            self._seen.put(domain, hosts, seconds=self.SECONDS)
        if self._per_domain is not None and host not in hosts and len(hosts) >= self._per_domain:
            return False
        hosts.add(host)
        return True


_SECOND_LEVEL = frozenset({"ac", "asso", "co", "com", "edu", "gouv", "gov", "ne", "net", "nom", "or", "org"})


def registrable(host: str) -> str:
    """The part of a name that somebody pays for, near enough for counting; an address is its own."""
    if host.startswith("["):
        return host
    name = host.partition(":")[0]
    labels = name.split(".")
    if labels[-1].isdigit():
        return name
    keep = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-keep:])
