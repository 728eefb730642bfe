"""A handle on another domain than its actor: believed only when both say so (INTEROP A.1; attacks A148, A152)."""

import json

import pytest

from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.foundation.net.addresses import read_networks
from fedishare.foundation.net.client import NetSettings, open_net
from fedishare.foundation.values.errors import Unreachable, Untrusted
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
    namesake = good.person("amel")
    serve(good, jrd("amel@good.example", namesake.uri))
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
