"""`name@domain`: found through its domain, and believed on another one only when both say so (attacks A148 to A156)."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedishare.federation.actors import store
from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.federation.fetching.webfinger import Handle, read_handle
from fedishare.foundation.net.addresses import read_networks
from fedishare.foundation.net.client import NetSettings, open_net
from fedishare.foundation.values.errors import Malformed, RemotelyGone, Unreachable, Untrusted
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.ids import IdSource
from tests.foundation.net.elsewhere import answer, serving
from tests.house import SECRET, House
from tests.remote import Json, Person, Reply, Server

PATH = "/.well-known/webfinger"


def jrd(subject: str, href: str, **link: str) -> Json:
    self_link = {"rel": "self", "type": "application/activity+json", "href": href, **link}
    return {"subject": f"acct:{subject}", "links": [{"rel": "alternate", "href": "https://x.example"}, self_link]}


def serve(server: Server, document: Json) -> None:
    server.serve(PATH, Reply(200, json.dumps(document).encode(), {"content-type": "application/jrd+json"}))


def questions(server: Server) -> list[str]:
    return [asked.path for asked in server.asked if asked.path.startswith(PATH)]


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


# --- split domains, INTEROP A.1


async def test_a_handle_may_live_on_another_domain(remise: House, elsewhere: Server, amel: Person) -> None:
    apex = remise.network.server("apex.example")
    for server in (apex, elsewhere):
        serve(server, jrd("amel@apex.example", amel.uri))

    for handle in ("amel@apex.example", "amel@mastodon.example"):
        assert (await remise.fetcher.actor_by_handle(handle)).handle == "amel@apex.example"
    assert (await remise.fetcher.actor(amel.uri, fresh=True)).handle == "amel@apex.example"


async def test_a_domain_may_redirect_its_question(remise: House, elsewhere: Server, amel: Person) -> None:
    apex = remise.network.server("apex.example")
    apex.serve(PATH, Reply(301, b"", {"location": elsewhere.url(f"{PATH}?resource=acct:amel@apex.example")}))
    serve(elsewhere, jrd("amel@apex.example", amel.uri))

    assert (await remise.fetcher.actor_by_handle("amel@apex.example")).handle == "amel@apex.example"


async def test_an_actor_may_say_where_its_handle_is(remise: House, elsewhere: Server, amel: Person) -> None:
    elsewhere.serve("/users/amel", {**amel.document, "webfinger": "amel@apex.example"})
    serve(remise.network.server("apex.example"), jrd("amel@apex.example", amel.uri))

    assert (await remise.fetcher.actor_by_handle("amel@apex.example")).handle == "amel@apex.example"
    assert questions(elsewhere) == []


async def test_a_domain_does_not_hand_its_name_to_a_stranger(remise: House, elsewhere: Server, known: Person) -> None:
    """good.example points at somebody of mastodon.example, who knows nothing of it."""
    serve(remise.network.server("good.example"), jrd("carol@good.example", known.uri))

    assert (await remise.fetcher.actor_by_handle("carol@good.example")).handle == "amel@mastodon.example"


async def test_a_stranger_does_not_take_a_domains_name(remise: House, elsewhere: Server, amel: Person) -> None:
    good = remise.network.server("good.example")
    carol = good.person("carol")
    serve(good, jrd("carol@good.example", carol.uri))
    for claim in ({"webfinger": "amel@good.example"}, {"webfinger": "carol@good.example"}, {}):
        elsewhere.serve("/users/amel", {**amel.document, **claim})
        serve(elsewhere, jrd("amel@good.example", amel.uri))
        assert (await remise.fetcher.actor(amel.uri, fresh=True)).handle == "amel@mastodon.example"


async def test_nobody_elsewhere_gets_a_handle_of_ours(remise: House, elsewhere: Server) -> None:
    remise.network.server("share.example")
    tomasz = elsewhere.person("remise")
    elsewhere.serve("/users/remise", {**tomasz.document, "webfinger": "remise@share.example"})
    serve(elsewhere, jrd("remise@share.example", tomasz.uri))

    assert (await remise.fetcher.actor(tomasz.uri)).handle == "remise@mastodon.example"
    assert (await remise.fetcher.actor_by_handle("remise@share.example")).local
    with pytest.raises(Untrusted, match="one of ours"):
        await remise.fetcher.actor_by_handle("remise@mastodon.example")


async def test_two_domains_that_disagree_are_not_believed(remise: House, elsewhere: Server, amel: Person) -> None:
    apex = remise.network.server("apex.example")
    serve(elsewhere, jrd("amel@apex.example", amel.uri))
    serve(apex, jrd("amel@third.example", amel.uri))

    with pytest.raises(Untrusted, match="says otherwise"):
        await remise.fetcher.actor_by_handle("amel@mastodon.example")


async def test_the_name_in_a_handle_is_that_of_the_actor(remise: House, elsewhere: Server, amel: Person) -> None:
    apex = remise.network.server("apex.example")
    for server in (apex, elsewhere):
        serve(server, jrd("admin@apex.example", amel.uri))

    assert (await remise.fetcher.actor_by_handle("admin@apex.example")).handle == "amel@mastodon.example"


# --- answers that are none


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
    for name in ("a&resource=acct:b", "a#b", "a?b", "é", "a%0d%0aX: y"):
        elsewhere.asked.clear()
        with pytest.raises(Malformed):
            await remise.fetcher.actor_by_handle(f"{name.replace(' ', '')}@mastodon.example")
        resource = parse_qs(urlsplit(elsewhere.asked[0].path).query)
        assert resource == {"resource": [f"acct:{name.replace(' ', '')}@mastodon.example"]}


# --- the text itself


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


# --- two instances on one machine


async def test_an_instance_on_http_asks_its_neighbour_by_http(remise: House) -> None:
    async def act(asked, say):
        uri = f"{server.url}/users/hangar"
        actor = {"id": uri, "type": "Organization", "preferredUsername": "hangar", "inbox": f"{uri}/inbox"}
        found = actor if asked.target == "/users/hangar" else jrd(f"hangar@127.0.0.1:{server.port}", uri)
        await say(answer(200, json.dumps(found).encode(), "Content-Type: application/activity+json"))

    net = open_net(NetSettings(user_agent="test", allow_networks=read_networks(["127.0.0.0/8"])))
    async with serving(act) as server:
        # Their own name of our machine: what is signed there does not matter to this server.
        here = Here(base_url="http://localhost:8001", handle_domain="localhost:8001", ids=IdSource())
        ours = Fetcher(net=net, db=remise.db, here=here, clock=remise.clock, secret=SECRET)
        found = await ours.actor_by_handle(f"hangar@127.0.0.1:{server.port}")
    await net.close()

    assert found.handle == f"hangar@127.0.0.1:{server.port}"


async def test_an_instance_on_http_asks_others_by_https(remise: House, elsewhere: Server, known: Person) -> None:
    here = Here(base_url="http://localhost:8001", handle_domain="localhost:8001", ids=IdSource())
    ours = Fetcher(net=remise.net, db=remise.db, here=here, clock=remise.clock, secret=SECRET)

    assert (await ours.actor_by_handle("amel@mastodon.example")).uri == known.uri


async def test_an_instance_on_https_never_falls_back(remise: House, elsewhere: Server) -> None:
    elsewhere.serve(PATH, Reply(500))

    with pytest.raises(Unreachable):
        await remise.fetcher.actor_by_handle("amel@mastodon.example")
    assert len(elsewhere.asked) == 1
