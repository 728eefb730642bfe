"""What is posted: the bytes of an activity, the key that signs the request, and the proof that goes with some.

Sources: INTEROP B.1 (one body for everybody), AGREEMENT "Proofs". What binds two sides is proved by its author's key
(FEP-8b32), so that it can be shown to others later; Notes are not, since one slip of ours would lose the post.
"""

import json

import msgspec
from msgspec import Struct

from fedishare.federation.actors import store as actors
from fedishare.federation.outbox import store
from fedishare.federation.outbox.store import Said
from fedishare.federation.outbox.synchronization import Followed, for_followers
from fedishare.federation.signatures.keys import PrivateKey, opened, opened_for_proofs
from fedishare.federation.signatures.proofs import prove
from fedishare.federation.vocabulary.reading import kind
from fedishare.foundation.db.access import Read
from fedishare.foundation.values.errors import Misconfigured
from fedishare.foundation.values.secrets import Secret

_ANSWERS = frozenset({"Accept", "Reject", "Undo"})


class Letter(Struct, frozen=True, kw_only=True):
    """A body ready to be posted, the key that signs it, and whose followers it is for, if it is."""

    body: bytes
    key: PrivateKey
    followed: Followed | None


class Unwritable(Struct, frozen=True, kw_only=True):
    """What cannot be said although it should be, and why: a row that is missing or damaged (A278)."""

    why: str


async def letters(read: Read, activity_ids: list[int], *, secret: Secret) -> dict[int, Letter | Unwritable]:
    """Each of these activities that there is, by its number."""
    keys: dict[tuple[int, str | None], PrivateKey] = {}
    found: dict[int, Letter | Unwritable] = {}
    said_here = await store.said(read, activity_ids)
    speakers = await actors.by_ids(read, {said.actor_id for said in said_here})
    for said in said_here:
        who = (said.actor_id, said.key_uri)
        try:
            if who not in keys:
                keys[who] = await _key(read, said, secret)
            body = await _body(read, said, secret)
            found[said.id] = Letter(body=body, key=keys[who], followed=for_followers(body, speakers[said.actor_id]))
        except (LookupError, TypeError, ValueError, msgspec.DecodeError, Misconfigured) as reason:
            found[said.id] = Unwritable(why=str(reason))
    return found


async def _key(read: Read, said: Said, secret: Secret) -> PrivateKey:
    if said.key_uri is not None:
        return opened(await actors.private_key_called(read, said.key_uri), secret)
    return opened(await actors.private_key(read, said.actor_id), secret)


async def _body(read: Read, said: Said, secret: Secret) -> bytes:
    """The same bytes at each attempt: the proof dates from when it was said."""
    if said.type != "Offer" and said.type not in _ANSWERS:
        return said.json.encode()
    document = json.loads(said.json)
    about = document.get("object")
    if said.type in _ANSWERS and not (isinstance(about, dict) and kind(about) == "Offer"):
        return said.json.encode()
    key = opened_for_proofs(await actors.proof_key(read, said.actor_id), secret)
    return msgspec.json.encode(prove(document, key=key, now=said.created_at))
