"""A letter that breaks us, by a mistake of ours, is given up after five times; the others to its server go out."""

import asyncio

from fedishare.federation.outbox.delivery import Post
from fedishare.federation.outbox.loop import Worker
from fedishare.federation.outbox.recording import Recorder
from fedishare.federation.outbox.schedule import STRIKES, Tried
from fedishare.federation.outbox.store import Due
from fedishare.foundation.values.clock import HOUR
from tests.engines import on_each_engine
from tests.federation.outbox.telling import meet, people, queue, say
from tests.house import SECRET, House


class Breaking(Post):
    """Stumbles over one letter, whatever it is tried."""

    wrong = 0

    async def deliver(self, due: Due) -> Tried:
        self.wrong = self.wrong or due.id
        if due.id == self.wrong:
            raise RuntimeError("a mistake of ours")
        return await super().deliver(due)


@on_each_engine
async def test_a_letter_that_breaks_us_is_given_up_and_the_others_go_out(remise: House) -> None:
    (amel,) = people(remise, 1)
    await meet(remise, amel)
    for _ in range(3):
        await say(remise, to=[amel.uri])
    post = Breaking(db=remise.db, net=remise.net, secret=SECRET, here=remise.here, clock=remise.clock)

    for _ in range(STRIKES):
        await work(remise, post)
        remise.clock.advance(HOUR)
    await work(remise, post)

    assert [row.state for row in await queue(remise)] == ["dead", "done", "done"]
    (first, *_) = await queue(remise)
    assert first.attempts == STRIKES
    assert first.outcome.endswith("RuntimeError: a mistake of ours\n")
    assert "in deliver" in first.outcome, "where it broke is kept for whoever repairs it"
    assert len(amel.server.letters) == 2


async def work(house: House, post: Post) -> None:
    """What is due, once, with this hand at the letters."""
    recorder = Recorder(house.db)
    async with asyncio.TaskGroup() as group:
        worker = Worker(db=house.db, post=post, recorder=recorder, clock=house.clock, group=group, wake=asyncio.Event())
        await worker.drain()
        await worker.finish()
    await recorder.flush()
