"""Where the actors of this instance live on the network (WIRE.md "Actors and URLs"). Ids never change."""

from urllib.parse import urlsplit

from fedishare.federation.vocabulary.reading import url
from fedishare.foundation.values.here import Here

INSTANCE = "instance"
"""The last part of the instance actor's id; flohmarkt knows it by heart (INTEROP A.5)."""


def actor_uri(here: Here, name: str) -> str:
    return here.url(f"/users/{name}")


def instance_uri(here: Here) -> str:
    return actor_uri(here, INSTANCE)


def page_url(here: Here, name: str) -> str:
    return here.url(f"/@{name}")


def activity_uri(here: Here, number: int) -> str:
    return here.url(f"/activities/{number}")


def shared_inbox(here: Here) -> str:
    return here.url("/inbox")


def main_key_uri(actor: str, number: int = 1) -> str:
    """snac drops Updates and Deletes that are signed with a key of another form than the first (WIRE "Signatures"); but
    an id never means another key (INTEROP B.7)."""
    return f"{actor}#main-key" if number == 1 else f"{actor}#key-{number}"


def proof_key_uri(actor: str, number: int = 1) -> str:
    return f"{actor}#ed25519-key" if number == 1 else f"{actor}#ed25519-key-{number}"


def name_in(here: Here, address: str) -> str | None:
    """The name in the id or page URL of a local actor, in small letters; None for any other address."""
    one_form = url(address)
    if one_form is None or not here.owns(one_form):
        return None
    path = urlsplit(one_form).path.removeprefix(urlsplit(here.base_url).path)
    if path.startswith("/@"):
        return path.removeprefix("/@").lower()
    return path.removeprefix("/users/").lower() if path.startswith("/users/") else None
