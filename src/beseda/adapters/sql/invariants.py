"""What is true of every sound database, whatever its engine: looked at in each backup and after each restore."""

from typing import NamedTuple


class Invariant(NamedTuple):
    """`wrong` counts the rows of which it does not hold, in a database of schema `since` or newer."""

    name: str
    since: int
    wrong: str

    def broken_by(self, rows: int) -> list[str]:
        """What to tell of so many rows; nothing of none."""
        return [f"{rows} rows against: {self.name}"] if rows else []


BOOKS_WRONG = (
    "SELECT count(*) FROM ledger_books b LEFT JOIN"
    " (SELECT book, sum(amount_minor) AS total FROM ledger_postings GROUP BY book) p ON p.book = b.book"
    " WHERE b.balance_minor <> coalesce(p.total, 0)"
)
LEDGER = (
    Invariant("books are the sum of their postings", 1, BOOKS_WRONG),
    Invariant(
        "what is posted has a book",
        1,
        "SELECT count(*) FROM ledger_postings p LEFT JOIN ledger_books b ON b.book = p.book WHERE b.book IS NULL",
    ),
    Invariant(
        "entries of the ledger sum to zero",
        1,
        "SELECT count(*) FROM (SELECT entry_id FROM ledger_postings GROUP BY entry_id HAVING sum(amount_minor) <> 0) e",
    ),
    Invariant(
        "nobody owes money",
        1,
        "SELECT count(*) FROM ledger_books WHERE balance_minor < 0 AND book <> 'outside'",
    ),
)
"""What `beseda balance verify` looks at. Books are replayed from the postings."""
INVARIANTS = (
    *LEDGER,
    Invariant(
        "every room has a head",
        2,
        "SELECT count(*) FROM rooms r LEFT JOIN room_heads h ON h.room_id = r.id WHERE h.room_id IS NULL",
    ),
    Invariant(
        "no line of a room is newer than its head",
        2,
        "SELECT count(*) FROM room_heads h WHERE h.head_seq <"
        " (SELECT coalesce(max(l.seq), 0) FROM room_lines l WHERE l.room_id = h.room_id)",
    ),
)
