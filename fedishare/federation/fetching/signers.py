"""Who signed a request, and when: the claim, the key, the check, and one look for a newer key.

Sources: INTEROP B.2 (on failure the key is asked for once more), SECURITY 0.1; attacks A001 to A041. Used wherever a
signature lets somebody in: at the inbox's door, and where reading wants one.
"""

from msgspec import Struct

from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.federation.fetching.keys import KeyOf
from fedishare.federation.signatures import incoming
from fedishare.federation.signatures.errors import BadSignature
from fedishare.federation.signatures.incoming import Head, Request
from fedishare.foundation.values.clock import Instant


class Signed(Struct, frozen=True, kw_only=True):
    """Proved: `key` is its actor's, and made the signature at `at`."""

    key: KeyOf
    at: Instant


async def signer(fetcher: Fetcher, head: Head, request: Request, now: Instant) -> Signed:
    """Whose signature `head` is; known to be somebody alive.

    Raises BadSignature, Untrusted or Malformed for what does not hold, Unreachable while the key cannot be had,
    RemotelyGone.
    """
    key = await _of_somebody_alive(fetcher, head.key_id)
    try:
        return Signed(key=key, at=incoming.verify(head, request, key.public_pem, now))
    except BadSignature:
        # They may have a new key: asked for once, and not more often than the fetcher allows.
        renewed = await fetcher.key(head.key_id, fresh=True)
        if renewed.public_pem == key.public_pem:
            raise
        return Signed(key=renewed, at=incoming.verify(head, request, renewed.public_pem, now))


async def _of_somebody_alive(fetcher: Fetcher, key_id: str) -> KeyOf:
    """Who was deleted and speaks again is shown by their server again, or is not believed."""
    key = await fetcher.key(key_id)
    if key.actor.deleted_at is None:
        return key
    key = await fetcher.key(key_id, fresh=True)
    if key.actor.deleted_at is not None:
        raise BadSignature("the signer was deleted")
    return key
