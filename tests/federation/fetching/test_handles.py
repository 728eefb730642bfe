"""`name@domain`: read, asked for at its domain, and answered by somebody (attacks A153 to A156)."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.federation.actors import store
from fedishare.federation.fetching.webfinger import Handle, read_handle
from fedishare.foundation.values.errors import Malformed, RemotelyGone, Unreachable, Untrusted
from tests.house import House
from tests.remote import Json, Person, Reply, Server

PATH = "/.well-known/webfinger"


def jrd(subject: str, href: str, **link: str) -> Json:
    self_link = {"rel": "self", "type": "application/activity+json", "href": href, **link}
    return {"subject": f"acct:{subject}", "links": [{"rel": "alternate", "href": "https://x.example"}, self_link]}


def serve(server: Server, document: Json) -> None:
    server.serve(PATH, Reply(200, json.dumps(document).encode(), {"content-type": "application/jrd+json"}))


@pytest.fixture
def known(elsewhere: Server, amel: Person) -> Person:
    serve(elsewhere, jrd("amel@mastodon.example", amel.uri))
    return amel


@pytest.mark.parametrize(
    "text",
    [
        "amel@mastodon.example",
        "@amel@mastodon.example",
        "acct:amel@mastodon.example",
        "  @amel@Mastodon.Example\n",
        "ACCT:amel@mastodon.example",
    ],
)
async def test_a_handle_is_found_in_every_spelling(remise: House, elsewhere: Server, known: Person, text: str) -> None:
    actor = await remise.fetcher.actor_by_handle(text)

    assert (actor.uri, actor.handle) == (known.uri, "amel@mastodon.example")
    assert await remise.db.read(store.by_handle, "amel", "mastodon.example") == actor


async def test_the_question_is_asked_as_the_standard_says(remise: House, elsewhere: Server, known: Person) -> None:
    await remise.fetcher.actor_by_handle("amel@mastodon.example")

    asked = elsewhere.asked[0]
    assert parse_qs(urlsplit(asked.path).query) == {"resource": ["acct:amel@mastodon.example"]}
    assert "signature" not in asked.headers
    assert "application/jrd+json" in asked.headers["accept"]


@pytest.mark.parametrize(
    "media", ["application/activity+json", 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"']
)
async def test_both_types_of_a_self_link_are_read(remise: House, elsewhere: Server, amel: Person, media: str) -> None:
    serve(elsewhere, jrd("amel@mastodon.example", amel.uri, type=media))

    assert (await remise.fetcher.actor_by_handle("amel@mastodon.example")).uri == amel.uri


async def test_our_own_people_are_found_at_home(remise: House) -> None:
    for handle in ("remise@share.example", "@Remise@SHARE.example"):
        assert await remise.fetcher.actor_by_handle(handle) == remise.remise
    with pytest.raises(Unreachable) as told:
        await remise.fetcher.actor_by_handle("nobody@share.example")
    assert told.value.status == 404
    await remise.db.write(store.erase, remise.remise.id, now=remise.clock.now())
    with pytest.raises(Unreachable):
        await remise.fetcher.actor_by_handle("remise@share.example")
    assert remise.network.connections == 0


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"subject": 7, "links": []},
        {"subject": "https://mastodon.example/@amel", "links": [{"rel": "self"}]},
        {"subject": "acct:amel@mastodon.example"},
        {"subject": "acct:amel@mastodon.example", "links": "x"},
        {"subject": "acct:amel@mastodon.example", "links": [7, {}, {"rel": "self"}]},
        jrd("amel@mastodon.example", "https://mastodon.example/users/amel", rel="profile-page"),
        jrd("amel@mastodon.example", "https://mastodon.example/users/amel", type="text/html"),
        jrd("amel@mastodon.example", "javascript:alert(1)"),
        jrd("amel", "https://mastodon.example/users/amel"),
        jrd("amel@ma stodon", "https://mastodon.example/users/amel"),
    ],
)
async def test_an_answer_without_an_actor_is_malformed(
    remise: House, elsewhere: Server, amel: Person, document: Json
) -> None:
    serve(elsewhere, document)

    with pytest.raises(Malformed):
        await remise.fetcher.actor_by_handle("amel@mastodon.example")


async def test_a_self_link_far_down_is_not_looked_for(remise: House, elsewhere: Server, amel: Person) -> None:
    found = jrd("amel@mastodon.example", amel.uri)
    serve(elsewhere, {**found, "links": [{"rel": "other"}] * 50 + found["links"]})

    with pytest.raises(Malformed):
        await remise.fetcher.actor_by_handle("amel@mastodon.example")


async def test_an_answer_of_64_kilobytes_is_enough(remise: House, elsewhere: Server, amel: Person) -> None:
    serve(elsewhere, {**jrd("amel@mastodon.example", amel.uri), "aliases": ["x" * 64_000]})

    with pytest.raises(Malformed):
        await remise.fetcher.actor_by_handle("amel@mastodon.example")


async def test_a_bomb_of_xml_is_not_opened(remise: House, elsewhere: Server) -> None:
    elsewhere.serve(PATH, Reply(200, b'<!DOCTYPE lolz [<!ENTITY x SYSTEM "file:///etc/passwd">]><XRD>&x;</XRD>'))

    with pytest.raises(Malformed):
        await remise.fetcher.actor_by_handle("amel@mastodon.example")


@pytest.mark.parametrize(("status", "trouble"), [(404, Unreachable), (410, RemotelyGone), (500, Unreachable)])
async def test_a_name_that_is_not_there_is_told(
    remise: House, elsewhere: Server, status: int, trouble: type[Exception]
) -> None:
    elsewhere.serve(PATH, Reply(status))

    with pytest.raises(trouble):
        await remise.fetcher.actor_by_handle("amel@mastodon.example")


@pytest.mark.parametrize("there", ["http://10.0.0.1/", "https://10.0.0.1/", PATH])
async def test_a_redirect_inwards_or_in_circles_ends(remise: House, elsewhere: Server, there: str) -> None:
    elsewhere.serve(PATH, Reply(302, b"", {"location": there}))

    with pytest.raises((Untrusted, Malformed)):
        await remise.fetcher.actor_by_handle("amel@mastodon.example")
    assert len(elsewhere.asked) <= 4


async def test_a_name_does_not_slip_into_the_question(remise: House, elsewhere: Server) -> None:
    serve(elsewhere, {})
    for name in ("a&resource=b", "a#b", "a?b", "é", "a%0d%0aX%3A y"):
        elsewhere.asked.clear()
        with pytest.raises(Malformed):
            await remise.fetcher.actor_by_handle(f"{name.replace(' ', '')}@mastodon.example")
        resource = parse_qs(urlsplit(elsewhere.asked[0].path).query)
        assert resource == {"resource": [f"acct:{name.replace(' ', '')}@mastodon.example"]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "amel",
        "@amel",
        "amel@",
        "@@mastodon.example",
        "a@b@c",
        "a@b/c",
        "a b@c.example",
        "a/b@c.example",
        "a@good.example@evil.example",
        "a@-x.example",
        "a@x..example",
        "a@x.example:0",
        "a@x.example:443",
        "a@" + "x" * 400,
    ],
)
def test_what_is_no_handle_is_told(text: str) -> None:
    with pytest.raises(Malformed):
        read_handle(text)


@pytest.mark.parametrize(
    ("text", "handle"),
    [
        ("amel@café.example", "amel@xn--caf-dma.example"),
        ("amel@127.0.0.1:8002", "amel@127.0.0.1:8002"),
        ("A.mel-1@X.example", "A.mel-1@x.example"),
    ],
)
def test_a_domain_gets_its_one_form(text: str, handle: str) -> None:
    assert str(read_handle(text)) == handle


@given(st.text(max_size=60))
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    try:
        handle = read_handle(text)
    except Malformed:
        return
    assert read_handle(str(handle)) == handle == Handle(name=handle.name, domain=handle.domain)


def test_an_account_inside_an_account_is_no_handle() -> None:
    with pytest.raises(Malformed, match="not of the form"):
        read_handle("@acct:carol@good.test")
