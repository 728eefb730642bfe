"""A long thread shows its latest words first, and the others part by part: none is out of reach."""

import re

from fedishare.features.conversations import operations, store
from fedishare.features.conversations.model import THREAD_SIZE, Thread
from fedishare.foundation.values.clock import SECOND
from tests.engines import on_each_engine
from tests.features.town import Town


async def says(town: Town, uri: str, *texts: str) -> None:
    for text in texts:
        await town.db.write(operations.reply, uri, text, by=town.remise, language="fr", here=town.here, now=town.now)
        town.clock.advance(SECOND)


def words(thread: Thread) -> list[str]:
    return [re.sub("<[^>]+>", "", card.content).strip() for card in thread.posts]


@on_each_engine
async def test_thread_is_read_from_its_end_to_its_beginning(town: Town) -> None:
    drill = await town.publishes(town.remise)
    await says(town, drill.uri, *"abcdefg")

    last = await town.db.read(store.thread_under, drill.id, viewer=0, size=3)
    middle = await town.db.read(store.thread_under, drill.id, viewer=0, size=3, before=last.earlier)
    first = await town.db.read(store.thread_under, drill.id, viewer=0, size=3, before=middle.earlier)

    assert [words(part) for part in (last, middle, first)] == [["e", "f", "g"], ["b", "c", "d"], ["a"]]
    assert first.earlier == 0


async def test_page_of_a_long_thread_leads_to_earlier_answers(town: Town) -> None:
    drill = await town.publishes(town.remise)
    await says(town, drill.uri, "premier", *["encore"] * THREAD_SIZE)

    page = (await town.asks(f"/@remise/{drill.id}", accept="text/html")).text
    (earlier,) = re.findall(r'href="(/@remise/\d+\?before=\d+)"', page)
    before = (await town.asks(earlier, accept="text/html")).text

    assert "<p>premier</p>" not in page
    assert "<p>premier</p>" in before
    assert f'href="/@remise/{drill.id}"' in before


async def test_private_thread_leads_to_earlier_words(town: Town) -> None:
    first = await town.db.write(
        operations.send_direct, "premier", by=town.amel, to=[town.nadia], language="fr", here=town.here, now=town.now
    )
    for _ in range(THREAD_SIZE):
        await town.db.write(
            operations.answer_direct,
            first.thread_id,
            "encore",
            by=town.amel,
            language="fr",
            here=town.here,
            now=town.now,
        )
    town.signs_in(town.amel)

    page = (await town.asks(f"/messages/{first.thread_id}", accept="text/html")).text
    (earlier,) = re.findall(r'href="(/messages/\d+\?before=\d+)"', page)
    before = (await town.asks(earlier, accept="text/html")).text

    assert "<p>premier</p>" not in page
    assert "<p>premier</p>" in before
    assert (await town.asks(f"/messages/{first.thread_id}?before=1", accept="text/html")).status_code == 404
