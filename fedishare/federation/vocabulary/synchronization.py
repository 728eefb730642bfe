"""Whether two servers agree on who follows an actor: the header that goes with what is for followers. Pure.

Source: FEP-8fcf. The digest is of the followers that live on the server which is told, so that nobody learns of
others; it is the XOR of the SHA-256 of each id, so that their order does not matter.
"""

import hashlib
import re
from collections.abc import Iterable

from msgspec import Struct

from fedishare.federation.vocabulary.reading import url

HEADER = "Collection-Synchronization"
LONGEST = 6_144
_PART = re.compile(r'\s*([A-Za-z]+)\s*=\s*"([^"]*)"\s*')


class Claim(Struct, frozen=True, kw_only=True):
    """What another server says: these of yours follow, by `digest`; who they are stands at `url`."""

    collection: str
    url: str
    digest: str


def digest(uris: Iterable[str]) -> str:
    """64 small hexadecimal digits; zeros for nobody."""
    mixed = 0
    for uri in set(uris):
        mixed ^= int.from_bytes(hashlib.sha256(uri.encode()).digest(), "big")
    return f"{mixed:064x}"


def header(claim: Claim) -> str:
    return f'collectionId="{claim.collection}", url="{claim.url}", digest="{claim.digest}"'


def read_claim(value: str) -> Claim | None:
    """None for what has not the form of the FEP."""
    if len(value) > LONGEST:
        return None
    found = [_PART.fullmatch(part) for part in value.split(",")]
    said = {part[1]: part[2] for part in found if part is not None}
    collection, where = url(said.get("collectionId")), url(said.get("url"))
    marks = said.get("digest", "").lower()
    if collection is None or where is None or not re.fullmatch("[0-9a-f]{64}", marks):
        return None
    return Claim(collection=collection, url=where, digest=marks)
