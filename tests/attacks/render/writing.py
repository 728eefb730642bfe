"""Mallory writes wherever something of others is shown here: a listing, answers, a private word, her own profile."""

from html import escape

from fedishare.features.conversations import operations as conversations
from tests.attacks.world import World
from tests.remote import Json

NAME = "Mallory"


async def writes(world: World, *contents: str, label: str = NAME, **properties: object) -> list[str]:
    """Each of `contents` as a listing and as an answer to alice's; the pages on which they are shown.

    `label` is her name, and that of everything which has one. Every other answer waits for alice's yes.
    """
    mallory, server = world.mallory, world.mallory.server
    server.serve("/users/mallory", {**mallory.document, **profile(label, contents)})
    await world.hears(mallory)
    await world.takes(mallory, mallory.activity("Follow", world.alice.uri))
    await world.takes(mallory, mallory.activity("Like", world.offer.uri))
    for number, content in enumerate(contents):
        listing = server.note(
            f"/p/{number}", mallory, **{**offer(server.url(f"/p/{number}"), label, content), **properties}
        )
        await world.takes(mallory, mallory.activity("Create", listing))
        answer = server.note(f"/n/{number}", mallory, **{**reply(world, label, content), **properties})
        await world.takes(mallory, mallory.activity("Create", answer))
        if number % 2 == 0:
            await approve(world, answer["id"])
    private = {**reply(world, label, contents[0]), "to": [world.alice.uri], "cc": []}
    await world.takes(
        mallory, mallory.activity("Create", server.note("/n/private", mallory, **private), to=[world.alice.uri])
    )
    return await pages(world)


def profile(label: str, contents: tuple[str, ...]) -> Json:
    fields = [{"type": "PropertyValue", "name": label, "value": content} for content in contents]
    return {"name": label, "summary": contents[0], "attachment": fields, "tag": emoji(label)}


def offer(uri: str, label: str, content: str) -> Json:
    """A listing of hers, which has its place in the list and a page of its own."""
    one = {"hasUnit": "one", "hasNumericalValue": "1"}
    return {
        "content": f"<p><strong>{escape(label)}</strong></p>{content}",
        "purpose": "offer",
        "publishes": {"type": "Intent", "id": f"{uri}#primary", "action": "transfer", "resourceQuantity": one},
        "reciprocal": {"type": "Intent", "id": f"{uri}#reciprocal", "action": "transfer", "name": label},
        "location": {"type": "Place", "name": label},
        "tag": [{"type": "Hashtag", "name": f"#{label}", "href": uri}, *emoji(label)],
        "attachment": pictures(label),
    }


def reply(world: World, label: str, content: str) -> Json:
    return {
        "inReplyTo": world.offer.uri,
        "content": content,
        "summary": "" if label == NAME else label,
        "tag": [{"type": "Hashtag", "name": f"#{label}", "href": "https://evil.test/"}, *emoji(label)],
        "attachment": pictures(label),
    }


def emoji(label: str) -> list[Json]:
    icon = {"type": "Image", "url": "javascript:alert(1)", "mediaType": "image/svg+xml"}
    tracker = {"type": "Image", "url": "https://evil.test/emoji.png"}
    return [{"type": "Emoji", "name": f":{label}:", "icon": icon}, {"type": "Emoji", "name": ":x:", "icon": tracker}]


def pictures(label: str) -> list[Json]:
    return [{"type": "Document", "mediaType": "image/png", "url": "https://evil.test/photo.png", "name": label}]


async def approve(world: World, uri: str) -> None:
    ((post_id,),) = await world.ask("select id from post where uri = :uri", uri=uri)
    now = world.clock.now()
    await world.db.write(conversations.approve, post_id, by=[world.alice.id], here=world.here, now=now)


async def pages(world: World) -> list[str]:
    """Every page of ours on which words of others can stand."""
    listings = await world.ask("select id from proposal where origin <> 'here' order by id")
    threads = await world.ask(
        "select distinct thread_id from post p join circle c on c.id = p.circle_id where c.kind = 'direct'"
    )
    assert listings, "no listing of hers was kept"
    assert threads, "no private word of hers was kept"
    return [
        "/search",
        f"/@alice/{world.offer.id}",
        *(f"/@mallory@evil.test/{number}" for (number,) in listings),
        "/notifications",
        "/messages",
        *(f"/messages/{number}" for (number,) in threads),
        "/settings/followers",
    ]
