"""What others offer and need, read from what they send: ours, Mitra's, prefixed, hostile."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.features.proposals import reading
from fedishare.features.proposals.model import State
from fedishare.foundation.values.errors import Malformed
from fedishare.foundation.values.grid import point, snap
from tests.features.town import Town

PAYLOADS = Path(__file__).parents[2] / "payloads"
Json = dict[str, Any]

BIKE: Json = {
    "id": "https://hangar.example/proposals/7",
    "type": "Note",
    "attributedTo": "https://hangar.example/users/hangar",
    "content": "<p><strong>Vélo</strong></p><p>Il <em>roule</em>.</p>",
    "published": "2026-11-20T10:00:00Z",
    "to": ["https://www.w3.org/ns/activitystreams#Public"],
    "cc": [],
    "purpose": "offer",
    "publishes": {"type": "Intent", "id": "https://hangar.example/proposals/7#primary", "action": "use"},
}


def payload(name: str) -> Json:
    return dict(json.loads((PAYLOADS / name).read_text()))


def read(**changed: Any) -> reading.Reading:
    found = reading.read({**BIKE, **changed})
    assert found is not None
    return found


@pytest.mark.parametrize("form", ["note", "alone"])
async def test_what_we_send_is_read_as_what_was_written(town: Town, form: str) -> None:
    written = await town.publishes(
        town.remise, category="vélo", conditions="participation libre", until="2027-01-31", quantity="2.5", unit="hour"
    )
    path = f"/proposals/{written.id}" + ("/proposal" if form == "alone" else "")

    found = reading.read((await town.asks(path)).json())

    assert found is not None
    same = ("uri", "title", "category", "place_name", "quantity", "unit", "conditions", "ends_at", "content")
    assert {name: getattr(found, name) for name in same} == {name: getattr(written, name) for name in same}
    assert (found.purpose, found.action, found.state) == ("offer", "use", State.OPEN)
    assert found.place is not None
    assert (found.place.latitude, found.place.longitude) == (written.latitude, written.longitude)


def test_mitras_proposal_is_read_with_its_numbers_as_texts() -> None:
    found = reading.read(payload("mitra/proposal.json"))

    assert found is not None
    assert (found.title, found.purpose, found.action) == ("Pay for subscription", "offer", "deliverService")
    assert (found.quantity, found.unit) == ("1", "second")
    assert found.conditions == "0.00000002 XMR / second", "piconeros, of which a coin has 10^12"
    assert found.uri == payload("mitra/proposal.json")["id"]


@pytest.mark.parametrize(
    "name", ["flohmarkt/create_note_private_message.json", "mastodon/create_note.json", "lemmy/create_page.json"]
)
def test_posts_without_its_properties_are_no_proposals(name: str) -> None:
    assert reading.read(payload(name)["object"]) is None


def test_prefixed_terms_mean_the_same() -> None:
    plain = {name: value for name, value in BIKE.items() if name not in ("purpose", "publishes")}
    intent = {"vf:action": "vf:transfer", "vf:finished": True}

    found = reading.read({**plain, "vf:purpose": "vf:request", "vf:publishes": intent})

    assert found is not None
    assert (found.purpose, found.action, found.state) == ("request", "transfer", State.CLOSED)


def test_unknown_action_is_kept_as_the_text_it_is() -> None:
    assert read(publishes={"action": "barter"}).action == "barter"


def test_title_is_the_first_bold_paragraph_and_not_repeated() -> None:
    found = read()

    assert found.title == "Vélo"
    assert found.content == "<p>Il <em>roule</em>.</p>"


def test_exact_position_of_others_is_not_kept() -> None:
    found = read(location={"type": "Place", "name": "Fives", "latitude": 50.6312345, "longitude": "3.0898765"})

    assert found.place == snap(point(50.6312345, 3.0898765))
    assert found.place != point(50.6312345, 3.0898765)


@pytest.mark.parametrize("value", ["NaN", "-3", "0", "1e999", True, None, [], {}])
def test_quantity_that_is_none_reads_as_one_piece(value: object) -> None:
    measure = {"hasUnit": "one", "hasNumericalValue": value}

    assert read(publishes={"action": "use", "resourceQuantity": measure}).quantity == "1"


def test_what_it_says_cannot_run() -> None:
    found = read(content="<p><strong>Vélo</strong></p><script>alert(1)</script><p onclick=x>Il roule</p>")

    assert found.content == "<p>Il roule</p>"


def test_author_of_another_server_is_refused() -> None:
    with pytest.raises(Malformed):
        read(attributedTo="https://elsewhere.example/users/eve")


def test_standalone_form_of_another_object_keeps_its_own_id() -> None:
    alone = {
        "type": "Proposal",
        "id": "https://hangar.example/proposals/7/proposal",
        "publishes": {"id": "https://victim.example/proposals/7#primary", "action": "use"},
    }

    assert read(**alone).uri == "https://hangar.example/proposals/7/proposal"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
PARTS = ("id", "type", "attributedTo", "content", "contentMap", "name", "published", "updated", "to", "tag", "location",
         "publishes", "reciprocal", "hasEnd", "url", "purpose", "unitBased")  # fmt: skip


@given(changed=st.dictionaries(st.sampled_from(PARTS), JSON, max_size=5))
def test_whatever_is_sent_is_read_or_refused_but_never_crashes(changed: Json) -> None:
    try:
        found = reading.read({**BIKE, **changed})
    except Malformed:
        return
    if found is not None:
        assert found.purpose in ("offer", "request")
        assert "<script" not in found.content


@given(intent=st.dictionaries(st.sampled_from(("id", "action", "resourceQuantity", "finished", "hasEnd")), JSON))
def test_no_intent_crashes_the_reader(intent: Json) -> None:
    found = read(publishes=intent)

    assert found.quantity
