"""Putting private keys under a new master secret (SECURITY 6.10): a few in each transaction, and again after a crash.

A key that the new secret has sealed is passed over, so that what was interrupted is taken up by doing it again. Who
replaces the secret itself, and when the former one may go: `fedishare secrets rotate`.
"""

from msgspec import Struct

from fedishare.federation.signatures.keys import PURPOSE
from fedishare.foundation.db.access import Tx
from fedishare.foundation.db.database import Database
from fedishare.foundation.db.queries import load
from fedishare.foundation.values.secrets import Secret

sql = load(__file__, "resealing.sql")

AT_ONCE = 100


class _Sealed(Struct, frozen=True, kw_only=True):
    id: int
    actor_uri: str
    private_sealed: bytes


class _Batch(Struct, frozen=True, kw_only=True):
    """`last` is where the next batch begins after; None when there was nothing left."""

    resealed: int
    last: int | None


async def reseal_all(db: Database, secret: Secret) -> int:
    """How many keys were under a former secret. Raises Misconfigured for a key that none of them opens."""
    count, last = 0, 0
    while True:
        batch = await db.write(_reseal, secret, last)
        count += batch.resealed
        if batch.last is None:
            break
        last = batch.last
    await db.write(_keep_verifier, secret.verifier)
    return count


async def _reseal(tx: Tx, secret: Secret, after: int) -> _Batch:
    found = await tx.all(_Sealed, sql.sealed_keys, after=after, size=AT_ONCE)
    former = [key for key in found if not secret.sealed_here(PURPOSE, key.private_sealed)]
    for key in former:
        plain = secret.unseal(PURPOSE, key.private_sealed, owner=key.actor_uri)
        await tx.run(sql.reseal, id=key.id, private_sealed=secret.seal(PURPOSE, plain, owner=key.actor_uri))
    return _Batch(resealed=len(former), last=found[-1].id if found else None)


async def _keep_verifier(tx: Tx, verifier: str) -> None:
    await tx.run(sql.keep_verifier, verifier=verifier)
