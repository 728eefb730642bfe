"""What is said about following, on the wire. Pure.

`to` is always a list of exactly one: Lemmy takes nothing else (INTEROP D.11). The Follow is always embedded, with the
id its sender gave it: some servers find it by that alone (D.10).
"""

from typing import Any

from fedishare.federation.vocabulary.activity import Activity


def follow(follower: str, followed: str, *, uri: str = "") -> dict[str, Any]:
    """A Follow; without an id when it is still to be given one."""
    named = {"id": uri} if uri else {}
    return {**named, "type": "Follow", "actor": follower, "object": followed}


def asking(follower: str, followed: str) -> dict[str, Any]:
    """The Follow that is sent."""
    return {**follow(follower, followed), "to": [followed]}


def accept(asked: dict[str, Any], *, by: str, to: str) -> dict[str, Any]:
    return {"type": "Accept", "actor": by, "to": [to], "object": asked}


def reject(asked: dict[str, Any], *, by: str, to: str) -> dict[str, Any]:
    return {"type": "Reject", "actor": by, "to": [to], "object": asked}


def undo(asked: dict[str, Any], *, by: str, to: str) -> dict[str, Any]:
    return {"type": "Undo", "actor": by, "to": [to], "object": asked}


def as_asked(activity: Activity) -> dict[str, Any]:
    """Their Follow, word for word where it is words, to be embedded in the answer."""
    said = {name: activity.raw.get(name) for name in ("id", "type", "actor", "object")}
    meant = {"id": activity.id, "type": "Follow", "actor": activity.actor, "object": activity.object_id}
    return {name: said[name] if isinstance(said[name], str) else meant[name] for name in meant}
