"""Every payload is asserted by a test beside this one, by its name."""

from tests.payloads import sorts as others
from tests.payloads.town import FOLDER, INDEX

_SOURCES = (
    "test_mastodon.py",
    "test_follows_of_others.py",
    "test_reactions_of_others.py",
    "test_posts_of_others.py",
    "test_every_verb.py",
    "test_without_effect.py",
    "test_reports_of_others.py",
    "test_listings_of_others.py",
    "town.py",
)


def asserted() -> set[str]:
    """Files that a test names, alone or in a table."""
    tables = {
        *(f"{server}/follow.json" for server in others.FOLLOWS),
        *(f"{server}/accept_follow.json" for server in others.ACCEPTS),
        *(f"{server}/reject_follow.json" for server in others.REJECTS),
        *(f"{server}/undo_follow.json" for server in others.UNDONE_FOLLOWS),
        *(f"{server}/undo_like.json" for server in others.UNDONE_LIKES),
        *(f"{server}/{name}.json" for server in others.BOOSTS for name in ("announce", "undo_announce")),
        *(f"{server}/block.json" for server in others.BLOCKS),
        *(f"{server}/delete_actor.json" for server in others.FAREWELLS),
        *(f"{server}/update_person.json" for server in others.PROFILES),
        *(f"{server}/update_group.json" for server in ("lemmy", "mobilizon")),
        *(f"lemmy/{name}.json" for name in ("announce_create_page", "announce_page_compat")),
        *(f"{file}.json" for file, *_ in others.REPLIES),
        *(f"{file}.json" for file in (*others.LIKES, *others.DELETIONS, *others.VOTES, *others.PEOPLE)),
        *(f"{server}/create_question.json" for server in others.QUESTIONS),
        *(f"{server}/move.json" for server in others.MOVES),
    }
    words = "".join((FOLDER / name).read_text() for name in _SOURCES)
    return tables | {file for file in INDEX if f'"{file}"' in words}


def test_every_payload_is_asserted_by_name() -> None:
    assert set(INDEX) - asserted() == set()


def test_every_payload_of_the_index_is_there() -> None:
    there = {str(path.relative_to(FOLDER)) for path in FOLDER.glob("*/*.json")}

    assert there == set(INDEX)
