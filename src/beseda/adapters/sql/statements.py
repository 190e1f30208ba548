"""What the topics' files share: a connection that runs statements, and plain column types.

Statements are portable SQL with `$1`, `$2` ... for parameters. Columns hold integers and text; times are epoch
milliseconds, yes and no are 1 and 0.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol, TypeVar

Row = Sequence[Any]
T = TypeVar("T")


class Connection(Protocol):
    @property
    def dialect(self) -> str:
        """For the few statements that the engines spell differently: sqlite, postgresql."""
        ...

    async def fetch(self, statement: str, *parameters: object) -> Sequence[Row]:
        """All rows."""
        ...

    async def fetch_row(self, statement: str, *parameters: object) -> Row | None:
        """The first row."""
        ...

    async def execute(self, statement: str, *parameters: object) -> int:
        """Run it; how many rows it changed."""
        ...

    async def execute_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Run it with each of these parameters."""
        ...


EPOCH = datetime.fromtimestamp(0, UTC)
MILLISECOND = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    return (at - EPOCH) // MILLISECOND


def from_ms(ms: int) -> datetime:
    return EPOCH + ms * MILLISECOND


def from_ms_or_none(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)


async def execute_all(connection: Connection, each: str, together: str, rows: Sequence[Sequence[object]]) -> None:
    """Run `each` with every row, or on PostgreSQL `together` once, whose parameters are the columns."""
    if connection.dialect == "sqlite":
        await connection.execute_many(each, rows)
    elif rows:
        await connection.execute(together, *zip(*rows, strict=True))


async def fetch_new_id(connection: Connection, statement: str, *parameters: object) -> int:
    """The id that an `INSERT ... RETURNING id` made."""
    row = await connection.fetch_row(statement, *parameters)
    if row is None:
        raise RuntimeError("the statement returned no id")
    return int(row[0])


async def fetch_number(connection: Connection, statement: str, *parameters: object) -> int:
    """What a count, sum or maximum came to."""
    row = await connection.fetch_row(statement, *parameters)
    if row is None:
        raise RuntimeError("the statement returned no number")
    return int(row[0])


def places(values: Sequence[object], first: int) -> str:
    """`$2, $3, $4`: where as many values stand, from the number `first` on."""
    return _places(len(values), first)


@lru_cache
def _places(count: int, first: int) -> str:
    return ", ".join(f"${first + index}" for index in range(count))


def values(rows: Sequence[Sequence[object]]) -> str:
    """`($1, $2), ($3, $4)`: where the values of as many rows stand, one after another."""
    return ", ".join(f"({places(row, 1 + number * len(row))})" for number, row in enumerate(rows))


def together(connection: Connection, rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """What one statement does best: PostgreSQL saves the way there, SQLite takes longer for several than for each."""
    most = 1 if connection.dialect == "sqlite" else 50
    for start in range(0, len(rows), most):
        yield rows[start : start + most]
