"""A second tap, a reload: what was sent twice happens once."""

from tests.front_door import FrontDoor

LISTING = {"purpose": "offer", "action": "use", "title": "Perceuse", "text": "Une perceuse.", "place": "Lille"}


async def test_the_same_form_sent_twice_publishes_once(site: FrontDoor) -> None:
    amel = site.reader()
    await amel.signs_in("amel")
    await amel.go("/new")

    first = await amel.send("/new", LISTING)
    second = await amel.send("/new", LISTING)

    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    assert (await amel.go("/search")).text.count("Perceuse</a>") == 1


async def test_going_back_to_change_a_word_publishes_something_new(site: FrontDoor) -> None:
    amel = site.reader()
    await amel.signs_in("amel")
    await amel.go("/new")

    first = await amel.send("/new", LISTING)
    second = await amel.send("/new", LISTING | {"title": "Ponceuse"})

    assert first.headers["location"] != second.headers["location"]


async def test_the_same_words_from_a_fresh_form_publish_again(site: FrontDoor) -> None:
    amel = site.reader()
    await amel.signs_in("amel")
    await amel.go("/new")
    first = await amel.send("/new", LISTING)

    await amel.go("/new")
    second = await amel.send("/new", LISTING)

    assert first.headers["location"] != second.headers["location"]


async def test_an_answer_sent_twice_is_written_once(site: FrontDoor) -> None:
    amel, nadia = site.reader(), site.reader()
    await amel.signs_in("amel")
    await amel.go("/new")
    page = (await amel.send("/new", LISTING)).headers["location"]
    number = page.rsplit("/", 1)[1]
    await nadia.signs_in()
    await nadia.go(page)

    answers = [await nadia.send(f"/proposals/{number}/reply", {"text": "Je la prends samedi."}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert (await amel.go("/notifications")).text.count("/approve") == 1
