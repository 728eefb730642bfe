"""Documents of others: asked for in our name, believed where they live (SECURITY 0.1; attacks A116 to A118, A146).

How they are served: `test_served_documents.py`.
"""

import pytest

from fedishare.federation.actors import store
from fedishare.federation.actors.model import Actor
from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.federation.signatures import cavage
from fedishare.federation.signatures.keys import opened
from fedishare.foundation.values.errors import Unreachable, Untrusted
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.ids import IdSource
from tests.house import BASE_URL, SECRET, House, house
from tests.remote import Asked, Person, Reply, Server


async def signer_of(remise: House, asked: Asked, actor: Actor) -> bool:
    """Whether `actor` has signed this request."""
    key = opened(await remise.db.read(store.private_key, actor.id), SECRET)
    pairs = [(name.encode(), value.encode()) for name, value in asked.headers.items()]
    head = cavage.parse(pairs)
    cavage.verify(head, "GET", asked.path.encode(), pairs, b"", key.rsa.public_key(), remise.clock.now())
    return head.key_id == key.id


def redirect(to: str) -> Reply:
    return Reply(302, b"", {"location": to})


async def test_a_note_is_fetched_in_the_name_of_the_instance(remise: House, elsewhere: Server, amel: Person) -> None:
    note = elsewhere.note("/notes/1", amel)

    assert await remise.fetcher.document(note["id"]) == note

    asked = elsewhere.asked[0]
    assert "application/activity+json" in asked.headers["accept"]
    assert asked.headers["user-agent"] == "Fedishare/test"
    assert await signer_of(remise, asked, await remise.db.read(store.instance_actor))


async def test_what_was_addressed_to_a_member_is_fetched_in_their_name(
    remise: House, elsewhere: Server, amel: Person
) -> None:
    note = elsewhere.note("/notes/1", amel)

    await remise.fetcher.document(note["id"], as_actor=remise.remise)

    assert await signer_of(remise, elsewhere.asked[0], remise.remise)


async def test_the_fragment_of_an_id_stays_here(remise: House, elsewhere: Server, amel: Person) -> None:
    note = elsewhere.note("/notes/1", amel)

    assert await remise.fetcher.document(note["id"] + "#primary") == note
    assert elsewhere.asked[0].path == "/notes/1"


async def test_a_redirect_on_its_own_server_is_signed_again(remise: House, elsewhere: Server, amel: Person) -> None:
    note = elsewhere.note("/notes/1", amel)
    elsewhere.serve("/@amel/1", redirect("/notes/1"))

    assert await remise.fetcher.document(elsewhere.url("/@amel/1")) == note

    first, second = elsewhere.asked
    assert first.headers["signature"] != second.headers["signature"]
    assert await signer_of(remise, second, await remise.db.read(store.instance_actor))


async def test_a_query_is_left_out_of_the_signature_on_the_second_knock(remise: House, elsewhere: Server) -> None:
    elsewhere.at_the_door = lambda asked: Reply(404 if "signature-input" in asked.headers else 401)

    with pytest.raises(Unreachable):
        await remise.fetcher.document(elsewhere.url("/outbox?page=1"))
    with pytest.raises(Unreachable):
        await remise.fetcher.document(elsewhere.url("/outbox"))

    drafts = [asked for asked in elsewhere.asked if "signature-input" not in asked.headers]
    assert [asked.path for asked in drafts] == ["/outbox?page=1", "/outbox?page=1", "/outbox"]
    assert await signer_of(remise, elsewhere.asked[0], await remise.db.read(store.instance_actor))
    without = Asked("GET", "/outbox", elsewhere.asked[1].headers, b"")
    assert await signer_of(remise, without, await remise.db.read(store.instance_actor))


async def test_an_alias_leads_to_the_declared_id_once(remise: House, elsewhere: Server, amel: Person) -> None:
    note = elsewhere.note("/notes/1", amel)
    elsewhere.serve("/media/x", {**note, "content": "not to be believed"})

    assert await remise.fetcher.document(elsewhere.url("/media/x")) == note
    assert [asked.path for asked in elsewhere.asked] == ["/media/x", "/notes/1"]


