"""Somebody here gets new keys, and every server that may know the old ones is told.

Source: INTEROP B.7. New ids; an Update that shows the new keys and is signed with the old one, which is the last thing
that key signs: whoever knows it believes the change, whoever does not looks at the document.
"""

from fedishare.federation.actors import documents
from fedishare.federation.actors import operations as actor_operations
from fedishare.federation.actors import store as actors
from fedishare.federation.actors.model import Actor
from fedishare.federation.following import store
from fedishare.federation.outbox import send as outbox
from fedishare.federation.signatures.keys import ActorKeys
from fedishare.federation.vocabulary.reading import PUBLIC
from fedishare.foundation.db.access import Tx
from fedishare.foundation.values.clock import Instant
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.secrets import Secret


async def rotate(tx: Tx, actor: Actor, *, keys: ActorKeys, secret: Secret, here: Here, now: Instant) -> str:
    """The id of the key that signs from here on. `keys` were made before: that takes too long for a transaction."""
    former = await actors.private_key(tx, actor.id)
    fresh = await actor_operations.replace_keys(tx, actor, keys=keys, secret=secret, here=here, now=now)
    shown = documents.document(fresh, await actors.keys_of(tx, actor.id), here)
    activity = {"type": "Update", "actor": actor.uri, "to": [PUBLIC], "cc": [actor.followers], "object": shown}
    everywhere = await store.one_of_each_inbox(tx)
    await outbox.send(tx, activity, by=fresh, here=here, now=now, also=everywhere, key_uri=former.uri)
    return (await actors.private_key(tx, actor.id)).uri
