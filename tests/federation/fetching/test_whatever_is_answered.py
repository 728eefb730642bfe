"""What other servers answer, whatever it is: a handle, a page of a list, or trouble that has a name."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.federation.fetching.collections import ITEMS, PAGES, pages, vouched
from fedishare.federation.fetching.documents import Fetched, check_status, is_activity
from fedishare.federation.fetching.webfinger import WebFinger, read_handle
from fedishare.federation.vocabulary.origins import canonical, same_origin
from fedishare.foundation.net.client import Answer
from fedishare.foundation.values.errors import RemoteTrouble, Unreachable
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.ids import IdSource
from tests.anything import JSON, near

HERE = Here(base_url="https://fedi.test", handle_domain="fedi.test", ids=IdSource())
CAROL = "https://good.test/users/carol"
JRD = {
    "subject": "acct:carol@good.test",
    "links": [{"rel": "self", "type": "application/activity+json", "href": CAROL}],
}
LIST = "https://good.test/outbox"
PAGE = {
    "id": LIST,
    "type": "OrderedCollection",
    "totalItems": 3,
    "first": f"{LIST}?page=1",
    "next": f"{LIST}?page=2",
    "orderedItems": [CAROL, {"id": f"{CAROL}/1", "attributedTo": CAROL}],
}


class Saying:
    """A way out where everybody answers the same."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        self._answer = (status, body)
        self.asked: list[str] = []

    async def get(self, url: str, **how: Any) -> Answer:
        self.asked.append(url)
        status, body = self._answer
        return Answer(status=status, headers={}, body=body, url=url)

    async def fetch(self, uri: str, **how: Any) -> Fetched:
        self.asked.append(uri)
        return Fetched(url=uri, document=json.loads(self._answer[1]))


@given(near(JRD).map(lambda document: json.dumps(document).encode()) | st.binary(max_size=200))
async def test_a_handle_leads_to_somebody_or_to_trouble(body: bytes) -> None:
    net = Saying(body)
    try:
        finger = await WebFinger(net=net, here=HERE).find(read_handle("carol@good.test"))
    except RemoteTrouble:
        pass
    else:
        assert canonical(finger.actor_uri) == finger.actor_uri
        assert read_handle(str(finger.subject)) == finger.subject
    assert len(net.asked) <= 2


@given(near(PAGE))
async def test_a_list_ends_and_stays_at_home(document: dict[str, Any]) -> None:
    net = Saying(json.dumps(document).encode())
    try:
        found = [page async for page in pages(net, LIST)]
    except RemoteTrouble:
        pass
    else:
        assert all(len(page.items) <= ITEMS for page in found)
        for item in (item for page in found for item in page.items if vouched(item, LIST)):
            assert same_origin(item["id"], LIST)
    assert len(net.asked) <= PAGES
    assert all(same_origin(asked, LIST) for asked in net.asked)


@given(st.integers(100, 599), st.dictionaries(st.sampled_from(["retry-after", "location"]), st.text(max_size=30)))
def test_a_status_is_good_or_trouble_with_a_bounded_wait(status: int, headers: dict[str, str]) -> None:
    answer = Answer(status=status, headers=headers, body=b"", url=CAROL)
    if status == 200:
        check_status(answer)
        return
    with pytest.raises(RemoteTrouble) as refused:
        check_status(answer)
    if isinstance(refused.value, Unreachable):
        assert refused.value.retry_after_s is None or 0 <= refused.value.retry_after_s <= 86_400


PIECES = st.sampled_from(
    ["application/", "activity+json", "ld+json", ";", " profile=", '"', "https://www.w3.org/ns/", "é"]
)


@given(st.text(max_size=40) | st.lists(PIECES, max_size=8).map("".join))
def test_a_type_is_ours_or_not(kind: str) -> None:
    assert not is_activity(kind) or kind.lower().lstrip().startswith(
        ("application/activity+json", "application/ld+json")
    )


@given(JSON)
def test_only_what_is_at_home_needs_no_second_question(item: Any) -> None:
    if isinstance(item, (dict, str)) and vouched(item, LIST):
        assert isinstance(item, dict)
        assert same_origin(item["id"], LIST)
