"""Makes the two sites of the demo partners, as their administrators would by `fedishare partner add`."""

from collections.abc import Mapping, Sequence

from fedishare import app
from fedishare.features.partners import operations as partners
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
    """Each association asks every other; once they are partners, asking again changes nothing."""
    for site in sites:
        for other in sites:
            if other is not site:
                await _ask(settings[site.key], other)


async def _ask(settings: Settings, other: Site) -> None:
    async with app.opened(settings) as opened:
        them = await opened.fetcher.actor(f"{other.base_url}/users/{ASSOCIATION}")
        await opened.db.write(partners.ask, them, here=opened.here, now=SystemClock().now())