async def test_an_id_that_is_not_there_either_is_refused(remise: House, elsewhere: Server, amel: Person) -> None:
    note = elsewhere.note("/notes/1", amel)
    elsewhere.serve("/a", {**note, "id": elsewhere.url("/b")})
    elsewhere.serve("/b", {**note, "id": elsewhere.url("/c")})

    with pytest.raises(Untrusted, match="says that it is"):
        await remise.fetcher.document(elsewhere.url("/a"))
    assert len(elsewhere.asked) == 2


@pytest.mark.parametrize("declared", ["https://good.example/users/carol", None, 7, "", "x"])
async def test_an_id_of_another_server_is_refused(
    remise: House, elsewhere: Server, amel: Person, declared: object
) -> None:
    good = remise.network.server("good.example")
    good.person("carol")
    elsewhere.serve("/a", {**amel.document, "id": declared})

    with pytest.raises(Untrusted, match="is not where"):
        await remise.fetcher.document(elsewhere.url("/a"))
    assert not good.asked


async def test_a_redirect_does_not_lend_its_name(remise: House, elsewhere: Server) -> None:
    good = remise.network.server("good.example")
    carol = good.person("carol")
    good.serve("/open", redirect(elsewhere.url("/p")))
    elsewhere.serve("/p", carol.document)

    with pytest.raises(Untrusted, match="is not where"):
        await remise.fetcher.document(good.url("/open"))


@pytest.mark.parametrize("name", ["attributedTo", "actor"])
@pytest.mark.parametrize(
    "others", [["https://good.example/users/carol"], ["{amel}", "https://good.example/users/carol"]]
)
async def test_nobody_speaks_for_another_server(
    remise: House, elsewhere: Server, amel: Person, name: str, others: list[str]
) -> None:
    note = elsewhere.note("/notes/1", amel, **{name: [other.replace("{amel}", amel.uri) for other in others]})

    with pytest.raises(Untrusted, match="in the name of"):
        await remise.fetcher.document(note["id"])


async def test_a_group_may_have_stewards_elsewhere(remise: House, elsewhere: Server, amel: Person) -> None:
    stewards = {"attributedTo": ["https://good.example/users/carol"], "type": "Group"}
    elsewhere.serve("/users/amel", {**amel.document, **stewards})

    assert (await remise.fetcher.document(amel.uri))["type"] == "Group"


@pytest.mark.parametrize(
    "uri",
    [
        f"{BASE_URL}/users/remise",
        BASE_URL,
        "http://good.example/users/carol",
        "https://good.example:8443/users/carol",
        f"{BASE_URL}:8443/users/remise",
        "https://127.0.0.1/",
        "file:///etc/passwd",
        "gopher://x",
        "https://good.example@evil.example/n",
        "42",
        "",
    ],
)
async def test_ourselves_and_what_is_no_address_are_not_asked(remise: House, uri: str) -> None:
    remise.network.server("good.example").person("carol")
    remise.network.server("share.example").person("remise")

    with pytest.raises(Untrusted):
        await remise.fetcher.document(uri)
    assert remise.network.connections == 0


async def test_a_closed_instance_asks_nobody(database) -> None:
    async with house(database, closed=True) as closed:
        amel = closed.network.server("mastodon.example").person("amel")
        for asking in (
            closed.fetcher.document(amel.uri),
            closed.fetcher.actor(amel.uri),
            closed.fetcher.actor_by_handle("amel@mastodon.example"),
            closed.fetcher.key(amel.key.id),
        ):
            with pytest.raises(Untrusted, match="does not speak"):
                await asking
        with pytest.raises(Untrusted, match="does not speak"):
            [item async for item in closed.fetcher.collection(amel.document["outbox"])]
        assert (await closed.fetcher.actor(closed.remise.uri)).name == "remise"
        assert closed.network.connections == 0


def elsewhere_based(remise: House, base_url: str) -> Fetcher:
    here = Here(base_url=base_url, handle_domain="share.example", ids=IdSource())
    return Fetcher(net=remise.net, db=remise.db, here=here, clock=remise.clock, secret=SECRET)


async def test_what_is_ours_is_told_by_the_base_url(remise: House, amel: Person) -> None:
    with pytest.raises(Untrusted, match="is ours"):
        await elsewhere_based(remise, "https://mastodon.example").document(amel.uri)
