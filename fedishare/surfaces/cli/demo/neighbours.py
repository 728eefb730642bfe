"""Makes the two sites of the demo follow each other, as their administrators would by `fedishare follow add`."""

from collections.abc import Mapping, Sequence

from fedishare import app
from fedishare.federation.actors import store as actors
from fedishare.federation.following import operations as following
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.net.client import Net
from fedishare.foundation.values.clock import SystemClock
from fedishare.foundation.values.errors import RemoteTrouble
from fedishare.surfaces.cli.demo.content import Site
from fedishare.surfaces.cli.demo.seeding import ASSOCIATION

LOOK_S = 2.0


async def answers(net: Net, site: Site) -> bool:
    """Whether the site says that it is ready."""
    try:
        return (await net.get(f"{site.base_url}/health/ready", deadline_s=LOOK_S)).status == 200
    except RemoteTrouble:
        return False


async def acquaint(sites: Sequence[Site], settings: Mapping[str, Settings]) -> None:
    """Each association follows every other; asked again, it changes nothing."""
    for site in sites:
        for other in sites:
            if other is not site:
                await _follow(settings[site.key], other)


async def _follow(settings: Settings, other: Site) -> None:
    async with app.opened(settings) as opened:
        me = await opened.db.read(actors.association)
        them = await opened.fetcher.actor(f"{other.base_url}/users/{ASSOCIATION}")
        await opened.db.write(following.follow, me, them, here=opened.here, now=SystemClock().now())
