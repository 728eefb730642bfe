"""Print the id of every activity that had its effect, once for each time it had it: the kill loop's question.

python effects.py fedishare.db [--count]

Asked of the rows that people see (posts, likes), not of the inbox's own book: a row of the inbox that says "applied"
without its post is a loss. An activity that the inbox applied more than once is printed more than once. Ends with an
error when the file is damaged. Reads SQLite alone.
"""

import sqlite3
import sys
from contextlib import closing

# The load writes `.../statuses/N` in the activity `.../activities/N`, and a Like's row has the activity's own id.
EFFECTS = """
select replace(post.uri, '/statuses/', '/activities/') from post
  join actor on actor.id = post.author_id where not actor.local
union all select uri from reaction where kind = 'like'
union all select uri from (
  select uri, row_number() over (partition by uri) as nth from activity_in where state = 'applied'
) where nth > 1
"""


def effects(database: str) -> list[str]:
    """One id an effect. Raises SystemExit when the file is damaged."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as db:
        (sound,) = db.execute("pragma quick_check").fetchone()
        if sound != "ok":
            raise SystemExit(f"{database}: {sound}")
        return [uri for (uri,) in db.execute(EFFECTS)]


def main() -> None:
    database, *how = sys.argv[1:]
    ids = effects(database)
    print(len(set(ids)) if "--count" in how else "\n".join(ids))


if __name__ == "__main__":
    main()
