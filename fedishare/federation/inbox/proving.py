"""Activities that somebody else hands on, with a proof of their author's (FEP-8b32): then they are the author's word.

Without one that holds, the origin is asked as ever (SECURITY 0.1, INTEROP B.4); Linked Data Signatures prove nothing
(A042). A proof counts from the moment it was made, not from the moment somebody brought it.
"""

import structlog
from msgspec.structs import replace

from fedishare.federation.fetching.fetcher import Fetcher
from fedishare.federation.inbox.store import Leased
from fedishare.federation.signatures.errors import BadSignature
from fedishare.federation.signatures.proofs import read_proof, verify
from fedishare.federation.vocabulary.activity import Activity
from fedishare.federation.vocabulary.origins import origin
from fedishare.foundation.values.errors import RemoteTrouble

log = structlog.get_logger()

LONGEST = 65_536
"""Bytes: bringing a document into its one form is slow, and a forwarded post has a few thousand."""


async def from_its_author(row: Leased, activity: Activity, fetcher: Fetcher) -> Leased | None:
    """What came, as if its author had sent it; None when no proof of theirs says so, whatever the reason."""
    if "proof" not in activity.raw or len(row.body) > LONGEST:
        return None
    try:
        proof = read_proof(activity.raw)
        key = await fetcher.key(proof.key_id)
        if key.actor.uri != activity.actor or key.actor.deleted_at is not None:
            raise BadSignature(f"{proof.key_id} is not its author's")
        made_at = verify(activity.raw, proof, key.public_pem, row.received_at)
    except RemoteTrouble as reason:
        log.info("proof_refused", actor=activity.actor, why=str(reason))
        return None
    return replace(row, signer_uri=activity.actor, origin=origin(activity.actor), signed_at=made_at)
