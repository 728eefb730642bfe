"""What was found out since the last commit, within this minute: asked of the database once, however many pages say it.

Whose site this is, who holds a session, how many listings there are: each commit, of any process, ends all that is kept
here, as it ends the answers of `unchanged.py`, and so does each minute, for what is so until a certain time. A key says
all that an answer depends on, the reader first.
"""

from collections.abc import Awaitable, Callable, Hashable
from typing import Any, ParamSpec, TypeVar

from fedishare.foundation.values.clock import MINUTE, Instant

T = TypeVar("T")
P = ParamSpec("P")
MOST_KNOWN = 4_000


class Moment:
    """A version of the database, and what is known of it; each request holds that of its beginning. A moment without a
    version keeps nothing for anybody."""

    def __init__(self, version: str) -> None:
        self.version = version
        self._known: dict[Hashable, Any] = {}

    async def once(self, key: Hashable, ask: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """What `ask` gives, or gave in this moment under this key. Raises what it raises, and forgets that."""
        if key in self._known:
            known: T = self._known[key]
            return known
        found = await ask(*args, **kwargs)
        if self.version and len(self._known) < MOST_KNOWN:
            self._known[key] = found
        return found


class Standing:
    """The moment of one process."""

    def __init__(self) -> None:
        self._moment = Moment("")
        self._minute = 0

    def at(self, version: str, now: Instant) -> Moment:
        """Of now; `version` was asked of the database after the request came, so all that is in it is true by then."""
        minute = now // MINUTE
        if not version or version != self._moment.version or minute != self._minute:
            self._moment, self._minute = Moment(version), minute
        return self._moment
