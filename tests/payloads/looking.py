"""What is in the town after something came in."""

from tests.payloads.town import Town


async def follow_state(share: Town) -> list[tuple[str, ...]]:
    return await share.ask("select a.uri, f.state from follow f join actor a on a.id = f.follower_id order by f.id")


async def posts(share: Town) -> list[tuple[str, ...]]:
    return await share.ask(
        "select p.uri, p.state, c.kind from post p join circle c on c.id = p.circle_id "
        "where p.deleted_at is null order by p.id"
    )


async def reactions(share: Town) -> list[tuple[str, ...]]:
    return await share.ask("select kind, object_uri from reaction order by id")
