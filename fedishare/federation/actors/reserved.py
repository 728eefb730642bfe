"""Names that nobody may take here: they would look like a part of the site, or like somebody in charge of the network.

Source: WIRE.md "Actors and URLs". A name once taken is taken for ever, so the list is longer than today's paths.
"""

import re

NAME = re.compile(r"[a-z0-9_]{1,30}")

_WORDS = """
about abuse account accounts action activities actor actors admin administrator agreements all anonymous api assets
atom auth authorize_interaction blog bot commons contact css dashboard decisions directory dns docs everyone events
exchanges explore favicon federation fedishare feed feeds first_run followers following health help home host
hostmaster images img inbox instance internal invite js json legal localhost login logout mail mailer_daemon map media
members messages metrics mod moderation moderator new news nobody nodeinfo noreply notifications null oauth objects
oembed opendata outbox owner page pages password people policy postmaster posts privacy proposals proxy public register
relay report reports resources robots root rss search security settings share sharedinbox sign_in sign_out sign_up
signin signout signup site sitemap smtp sso staff static status support system tags terms test undefined user users
webfinger webmaster well_known www
"""
RESERVED = frozenset(_WORDS.split())


def may_be_taken(name: str) -> bool:
    """Whether a local actor may have this name, as far as the name itself goes."""
    return NAME.fullmatch(name) is not None and name not in RESERVED
