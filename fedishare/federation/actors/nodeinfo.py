"""What the instance says about itself to those who map the network (NodeInfo 2.0 and 2.1; FEP-f1d5, 0151, 2677)."""

from typing import Any

from fedishare import __version__
from fedishare.federation.actors import store, urls
from fedishare.foundation.db.access import Read
from fedishare.foundation.text.sanitise import plain
from fedishare.foundation.values.here import Here

SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/"
VERSIONS = ("2.0", "2.1")
APPLICATION = "https://www.w3.org/ns/activitystreams#Application"


def links(here: Here) -> dict[str, Any]:
    """Where the documents are, and the instance's own actor."""
    documents = [{"rel": SCHEMA + version, "href": here.url(f"/nodeinfo/{version}")} for version in VERSIONS]
    return {"links": [*documents, {"rel": APPLICATION, "href": urls.instance_uri(here)}]}


async def document(read: Read, version: str, here: Here) -> dict[str, Any]:
    """One of `VERSIONS`. Raises Misconfigured before `init`."""
    association = await store.association(read)
    return {
        "version": version,
        "software": {"name": "fedishare", "version": __version__},
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": False,
        "usage": {
            "users": {"total": await store.count_people(read)},
            "localPosts": await store.count_posts(read),
        },
        "metadata": {
            "nodeName": association.display_name or association.name,
            "nodeDescription": plain(association.summary),
            "association": association.uri,
            "federation": {"enabled": here.open},
        },
    }


def content_type(version: str) -> str:
    """The schema stands in the type."""
    return f'application/json; profile="{SCHEMA}{version}#"'
