"""Which files of which server are one sort of message: each list is one test with many cases."""

FOLLOWS = ("gotosocial", "misskey", "pleroma", "lemmy", "mobilizon", "mitra")
ACCEPTS = ("flohmarkt", "gotosocial", "lemmy", "misskey", "mitra")
REJECTS = ("gotosocial", "misskey", "mitra", "mobilizon", "pleroma")
UNDONE_FOLLOWS = ("gotosocial", "lemmy", "mitra", "mobilizon")
LIKES = (
    "lemmy/like",
    "misskey/like",
    "misskey/like_custom_emoji",
    "mitra/like",
    "mitra/like_emoji_reaction",
    "pleroma/like",
    "pleroma/emoji_react",
    "pleroma/emoji_react_custom",
    "pleroma/emoji_react_as_misskey_like",
)
UNDONE_LIKES = ("gotosocial", "lemmy", "misskey", "mitra", "pleroma")
BOOSTS = ("gotosocial", "misskey", "mitra", "pleroma")
BLOCKS = ("misskey", "pleroma")
FAREWELLS = ("gotosocial", "lemmy", "misskey", "mitra")
PROFILES = ("gotosocial", "misskey", "pleroma")
REPLIES = (
    ("mitra/create_note", "held", "public"),
    ("pleroma/create_note", "held", "public"),
    ("pleroma/create_note_source_string", "held", "public"),
    ("misskey/create_note_quote", "held", "public"),
    ("gotosocial/create_note_direct", "shown", "direct"),
    ("misskey/create_note_direct", "shown", "direct"),
    ("pleroma/create_note_direct", "shown", "direct"),
    ("flohmarkt/create_note_private_message", "shown", "direct"),
)
DELETIONS = ("misskey/delete_note", "flohmarkt/delete_note", "mobilizon/delete_event")
QUESTIONS = ("mastodon", "gotosocial", "mitra")
MOVES = ("mastodon", "gotosocial", "misskey", "mitra", "pleroma")
VOTES = (
    "mastodon/vote",
    "gotosocial/vote",
    "gotosocial/vote_array_legacy",
    "misskey/vote",
    "mitra/vote",
    "pleroma/vote",
)
PEOPLE = (
    "flohmarkt/actor_person",
    "gotosocial/actor_person",
    "lemmy/actor_group",
    "lemmy/actor_person",
    "lemmy/instance_actor",
    "misskey/actor_person",
    "mitra/actor_person",
    "pleroma/actor_person",
    "pleroma/actor_stripped_unauthenticated",
)
