"""A report on the wire. Pure.

Source: WIRE.md "Instances" (Reports), INTEROP B.9: said by the instance, to the server of who is reported, with the
actor's id first. Never who wrote it here.
"""

from collections.abc import Sequence
from typing import Any


def flag(*, by: str, target: str, objects: Sequence[str], content: str) -> dict[str, Any]:
    """`by` is the instance's id, `content` plain text."""
    return {"type": "Flag", "actor": by, "to": [target], "object": [target, *objects], "content": content}
