"""From a handle or address to an actor of this instance (RFC 7033, FEP-d556; INTEROP A.1). Asking others: fetching."""

from typing import Any

from fedishare.federation.actors import store, urls
from fedishare.federation.actors.model import Actor
from fedishare.federation.vocabulary import limits
from fedishare.federation.vocabulary.reading import url
from fedishare.foundation.db.access import Read
from fedishare.foundation.values.errors import Gone, Invalid, NotFound
from fedishare.foundation.values.here import Here
from fedishare.foundation.web.negotiation import ACTIVITY_JSON

PROFILE_PAGE = "http://webfinger.net/rel/profile-page"


class NotAResource(Invalid):
    """What was asked for names nobody, on any server: RFC 7033 wants 400."""

    status = 400
    slug = "not-a-resource"


async def find(read: Read, resource: str, here: Here) -> Actor:
    """Whom `resource` names: `acct:name@domain` with or without its parts, an id, a page, or the site itself.

    Raises NotAResource for what names nobody at all, NotFound, Gone for somebody who was here.
    """
    name = named_here(resource, here)
    if name == urls.INSTANCE:
        return await store.instance_actor(read)
    actor = await store.local_by_name(read, name)
    if actor is None:
        raise NotFound(resource)
    if actor.deleted_at is not None:
        raise Gone(resource)
    return actor


def named_here(resource: str, here: Here) -> str:
    """The local name in a resource; `instance` for the server itself.

    Raises NotAResource, and NotFound for other servers.
    """
    if len(resource) > limits.URI:
        raise NotAResource(detail="resource is too long")
    address = url(resource)
    name = _of_address(address, here) if address is not None else _of_handle(resource, here)
    if name is None:
        raise NotFound(resource)
    return name


def jrd(actor: Actor) -> dict[str, Any]:
    """No other `application/` link may stand here: Lemmy takes any of them for the actor (INTEROP A.1.3)."""
    return {
        "subject": f"acct:{actor.handle}",
        "aliases": [actor.page_url, actor.uri],
        "links": [
            {"rel": PROFILE_PAGE, "type": "text/html", "href": actor.page_url},
            {"rel": "self", "type": ACTIVITY_JSON, "href": actor.uri},
        ],
    }


def _of_address(address: str, here: Here) -> str | None:
    if address.rstrip("/") in (here.base_url, here.url("/actor")):
        return urls.INSTANCE
    return urls.name_in(here, address)


def _of_handle(resource: str, here: Here) -> str | None:
    scheme, colon, rest = resource.partition(":")
    handle = rest if colon and scheme.lower() == "acct" else resource
    name, at, domain = handle.strip().removeprefix("@").lower().rpartition("@")
    if not at or not name:
        raise NotAResource(detail="resource is neither a handle nor an address")
    if domain not in (here.handle_domain, here.host):
        return None
    return urls.INSTANCE if name == here.host else _name(name)


def _name(name: str) -> str | None:
    """The instance actor is called by its host alone."""
    return None if name == urls.INSTANCE else name
