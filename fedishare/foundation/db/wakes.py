"""Hints that there is work, told after COMMIT. A lost hint costs a moment, never work: the work is in the tables."""

from collections.abc import Callable, Iterable


class Wakes:
    """Who wants to be woken, by name. Everything here runs on the event loop."""

    def __init__(self) -> None:
        self._callbacks: dict[str, list[Callable[[], None]]] = {}

    def on(self, whom: str, callback: Callable[[], None]) -> None:
        self._callbacks.setdefault(whom, []).append(callback)

    def call(self, names: Iterable[str]) -> None:
        for name in names:
            for callback in self._callbacks.get(name, ()):
                callback()

    def call_all(self) -> None:
        """Another process wrote something, and nobody knows for whom."""
        self.call(tuple(self._callbacks))
