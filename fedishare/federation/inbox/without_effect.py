"""What other servers say that is understood here and has no effect, each with its reason.

It is answered 202 and kept for a month like everything else, so that an administrator can see why nothing happened
(INTEROP B.5: an error would stop the sender's queue). What is in no table is kept, too: it is only not understood.
"""

_REASONS: dict[str, str] = {
    "Dislike": "nothing here counts dislikes",
    "FeatureRequest": "nothing here is in anybody's collection of features",
    "Join": "there is nothing here that could be joined",
    "Leave": "there is nothing here that could be left",
    "LikeRequest": "everything public here may be liked: nobody has to ask",
    "ReplyRequest": "everything public here may be answered: nobody has to ask",
    "AnnounceRequest": "everything public here may be announced: nobody has to ask",
    "View": "nobody here counts who looks",
}
"""By the activity's type, where no handler takes it."""


def why_without_effect(kind: str, object_type: str) -> str:
    return _REASONS.get(kind) or f"nothing here takes {kind} of {object_type or 'an id'}"
