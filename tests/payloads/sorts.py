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
WITHOUT_EFFECT = (
    "flohmarkt/create_note",
    "gotosocial/accept_like_request",
    "gotosocial/create_question",
    "gotosocial/flag",
    "gotosocial/like_request_polite",
    "gotosocial/move",
    "gotosocial/vote",
    "gotosocial/vote_array_legacy",
    "lemmy/block_from_community",
    "lemmy/create_chat_message_0_19",
    "lemmy/create_page",
    "lemmy/dislike",
    "lemmy/update_page",
    "misskey/add_featured",
    "misskey/move",
    "misskey/vote",
    "mitra/create_question",
    "mitra/move",
    "mitra/vote",
    "mobilizon/create_event",
    "mobilizon/join",
    "mobilizon/update_event",
    "pleroma/flag",
    "pleroma/flag_legacy_embedded",
    "pleroma/move",
    "pleroma/vote",
    "relay/mastodon_style_accept",
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
