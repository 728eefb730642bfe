"""Who is in which circle sees what belongs to it."""

from fedishare.federation.policy import circles
from fedishare.foundation.db.database import Database
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.ids import IdSource
from tests.clock import NOON
from tests.engines import on_each_engine

HERE = Here(base_url="https://share.example", handle_domain="share.example", ids=IdSource())
NADIA, AMEL, STRANGER = 11, 12, 13


@on_each_engine
async def test_everybody_sees_what_is_public_and_nobody_the_rest(database: Database) -> None:
    for viewer in (circles.ANYONE, STRANGER):
        assert await database.read(circles.sees, circles.PUBLIC, viewer)
        for circle in (circles.MEMBERS, circles.PARTNERS, circles.NOBODY):
            assert not await database.read(circles.sees, circle, viewer)


@on_each_engine
async def test_somebody_has_one_circle_of_followers_and_is_in_it(database: Database) -> None:
    first = await database.write(circles.followers_of, NADIA, HERE, NOON)
    second = await database.write(circles.followers_of, NADIA, HERE, NOON)
    other = await database.write(circles.followers_of, AMEL, HERE, NOON)

    assert first == second != other
    assert await database.read(circles.sees, first, NADIA)
    assert not await database.read(circles.sees, first, AMEL)


@on_each_engine
async def test_joining_and_leaving_twice_is_joining_and_leaving_once(database: Database) -> None:
    for _ in range(2):
        await database.write(circles.join, circles.MEMBERS, AMEL)
    assert await database.read(circles.sees, circles.MEMBERS, AMEL)

    for _ in range(2):
        await database.write(circles.leave, circles.MEMBERS, AMEL)
    assert not await database.read(circles.sees, circles.MEMBERS, AMEL)


@on_each_engine
async def test_direct_messages_are_for_those_named_and_never_for_anyone(database: Database) -> None:
    one = await database.write(circles.direct, [NADIA, AMEL, circles.ANYONE, AMEL], HERE, NOON)
    two = await database.write(circles.direct, [NADIA, AMEL], HERE, NOON)

    assert one != two
    assert [await database.read(circles.sees, one, who) for who in (NADIA, AMEL, STRANGER, circles.ANYONE)] == [
        True,
        True,
        False,
        False,
    ]


@on_each_engine
async def test_who_is_gone_is_in_no_circle(database: Database) -> None:
    circle = await database.write(circles.direct, [NADIA, AMEL], HERE, NOON)
    await database.write(circles.join, circles.MEMBERS, AMEL)

    await database.write(circles.leave_all, AMEL)

    assert not await database.read(circles.sees, circle, AMEL)
    assert not await database.read(circles.sees, circles.MEMBERS, AMEL)
    assert await database.read(circles.sees, circle, NADIA)
