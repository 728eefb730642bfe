"""Somebody here gets new keys (INTEROP B.7): nobody who knew the old one is left behind."""

import json
from collections.abc import AsyncIterator

import pytest

from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.following import key_rotation
from fedishare.federation.outbox import send as outbox
from fedishare.federation.outbox import turns
from fedishare.federation.outbox.delivery import Post
from fedishare.federation.signatures import cavage
from fedishare.federation.signatures.errors import BadSignature
from fedishare.federation.signatures.keys import make_keys
from fedishare.federation.vocabulary.actor import read_actor
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.clock import MINUTE, Instant
from tests.engines import on_each_engine
from tests.federation.doors import knock
from tests.house import SECRET, House, house
from tests.remote import Asked, Person

KEYS = [make_keys() for _ in range(2)]


@pytest.fixture
async def remise(database: Database) -> AsyncIterator[House]:
    async with house(database) as made:
        yield made


@pytest.fixture
async def amel(remise: House) -> Person:
    """Somebody elsewhere whom the house has met."""
    person = remise.network.server("mastodon.example").person("amel")
    await remise.fetcher.actor(person.uri)
    person.server.asked.clear()
    return person


async def rotate(remise: House, actor: Actor, number: int = 0) -> str:
    return await remise.db.write(
        key_rotation.rotate, actor, keys=KEYS[number], secret=SECRET, here=remise.here, now=remise.clock.now()
    )


async def tell(remise: House, amel: Person) -> None:
    """Anything at all, from the association."""
    like = {"type": "Like", "actor": remise.remise.uri, "object": f"{amel.uri}/1", "to": [amel.uri]}
    await remise.db.write(outbox.send, like, by=remise.remise, here=remise.here, now=remise.clock.now())


def signed_with(remise: House, asked: Asked, pem: str) -> str:
    """The id of the key that signed, if it was this one. Raises BadSignature."""
    pairs = [(name.encode(), value.encode()) for name, value in asked.headers.items()]
    head = cavage.parse(pairs)
    cavage.verify(head, "POST", asked.path.encode(), pairs, asked.body, pem, remise.clock.now())
    return head.key_id


@on_each_engine
async def test_everybody_is_told_with_the_old_key(remise: House, amel: Person) -> None:
    old = read_actor((await knock(remise, "/users/remise")).json(), remise.clock.now()).keys[0]

    assert await rotate(remise, remise.remise) == f"{remise.remise.uri}#key-2"
    await remise.deliver()

    (asked,) = amel.server.asked
    assert signed_with(remise, asked, old.public_pem) == old.uri == f"{remise.remise.uri}#main-key"
    update = asked.json
    assert (update["type"], update["object"]["id"]) == ("Update", remise.remise.uri)
    assert update["object"]["publicKey"]["id"] == f"{remise.remise.uri}#key-2"
    assert update["object"]["publicKey"]["publicKeyPem"] == KEYS[0].rsa.public_pem


@on_each_engine
async def test_document_shows_the_new_keys_alone(remise: House) -> None:
    before = (await knock(remise, "/users/remise")).json()
    remise.clock.advance(MINUTE)

    await rotate(remise, remise.remise)

    after = (await knock(remise, "/users/remise")).json()
    assert after["publicKey"] == {
        "id": f"{remise.remise.uri}#key-2",
        "owner": remise.remise.uri,
        "publicKeyPem": KEYS[0].rsa.public_pem,
    }
    assert [key["id"] for key in after["assertionMethod"]] == [f"{remise.remise.uri}#ed25519-key-2"]
    assert after["assertionMethod"] != before["assertionMethod"]
    assert after["updated"] > before["updated"]


@on_each_engine
async def test_what_waits_and_what_follows_is_signed_with_the_new_key(remise: House, amel: Person) -> None:
    await tell(remise, amel)
    await rotate(remise, remise.remise)
    await tell(remise, amel)

    await remise.deliver()

    by_key = {asked.json["type"]: signed_by(asked) for asked in amel.server.asked}
    assert by_key == {"Like": f"{remise.remise.uri}#key-2", "Update": f"{remise.remise.uri}#main-key"}
    assert len(amel.server.asked) == 3


def signed_by(asked: Asked) -> str:
    return cavage.parse([(b"signature", asked.headers["signature"].encode())]).key_id


async def test_running_worker_takes_the_new_key_at_once(remise: House, amel: Person) -> None:
    """Letters at hand hold keys: they are looked at again."""
    post = Post(db=remise.db, net=remise.net, secret=SECRET, here=remise.here, clock=remise.clock)
    await tell(remise, amel)
    now = remise.clock.now()
    until = Instant(now + MINUTE)
    (turn,) = await remise.db.work(turns.lease, now=now, until=until, hosts=1, doubtful=1)
    (due,) = turn.queue
    await post.prepare([due.activity_id])
    await rotate(remise, remise.remise)

    await post.deliver(due)

    (asked,) = amel.server.asked
    assert signed_by(asked) == f"{remise.remise.uri}#key-2"


async def test_third_key_has_the_third_number(remise: House) -> None:
    for number in range(2):
        last = await rotate(remise, remise.remise, number)

    assert last == f"{remise.remise.uri}#key-3"
    kept = [key for key in await remise.db.read(actors.own_keys) if key.name == "remise"]
    assert [(key.uri.partition("#")[2], key.retired_at is None) for key in kept] == [
        ("main-key", False),
        ("ed25519-key", False),
        ("key-2", False),
        ("ed25519-key-2", False),
        ("key-3", True),
        ("ed25519-key-3", True),
    ]


async def test_fetches_are_signed_with_the_new_key_of_the_instance(remise: House, amel: Person) -> None:
    instance = await remise.db.read(actors.instance_actor)
    await rotate(remise, instance)

    await remise.fetcher.document(amel.server.note("/notes/1", amel)["id"])

    assert signed_by(amel.server.asked[0]) == f"{instance.uri}#key-2"


async def test_private_halves_stay_sealed(remise: House) -> None:
    await rotate(remise, remise.remise)

    kept = await remise.db.read(actors.private_key, remise.remise.id)
    assert kept.private_sealed != KEYS[0].rsa.private
    assert KEYS[0].rsa.private not in kept.private_sealed


async def test_nobody_elsewhere_has_keys_to_replace(remise: House, amel: Person) -> None:
    stranger = await remise.db.read(actors.by_uri, amel.uri)
    assert stranger is not None

    with pytest.raises(LookupError, match="no key to sign with"):
        await rotate(remise, stranger)


async def test_update_is_not_signed_with_the_key_that_it_shows(remise: House, amel: Person) -> None:
    await rotate(remise, remise.remise)
    await remise.deliver()

    (asked,) = amel.server.asked
    new = json.loads(asked.body)["object"]["publicKey"]["publicKeyPem"]
    with pytest.raises(BadSignature):
        signed_with(remise, asked, new)
