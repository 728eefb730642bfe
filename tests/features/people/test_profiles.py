"""One's profile: what others read of a member, changed by the member alone."""

from fedishare.federation.actors import store as actors
from tests.front_door import FrontDoor


async def test_a_member_chooses_the_name_that_others_read(site: FrontDoor) -> None:
    amel = site.reader()
    await amel.signs_in("amel")
    await amel.go("/settings/account")

    done = await amel.send("/settings/profile", {"display_name": "Amel B.", "discoverable": "1"})

    assert (done.status_code, done.headers["location"]) == (303, "/settings/account")
    assert "Amel B." in (await amel.go("/@amel")).text
    actor = await site.db.read(actors.local_by_name, "amel")
    assert actor is not None
    assert (actor.discoverable, actor.indexable) == (True, True)


async def test_an_empty_name_falls_back_to_the_short_one(site: FrontDoor) -> None:
    amel = site.reader()
    await amel.signs_in("amel")
    await amel.go("/settings/account")
    await amel.send("/settings/profile", {"display_name": "Amel B.", "discoverable": "1"})

    await amel.send("/settings/profile", {"display_name": "  "})

    actor = await site.db.read(actors.local_by_name, "amel")
    assert actor is not None
    assert (actor.display_name, actor.discoverable, actor.indexable) == ("amel", False, False)


async def test_nobody_changes_a_profile_without_signing_in(site: FrontDoor) -> None:
    stranger = site.reader()
    await stranger.go("/sign-in")

    refused = await stranger.send("/settings/profile", {"display_name": "Mallory"})

    assert refused.status_code == 401
    actor = await site.db.read(actors.local_by_name, "amel")
    assert actor is not None
    assert actor.display_name != "Mallory"
