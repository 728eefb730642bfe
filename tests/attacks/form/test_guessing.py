"""Wrong passwords: many at once, and from addresses that are not what they seem."""

import asyncio
from ipaddress import ip_network
from pathlib import Path

from tests.attacks.lines import attack
from tests.attacks.world import World, opened_world
from tests.front_door import PASSWORD

PROXY = "127.0.0.1"
INVENTED = "198.51.100.7"


async def tries(world: World, login: str, password: str = "pas la bonne", **headers: str) -> int:
    """From behind the proxy."""
    reader = world.reader(address=PROXY)
    await reader.go("/sign-in", **headers)
    return (await reader.send("/sign-in", {"login": login, "password": password}, **headers)).status_code


@attack("F205")
async def test_of_many_guesses_at_once_no_more_are_heard_than_of_many_in_turn(world: World) -> None:
    readers = [world.reader(address=f"192.0.2.{number}") for number in range(20)]
    for reader in readers[:4]:
        assert (await reader.signs_in("alice", "pas la bonne")).status_code == 422
    for reader in readers:
        await reader.go("/sign-in")

    guess = {"login": "alice", "password": "toujours pas"}
    answers = await asyncio.gather(*(reader.send("/sign-in", guess) for reader in readers))

    assert sorted(answer.status_code for answer in answers) == [422] + [429] * 19


@attack("F205")
async def test_the_right_password_leaves_no_mark(world: World) -> None:
    for _ in range(30):
        assert (await world.reader().signs_in("alice", PASSWORD)).status_code == 303

    assert await world.ask("select * from sign_in_failure") == []


@attack("F206")
async def test_behind_an_unnamed_proxy_one_visitor_shuts_nobody_out(world: World) -> None:
    for number in range(30):
        forwarded = {"X-Forwarded-For": "203.0.113.9"}
        assert await tries(world, f"personne{number}", **forwarded) == 422

    assert await tries(world, "alice", PASSWORD, **{"X-Forwarded-For": "203.0.113.77"}) == 303


@attack("F207")
async def test_only_the_line_of_the_proxy_counts(tmp_path: Path, database_url: str) -> None:
    named = (ip_network("127.0.0.0/8"),)
    async with opened_world(tmp_path / "data", database_url=database_url, trusted_proxies=named) as world:
        answers = []
        for number in range(40):
            reader = world.reader(address=PROXY)
            reader.http.headers.update({"X-Forwarded-For": f"{INVENTED[:-1]}{number % 10}"})
            lines = [*reader.http.headers.items(), ("X-Forwarded-For", "203.0.113.9")]
            await reader.go("/sign-in")
            body = {"login": f"personne{number}", "password": "pas la bonne", "csrf": reader.token}
            answers.append((await reader.http.post("/sign-in", data=body, headers=lines)).status_code)

        assert answers == [422] * 25 + [429] * 15
        assert await tries(world, "bob", PASSWORD, **{"X-Forwarded-For": INVENTED}) == 303


@attack("F208")
async def test_all_of_ipv4_is_not_one_network(world: World) -> None:
    greedy, other = (world.reader(address=f"::ffff:192.0.2.{last}") for last in (7, 8))

    answers = [(await greedy.go("/about")).status_code for _ in range(400)]

    assert answers == [200] * 300 + [429] * 100
    assert (await other.go("/about")).status_code == 200
