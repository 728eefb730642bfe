"""For how long a signature holds, whatever its scheme: from 12 hours old to one hour ahead (WIRE "Signatures").

Hours and not minutes: others queue what they have signed, and their clocks are what they are (INTEROP B.1.8). That
nothing has its effect twice within them is for the inbox (A022).
"""

from fedishare.federation.signatures.errors import BadSignature
from fedishare.foundation.values.clock import HOUR, SECOND, Instant

OLDEST = 12 * HOUR
AHEAD = HOUR


def check_signed_at(moment: Instant, now: Instant) -> None:
    """Raises BadSignature for a time outside of the window."""
    if not now - OLDEST <= moment <= now + AHEAD:
        raise BadSignature(f"signed {abs(now - moment) // SECOND} seconds {'ago' if moment < now else 'ahead'}")


def check_not_expired(expires: int | None, now: Instant) -> None:
    """Of a time that the signer gave, in seconds, covered or not. Raises BadSignature."""
    if expires is not None and expires * SECOND < now:
        raise BadSignature("the signature has expired")
