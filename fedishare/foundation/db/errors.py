"""What the database refuses, in words for the person who waits and for the log.

Conflict
└── UniqueBroken       a unique index said no; a store turns it into its own refusal
Busy                   503: nothing was kept, the same request may succeed later
├── DatabaseLocked     another process holds the file
├── DiskFull
├── DatabaseReadOnly
├── DatabaseAway       PostgreSQL does not answer, or went away in the middle
└── DiskTrouble        the disk answers with errors
RuntimeError           mistakes of ours, seen in tests
├── ConstraintBroken   a foreign key, a check, a column that must be there
├── AwaitsOutside      an operation awaited something else than its transaction
└── TransactionOver    something was asked of a transaction after it had failed
"""

from fedishare.foundation.values.errors import N_, Busy, Conflict


class UniqueBroken(Conflict):
    """`constraint` is the name of the unique index, or `<table>_pkey` for a primary key."""

    slug = "already-there"

    def __init__(self, constraint: str) -> None:
        super().__init__(f"unique: {constraint}")
        self.constraint = constraint


class DatabaseLocked(Busy):
    slug = "database-locked"
    title = N_("Another program is using the database.")
    advice = N_("Wait until it has finished, then try again.")


class DiskFull(Busy):
    slug = "disk-full"
    title = N_("The server's disk is full. Nothing was changed.")
    advice = N_("Whoever runs the server has to free some space. Then try again.")


class DatabaseReadOnly(Busy):
    slug = "database-read-only"
    title = N_("The server may not write to its database. Nothing was changed.")
    advice = N_("Whoever runs the server has to give it the right to write. Then try again.")


class DatabaseAway(Busy):
    slug = "database-away"
    title = N_("The database does not answer.")
    advice = N_("Try again in a minute. Whoever runs the server may have to start it.")


class DiskTrouble(Busy):
    slug = "disk-trouble"
    title = N_("The server's disk answers with errors. Nothing was changed.")
    advice = N_("Whoever runs the server has to look at the disk. Then try again.")


class ConstraintBroken(RuntimeError):
    """A row that the schema forbids: a mistake in an operation, never in what a person typed."""


class AwaitsOutside(RuntimeError):
    """An operation is one transaction and awaits nothing but its `tx`: fetch, hash and wait before it begins."""

    def __init__(self, operation: str) -> None:
        super().__init__(f"{operation} awaits something else than its transaction; do that before or after it")


class TransactionOver(RuntimeError):
    """After a statement has failed, PostgreSQL takes no other in that transaction, so neither engine does.

    Let the error leave the operation, or write `on conflict ... do nothing` where a row may be there already.
    """

    def __init__(self) -> None:
        super().__init__("a statement of this transaction failed; the operation has to end with its error")
