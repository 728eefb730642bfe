"""Somebody comes to live here: with a name of their own for ever, and both pairs of keys."""

import pytest

from fedishare.federation.actors import operations, store
from fedishare.federation.actors.model import Actor
from fedishare.federation.actors.operations import NameTaken
from fedishare.federation.signatures.keys import make_keys, opened
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.errors import Invalid, Misconfigured
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.ids import IdSource
from fedishare.foundation.values.secrets import Secret
from tests.clock import NOON
from tests.engines import on_each_engine

SECRET = Secret(b"a secret of thirty-two bytes....")
KEYS = make_keys()


def here() -> Here:
    return Here(base_url="https://share.example", handle_domain="example.org", ids=IdSource())


async def moves_in(database: Database, name: str, kind: str = "Person", *, now: Instant = NOON) -> Actor:
    return await database.write(
        operations.create_local,
        name=name,
        kind=kind,
        display_name=name.title(),
        summary="",
        secret=SECRET,
        keys=KEYS,
        here=here(),
        now=now,
    )


@on_each_engine
async def test_who_moves_in_is_found_in_every_way(database: Database):
    nadia = await moves_in(database, "nadia")

    assert await database.read(store.by_uri, "https://share.example/users/nadia") == nadia
    assert await database.read(store.by_id, nadia.id) == nadia
    assert await database.read(store.by_ids, [nadia.id, 7, nadia.id]) == {nadia.id: nadia}
    assert await database.read(store.local_by_name, "nadia") == nadia
    assert await database.read(store.by_handle, "NADIA", "Example.org") == nadia
    assert nadia.handle == "nadia@example.org"


@on_each_engine
async def test_nobody_is_found_by_a_name_that_nobody_has(database: Database):
    assert await database.read(store.by_uri, "https://share.example/users/nobody") is None
    assert await database.read(store.by_ids, []) == {}
    assert await database.read(store.by_handle, "nobody", "example.org") is None


@on_each_engine
async def test_a_name_is_taken_for_ever(database: Database):
    nadia = await moves_in(database, "nadia")
    await database.write(store.erase, nadia.id, now=NOON)

    with pytest.raises(NameTaken):
        await moves_in(database, "nadia")


@pytest.mark.parametrize("name", ["", "Nadia", "na dia", "nadia-b", "ñ", "n" * 31, "admin", "inbox", "instance", "a.b"])
async def test_names_that_are_no_names_here_are_refused(database: Database, name: str):
    with pytest.raises(Invalid) as refused:
        await moves_in(database, name)

    assert list(refused.value.problems) == ["name"]


async def test_people_are_hidden_until_they_choose_and_associations_are_not(database: Database):
    nadia = await moves_in(database, "nadia")
    remise = await moves_in(database, "remise", "Organization")

    assert (nadia.discoverable, nadia.indexable) == (False, False)
    assert (remise.discoverable, remise.indexable) == (True, True)


async def test_the_instance_is_called_by_its_host(database: Database):
    """FEP-d556: `acct:host@host`, even where handles have another domain."""
    instance = await moves_in(database, "instance", "Application")

    assert instance.uri == "https://share.example/users/instance"
    assert instance.handle == "share.example@share.example"
    assert await database.read(store.instance_actor) == instance


async def test_before_init_the_terminal_is_told_what_to_run(database: Database):
    for asked in (store.instance_actor, store.association):
        with pytest.raises(Misconfigured, match="fedishare init"):
            await database.read(asked)


@on_each_engine
async def test_private_keys_lie_sealed_and_open_with_the_secret(database: Database):
    nadia = await moves_in(database, "nadia")

    sealed = await database.read(store.private_key, nadia.id)
    shown = await database.read(store.keys_of, nadia.id)

    assert sealed.uri == "https://share.example/users/nadia#main-key"
    assert KEYS.rsa.private not in sealed.private_sealed
    assert opened(sealed, SECRET).id == sealed.uri
    assert [(key.kind, key.public_pem) for key in shown] == [
        ("rsa", KEYS.rsa.public_pem),
        ("ed25519", KEYS.ed25519.public_pem),
    ]


async def test_whoever_is_gone_leaves_nothing_but_the_name(database: Database):
    nadia = await moves_in(database, "nadia")

    erased = await database.write(store.erase, nadia.id, now=NOON)

    left = await database.read(store.local_by_name, "nadia")
    assert erased
    assert left is not None
    assert (left.display_name, left.summary, left.deleted_at) == ("", "", NOON)
    assert await database.read(store.by_handle, "nadia", "example.org") is None
    assert not await database.write(store.erase, nadia.id, now=NOON)


async def test_each_change_of_a_profile_makes_a_new_version(database: Database):
    nadia = await moves_in(database, "nadia")
    change = {"summary": "<p>Vélos</p>", "approves_followers": True, "discoverable": True, "indexable": True}

    for _ in range(2):
        await database.write(store.change_profile, nadia.id, display_name="Nadia B.", now=NOON, **change)

    changed = await database.read(store.by_id, nadia.id)
    assert changed is not None
    assert (changed.display_name, changed.summary, changed.discoverable) == ("Nadia B.", "<p>Vélos</p>", True)
    assert changed.fetched_at == nadia.fetched_at + 2
