"""Whatever somebody signs and says, it is answered, and it breaks no worker: nothing of it ends among the dead.

Not a line of the list: activities that are nearly right, by the dozen, through the whole instance.
"""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.anything import JSON, near
from tests.attacks.world import opened_world
from tests.remote import PUBLIC

CAROL = "https://good.test/users/carol"
ALICE = "https://fedi.test/users/alice"
VERBS = (
    *("Create", "Update", "Delete", "Follow", "Accept", "Reject", "Undo", "Like", "EmojiReact", "Announce", "Block"),
    *("Add", "Remove", "Move", "Flag", "Offer", "QuoteRequest", "Question", "Invite", "View", "Hello", "Dislike"),
)
NOTE = {
    "id": "https://good.test/n/1",
    "type": "Note",
    "attributedTo": CAROL,
    "content": "<p>Bonjour</p>",
    "inReplyTo": "https://fedi.test/x",
    "to": [PUBLIC],
    "cc": [ALICE],
    "tag": [{"type": "Mention", "href": ALICE}],
    "published": "2026-11-23T11:00:00Z",
    "updated": "2026-11-23T11:00:00Z",
}
OFFER = {
    **NOTE,
    "id": "https://good.test/p/1",
    "purpose": "offer",
    "publishes": {"id": "https://good.test/p/1#primary", "type": "Intent", "action": "transfer"},
    "reciprocal": {"type": "Intent", "name": "x"},
    "location": {"type": "Place", "name": "Lille", "latitude": 50.6, "longitude": 3.06},
    "hasEnd": "2027-01-01T00:00:00Z",
}
PERSON = {"id": CAROL, "type": "Person", "preferredUsername": "carol", "inbox": f"{CAROL}/inbox", "name": "Carol"}
FOLLOW = {"id": "https://good.test/f/1", "type": "Follow", "actor": CAROL, "object": ALICE}
RELATION = {"type": "Relationship", "subject": CAROL, "relationship": "collaboratesWith", "object": ALICE}
ABOUT = st.one_of(
    near(NOTE),
    near(OFFER),
    near(PERSON),
    near(FOLLOW),
    near(RELATION),
    JSON,
    st.sampled_from([CAROL, ALICE, "https://good.test/n/1", "https://good.test/p/1", "https://good.test/a/1", PUBLIC]),
)
SAID = st.builds(
    lambda kind, about, more: {"actor": CAROL, "to": [PUBLIC], **more, "type": kind, "object": about},
    st.sampled_from(VERBS),
    ABOUT,
    st.dictionaries(
        st.sampled_from(["id", "to", "cc", "target", "published", "content", "instrument"]), JSON, max_size=2
    ),
)


@settings(max_examples=5, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(SAID, min_size=30, max_size=40))
def test_whatever_is_said_is_answered_and_breaks_nothing(said: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(said, Path(folder)))


async def play(said: list[dict[str, Any]], folder: Path) -> None:
    async with opened_world(folder, database_url=f"sqlite://{folder}/fedishare.db") as world:
        await world.hears(world.carol)
        for number, activity in enumerate(said):
            body = json.dumps({"id": f"https://good.test/a/{number}", **activity}).encode()
            answer = await world.sends(world.carol, body)
            assert answer.status_code in {202, 400, 401, 403}, (answer.status_code, body)
        await world.work()
        broken = "select type, body, outcome from activity_in where outcome like '%Traceback%' or state = 'dead'"
        assert await world.ask(broken) == []
        for path in (
            "/search",
            "/search.atom",
            f"/@alice/{world.offer.id}",
            "/@remise",
            "/users/alice/outbox?page=true",
        ):
            assert (await world.reader().go(path)).status_code in {200, 302}, path
