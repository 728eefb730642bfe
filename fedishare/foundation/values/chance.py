"""Chance, where it must not be guessed: tokens of sessions, links and forms."""

import secrets


def new_token() -> str:
    """256 bits, safe in a cookie or an address."""
    return secrets.token_urlsafe(32)


def random_bytes(count: int) -> bytes:
    return secrets.token_bytes(count)


def new_reference() -> str:
    """A short mark that a person can read to somebody over the phone: `7F2K-09QX`. Not a secret."""
    letters = "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTUVWXYZ") for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"
