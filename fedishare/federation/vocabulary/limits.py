"""A number for every list and every text that comes from elsewhere (SECURITY 0.9).

What is longer is cut where a part still makes sense, and refused where it does not.
"""

BODY = 1_000_000
"""Bytes of a JSON document; Mastodon's own limit (INTEROP A.4)."""

DEPTH = 32
"""Levels of nesting of a JSON document."""

INTEGER = 2**63
"""Whole numbers are smaller than this, so that both databases can keep them."""

DECIMALS = 40
"""Places of a number before or behind the point."""

URI = 2_048
"""Bytes: an index of PostgreSQL takes no more than 2,704."""
RECIPIENTS = 256
ITEMS = 200
"""Members of any other list that is read at all."""

NAME = 200
HANDLE = 320
COMBINING = 4
"""Marks that may pile up on one letter of a name."""

CONTENT = 65_536
SUMMARY = 20_000
WARNING = 1_000
LANGUAGE = 35
"""Characters of a language tag (RFC 5646 4.4.1)."""

TAGS = 50
TAG = 100
ATTACHMENTS = 16
OPTIONS = 20
"""Answers that a poll offers; Mastodon lets an administrator raise its four."""
ALT_TEXT = 10_000
ALIASES = 20
KEYS = 8
CAPABILITIES = 50

RSA_BITS_LEAST = 2_048
RSA_BITS_MOST = 8_192
