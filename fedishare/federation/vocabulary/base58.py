"""Base58 with Bitcoin's alphabet, in which Multikeys and proofs are written (FEP-521a, FEP-8b32)."""

from fedishare.foundation.values.errors import Malformed

LONGEST = 128
"""Letters: the square of this is what reading costs. A signature of 64 bytes has 88."""

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def decode(text: str) -> bytes:
    """Raises Malformed for other letters, and for what is longer than anything we read."""
    if len(text) > LONGEST:
        raise Malformed("base58 is too long")
    number = 0
    for letter in text:
        value = _ALPHABET.find(letter)
        if value < 0:
            raise Malformed("not base58")
        number = number * 58 + value
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode(raw: bytes) -> str:
    """Bytes as text; each zero in front is a `1`."""
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = _ALPHABET[rest] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text
