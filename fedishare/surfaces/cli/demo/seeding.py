"""Fills a site of the demo: its association, its people, its listings, published over the last weeks.

Uses the operations that pages and commands use; nothing is written around them.
"""

from fedishare import app
from fedishare.features.people import first_run, passwords
from fedishare.features.people import operations as people
from fedishare.features.people.model import Role
from fedishare.features.proposals import operations as proposals
from fedishare.features.proposals.drafting import Written, draft
from fedishare.federation.actors import store as actors
from fedishare.federation.signatures.keys import make_keys
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.db.access import Tx
from fedishare.foundation.terminal import Opened
from fedishare.foundation.values.clock import DAY, HOUR, Instant, SystemClock, later, to_datetime
from fedishare.foundation.values.errors import NotFound
from fedishare.foundation.values.here import Here
from fedishare.surfaces.cli.demo.content import Site

WEEKS = 6
ASSOCIATION = "association"


async def is_seeded(settings: Settings) -> bool:
    async with app.opened(settings) as opened:
        return await opened.db.read(first_run.is_set_up)


async def seed(site: Site, settings: Settings) -> None:
    """A new site. A seeding that was interrupted is begun anew with another folder."""
    now = SystemClock().now()
    password = await passwords.hashed(site.password)
    async with app.opened(settings) as opened:
        await opened.db.write(
            people.init,
            association=people.NewAssociation(name=site.name, handle=ASSOCIATION, place=site.place),
            admin=_person(site.admin, site.admin_name, password),
            keys=(make_keys(), make_keys(), make_keys()),
            secret=opened.secret,
            here=opened.here,
            now=now,
        )
        for owner in site.owners:
            await opened.db.write(
                people.create_person,
                _person(owner.key, owner.name, None),
                role=Role.MEMBER,
                keys=make_keys(),
                secret=opened.secret,
                here=opened.here,
                now=now,
            )
        await _publish(site, opened, now)


def _person(name: str, display_name: str, password_hash: str | None) -> people.NewPerson:
    return people.NewPerson(
        name=name, display_name=display_name, email=f"{name}@example.org", password_hash=password_hash
    )


async def _publish(site: Site, opened: Opened, now: Instant) -> None:
    await opened.db.write(_publish_all, site, here=opened.here, now=now)


async def _publish_all(tx: Tx, site: Site, *, here: Here, now: Instant) -> None:
    """One transaction: all of them, or none. Owners take turns, so that the newest are not all of one."""
    turns = sorted(enumerate(site.listings), key=lambda entry: (entry[0] * 7) % site.count)
    for turn, (number, listing) in enumerate(turns):
        published = later(now, -round((site.count - turn) * WEEKS * 7 * DAY / site.count) + (number % 9) * HOUR // 3)
        name = ASSOCIATION if listing["owner"] == site.key else listing["owner"]
        owner = await actors.local_by_name(tx, name)
        if owner is None:
            raise NotFound(f"{name} publishes in the demo and does not live there")
        until = to_datetime(later(now, (20 + number * 11 % 150) * DAY)).date().isoformat()
        written = Written(
            **{field: listing[field] for field in Written.__struct_fields__ if field in listing},
            until="" if number % 4 == 0 else until,
        )
        asked = draft(written, language=listing.get("language", "fr"), zone=here.time_zone, now=published)
        await proposals.import_all(tx, [asked], owner=owner, author_id=None, here=here, now=published)
