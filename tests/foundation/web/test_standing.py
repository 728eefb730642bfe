"""What is known of a moment ends with it: with the next commit, and with the minute."""

import pytest

from fedishare.foundation.values.clock import MINUTE, Instant
from fedishare.foundation.values.errors import Busy
from fedishare.foundation.web import standing
from fedishare.foundation.web.standing import Moment, Standing

NOW = Instant(1_795_000_000_000 // MINUTE * MINUTE)


class Asked:
    def __init__(self) -> None:
        self.count = 0

    async def __call__(self) -> int:
        self.count += 1
        return self.count


async def test_within_a_moment_each_thing_is_asked_once():
    kept, ask = Standing(), Asked()

    found = [await kept.at("1", Instant(NOW + n)).once(key, ask) for n, key in enumerate("aab")]

    assert found == [1, 1, 2]


@pytest.mark.parametrize(("version", "now"), [("2", NOW), ("1", NOW + MINUTE), ("", NOW)])
async def test_a_commit_or_a_minute_ends_it(version: str, now: int):
    kept, ask = Standing(), Asked()
    before = kept.at("1", NOW)
    await before.once("a", ask)

    after = kept.at(version, Instant(now))

    assert await after.once("a", ask) == 2
    assert await before.once("a", ask) == 1


async def test_without_a_version_nothing_is_kept():
    moment, ask = Moment(""), Asked()

    assert [await moment.once("a", ask) for _ in range(3)] == [1, 2, 3]


async def test_what_could_not_be_found_out_is_asked_again():
    async def refused() -> int:
        raise Busy

    moment, ask = Moment("1"), Asked()
    with pytest.raises(Busy):
        await moment.once("a", refused)

    assert await moment.once("a", ask) == 1


async def test_only_so_much_is_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(standing, "MOST_KNOWN", 3)
    moment, ask = Moment("1"), Asked()
    for key in range(5):
        await moment.once(key, ask)

    assert [await moment.once(key, ask) for key in range(5)] == [1, 2, 3, 6, 7]
