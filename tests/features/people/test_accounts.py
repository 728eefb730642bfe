"""Accounts: what a password must be, who may have which name and role."""

import pytest

from fedishare.features.people import operations, store
from fedishare.features.people.model import EmailTaken, LastAdmin, NoSuchPerson, Role, check_email, check_password
from fedishare.federation.policy import circles
from fedishare.foundation.values.errors import Conflict, Invalid
from tests.engines import on_each_engine
from tests.front_door import FrontDoor


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("onze lettre", "12"),
        ("motdepasse123", "guess"),
        ("1qaz2wsx3edc", "guess"),
        ("aaaaaaaaaaaaaaaa", "guess"),
        ("nadia@example.org", "guess"),
        ("é" * 600, "1024"),
    ],
)
def test_a_password_that_others_would_find_is_refused(password: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_password(password, known=("nadia", "nadia@example.org"))

    assert why in refused.value.problems["password"]


@pytest.mark.parametrize(
    "password", ["trois petits chats", "correct horse battery", "çà et là, öfter", "日本語のとても長い合言葉です"]
)
def test_a_few_words_of_any_alphabet_are_a_password(password: str) -> None:
    assert check_password(password) == password


@pytest.mark.parametrize("address", ["nadia", "@x.org", "a b@x.org", "a@b", "a@b.", "a@@b.org"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        check_email(address)


@on_each_engine
async def test_an_address_belongs_to_one_account_in_any_spelling(site: FrontDoor) -> None:
    await site.moves_in("zoe")

    with pytest.raises(EmailTaken):
        await site.db.write(
            operations.create_person,
            operations.NewPerson(name="zoe2", display_name="", email="zoe@example.org", password_hash=None),
            role=Role.MEMBER,
            keys=site.keys,
            secret=site.secret,
            here=site.here,
            now=site.clock.now(),
        )
    assert await site.db.read(store.person_of_login, "zoe2") is None


async def test_a_name_is_taken_once(site: FrontDoor) -> None:
    with pytest.raises(Conflict):
        await site.moves_in("amel")


async def test_a_new_person_is_a_member_who_sees_what_members_see(site: FrontDoor) -> None:
    person = await site.moves_in("zoe")

    assert await site.db.read(circles.sees, circles.MEMBERS, person.actor_id)
    assert not await site.db.read(circles.sees, circles.MEMBERS, 0)


@on_each_engine
async def test_the_last_person_who_administers_stays_so(site: FrontDoor) -> None:
    nadia = await site.db.read(operations.person_called, "nadia")

    with pytest.raises(LastAdmin):
        await site.db.write(operations.set_role, nadia.id, Role.MEMBER)

    amel = await site.db.read(operations.person_called, "@amel")
    await site.db.write(operations.set_role, amel.id, Role.ADMIN)
    await site.db.write(operations.set_role, nadia.id, Role.MEMBER)
    assert [person.role for person in await site.db.read(store.all_people)] == [Role.MEMBER, Role.ADMIN]


async def test_a_name_that_is_not_here_is_told(site: FrontDoor) -> None:
    with pytest.raises(NoSuchPerson):
        await site.db.read(operations.person_called, "marius")


async def test_a_member_chooses_the_language_of_their_pages(site: FrontDoor) -> None:
    amel = site.reader()
    await amel.signs_in("amel")
    await amel.go("/settings/account")

    await amel.send("/settings/language", {"language": "en"})

    assert "My account" in (await amel.go("/settings/account")).text
    elsewhere = site.reader()
    await elsewhere.signs_in("amel")
    assert "My account" in (await elsewhere.go("/settings/account")).text
