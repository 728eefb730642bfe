"""Actors of other servers as they are kept: changed by their own server alone, and never mistaken for one of ours."""

from typing import Any

import pytest
from msgspec.structs import replace

from fedishare.federation.actors import store
from fedishare.federation.actors.model import Actor
from fedishare.federation.vocabulary.actor import ActorDocument, KeyDocument, read_actor
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import Untrusted
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.ids import IdSource
from tests.clock import NOON
from tests.engines import on_each_engine

HERE = Here(base_url="https://share.example", handle_domain="share.example", ids=IdSource())
CAROL = "https://good.test/users/carol"
EVE = "https://good.test/users/eve"


def shown(uri: str = CAROL, *, keys: tuple[str, ...] = (), **properties: Any) -> ActorDocument:
    name = uri.rpartition("/")[2]
    document = {"id": uri, "type": "Person", "preferredUsername": name, "inbox": f"{uri}/inbox", **properties}
    found = tuple(KeyDocument(uri=key, kind="rsa", public_pem=f"PEM of {key} by {uri}") for key in keys)
    return replace(read_actor(document, NOON), keys=found)


async def keep(database: Database, document: ActorDocument, *, now: Instant = NOON) -> Actor:
    return await database.write(store.save_remote, document, here=HERE, now=now)


@on_each_engine
async def test_who_is_kept_twice_is_one_and_as_last_seen(database: Database):
    first = await keep(database, shown(name="Carol", summary="<p>Vélo</p>"))
    second = await keep(database, shown(name="Carole", manuallyApprovesFollowers=True))

    assert second.id == first.id
    assert (first.display_name, first.summary, first.approves_followers) == ("Carol", "<p>Vélo</p>", False)
    assert (second.display_name, second.summary, second.approves_followers) == ("Carole", "", True)
    assert await database.read(store.by_uri, CAROL) == second


async def test_biographies_are_made_harmless(database: Database):
    kept = await keep(database, shown(summary='<p onclick="x()">Hi<script>alert(1)</script></p>'))

    assert kept.summary == "<p>Hi</p>"


async def test_of_a_biography_of_tags_alone_the_words_are_kept(database: Database):
    kept = await keep(database, shown(summary="<b>" * 6_000 + "Vélo"))

    assert kept.summary == "Vélo"


@on_each_engine
async def test_nobody_elsewhere_can_be_one_of_ours(database: Database):
    """A143: at another port neither."""
    for uri in ("https://share.example/users/nadia", "https://share.example:8443/users/nadia"):
        with pytest.raises(Untrusted):
            await keep(database, shown(uri))


@on_each_engine
async def test_a_handle_changes_only_when_webfinger_has_proved_it(database: Database):
    """Else Mallory could rename herself to Carol and get Carol's mentions."""
    await keep(database, shown())
    renamed = await keep(database, shown(preferredUsername="mallory"))
    proved = await keep(database, replace(shown(), domain="example.org"))
    later = await keep(database, shown())

    assert renamed.handle == "carol@good.test"
    assert proved.handle == later.handle == "carol@example.org"


async def test_of_two_with_one_handle_the_one_known_longest_has_it(database: Database):
    first = await keep(database, shown())
    await keep(database, shown(EVE, preferredUsername="Carol"))

    assert await database.read(store.by_handle, "carol", "good.test") == first


@on_each_engine
async def test_keys_that_are_shown_replace_the_others(database: Database):
    carol = await keep(database, shown(keys=(f"{CAROL}#main-key",)))
    await keep(database, shown(keys=(f"{CAROL}#key-2",)))

    assert await database.read(store.key_of, f"{CAROL}#main-key") is None
    assert [key.uri for key in await database.read(store.keys_of, carol.id)] == [f"{CAROL}#key-2"]


@on_each_engine
async def test_a_document_without_keys_leaves_the_known_ones(database: Database):
    await keep(database, shown(keys=(f"{CAROL}#main-key",)))
    await keep(database, shown(name="Carole"))

    assert await database.read(store.key_of, f"{CAROL}#main-key") is not None


@on_each_engine
async def test_a_key_that_comes_back_is_in_use_again(database: Database):
    for keys in ((f"{CAROL}#main-key",), (f"{CAROL}#key-2",), (f"{CAROL}#main-key",)):
        await keep(database, shown(keys=keys))

    assert await database.read(store.key_of, f"{CAROL}#main-key") is not None


@on_each_engine
async def test_a_key_id_stays_with_the_first_who_showed_it(database: Database):
    """A006 and SECURITY 0.4, also between two actors of one server."""
    carol = await keep(database, shown(keys=(f"{CAROL}#main-key",)))
    eve = await keep(database, shown(EVE, keys=(f"{CAROL}#main-key", f"{EVE}#main-key")))

    kept = await database.read(store.key_of, f"{CAROL}#main-key")
    assert kept is not None
    assert (kept.actor_id, kept.public_pem) == (carol.id, f"PEM of {CAROL}#main-key by {CAROL}")
    assert [key.uri for key in await database.read(store.keys_of, eve.id)] == [f"{EVE}#main-key"]


async def test_who_is_shown_again_after_a_delete_is_back(database: Database):
    """Misskey says Delete on suspension, and shows the actor again afterwards."""
    carol = await keep(database, shown(name="Carol"))
    await database.write(store.erase, carol.id, now=NOON)

    back = await keep(database, shown(name="Carol"))

    assert (back.id, back.display_name, back.deleted_at) == (carol.id, "Carol", None)
