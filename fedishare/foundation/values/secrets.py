"""The master secret and what is derived from it (SECURITY 6.10).

One secret of 32 bytes; each purpose gets its own subkey (HKDF-SHA256), so that what leaks from one use opens no other.
While a secret is being replaced, those before it still open what they sealed. Nothing here prints the secret: `repr`
masks it. Does not know its file: `foundation/config/secret_file.py`.
"""

import hashlib
from collections.abc import Sequence
from hmac import compare_digest

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fedishare.foundation.values.chance import random_bytes
from fedishare.foundation.values.errors import N_, Misconfigured

SIZE = 32
NOT_THIS_ONE = N_(
    "FEDISHARE_SECRET_FILE: this is not the secret that the database was made with. "
    "Put back the file that belongs to it (a backup holds both)."
)
_NONCE = 12
_MARK = 4


class Secret:
    """The master secret of one instance, and those that it replaces."""

    def __init__(self, master: bytes, *, former: Sequence[bytes] = ()) -> None:
        """Raises ValueError unless each has 32 bytes."""
        if len(master) != SIZE:
            raise ValueError(f"the secret has {len(master)} bytes, not {SIZE}")
        self._master = master
        self._former = tuple(Secret(each) for each in former)
        self._subkeys: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> str:
        raise TypeError("the secret stays in its process")

    def subkey(self, purpose: str) -> bytes:
        """32 bytes for one purpose, such as "csrf" or "actor-keys"; the same at each call."""
        known = self._subkeys.get(purpose)
        if known is None:
            known = HKDF(SHA256(), SIZE, salt=None, info=b"fedishare " + purpose.encode()).derive(self._master)
            self._subkeys[purpose] = known
        return known

    def seal(self, purpose: str, plain: bytes, *, owner: str) -> bytes:
        """Encrypt with AES-256-GCM; only the same purpose and owner open it again.

        The first bytes tell which secret was used, so that a wrong one is named and not mistaken for damage.
        """
        key, nonce = self.subkey(purpose), random_bytes(_NONCE)
        return _mark(key) + nonce + AESGCM(key).encrypt(nonce, plain, owner.encode())

    def sealed_here(self, purpose: str, sealed: bytes) -> bool:
        """Whether it was sealed with the secret of today, and not with one before it."""
        return sealed[:_MARK] == _mark(self.subkey(purpose))

    def unseal(self, purpose: str, sealed: bytes, *, owner: str) -> bytes:
        """Raises Misconfigured when another secret sealed it, or when it is not `owner`'s, or damaged."""
        if not self.sealed_here(purpose, sealed):
            for former in self._former:
                if former.sealed_here(purpose, sealed):
                    return former.unseal(purpose, sealed, owner=owner)
            raise Misconfigured(NOT_THIS_ONE)
        key, nonce = self.subkey(purpose), sealed[_MARK : _MARK + _NONCE]
        try:
            return AESGCM(key).decrypt(nonce, sealed[_MARK + _NONCE :], owner.encode())
        except (InvalidTag, ValueError):
            raise Misconfigured(
                N_("The sealed key of %(owner)s is damaged. Restore the database from a backup."), owner=owner
            ) from None

    def replaced_by(self, master: bytes) -> "Secret":
        """Another secret, which opens all that this one opens."""
        return Secret(master, former=[each._master for each in (self, *self._former)])

    @property
    def verifier(self) -> str:
        """What a database keeps to know its secret again; the secret cannot be found from it."""
        return self.subkey("verifier").hex()

    def check(self, verifier: str) -> None:
        """Raises Misconfigured unless this, or one that it replaces, is the secret that `verifier` was made with."""
        if not any(compare_digest(each.verifier, verifier) for each in (self, *self._former)):
            raise Misconfigured(NOT_THIS_ONE)


def _mark(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:_MARK]
