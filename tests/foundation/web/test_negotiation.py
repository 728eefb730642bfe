"""Who wants ActivityPub's JSON and who wants a page: the headers that servers and browsers really send."""

import pytest
from starlette.requests import Request

from fedishare.foundation.web.negotiation import activity_json, wants_activity

PROFILE = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


def sent(accept: str) -> Request:
    return Request({"type": "http", "headers": [(b"accept", accept.encode())] if accept else []})


@pytest.mark.parametrize(
    ("whose", "accept", "activity"),
    [
        ("Mastodon, an object", "application/activity+json, application/ld+json", True),
        ("Mastodon, a pasted address", f"{PROFILE}, application/activity+json, text/html;q=0.1", True),
        ("Misskey", f"application/activity+json, {PROFILE}", True),
        ("Lemmy and PieFed", "application/activity+json", True),
        ("flohmarkt", "application/json,application/ld+json,application/activity+json", True),
        ("GoToSocial", f"{PROFILE},application/activity+json", True),
        ("a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", False),
        ("curl", "*/*", False),
        ("nobody in particular", "", False),
        ("who takes a page first and JSON too", "text/html, application/json", False),
        ("who would rather have JSON", "text/html;q=0.5, application/json", True),
        ("who would rather have a page", "application/activity+json;q=0.3, text/html", False),
        ("who refuses JSON", "application/activity+json;q=0, */*", False),
        ("who writes nonsense", "application/activity+json;q=lots, text/html", False),
    ],
)
def test_each_client_gets_what_it_asks_for(whose: str, accept: str, activity: bool) -> None:
    assert wants_activity(sent(accept)) is activity, whose


def test_an_answer_has_the_one_content_type_that_all_accept() -> None:
    answer = activity_json({"type": "Note"})

    assert answer.headers["content-type"] == "application/activity+json"
    assert answer.headers["vary"] == "Accept, Signature"
    assert answer.body == b'{"type":"Note"}'
    assert activity_json(b"{}", 410, {"Cache-Control": "no-store"}).headers["cache-control"] == "no-store"
