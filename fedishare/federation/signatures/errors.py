"""What a signature that does not hold raises, whatever its scheme."""

from fedishare.foundation.values.errors import Untrusted


class BadSignature(Untrusted):
    """The request is not signed, or not well: answered with 401. The text is for the log and names no secret."""

    status = 401


class NotSigned(BadSignature):
    """There is no signature in a scheme that we know: the answer says which one would do (`Accept-Signature`)."""


class BadKey(BadSignature):
    """A public key that we do not accept, with the reason (its size, its kind)."""
