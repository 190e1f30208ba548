"""The form of a backup: one gzip stream of lines of JSON, the same from both engines.

The first line says what the file is. Each table follows: a line that names its columns, then a line for each row, in
the order of the primary key. The last line counts the rows and gives a SHA-256 for each table and for all of them (the
content hash): databases that hold the same have the same, whatever the engine. `zcat` shows all of it.
"""

import gzip
import hashlib
import zlib
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol, TypeVar

import msgspec

from beseda.adapters.sql.statements import Row

T = TypeVar("T")
FORMAT = 1
"""The form that this code writes, and the newest that it reads."""
LEVEL = 1
"""Of compression: more takes several times as long and saves a sixth."""
ROWS_AT_ONCE = 1_000
LINE_MAX_BYTES = 64 * 1024 * 1024
HASHED_BYTES = 256 * 1024
DERIVED = ("letter_words", "line_words", "search_heads")
"""Tables of the index of words, which an engine has in a form of its own: who has none of them fills them anew."""


class DumpRefused(Exception):
    """The file is no whole backup; the message says why."""


class SealedKey(msgspec.Struct, frozen=True):
    """The server's key, encrypted by a passphrase; all in base64."""

    salt: str
    nonce: str
    sealed: str


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The first line. `format` is this file's form, `schema` the database's, `made` a time (RFC 3339)."""

    beseda: str
    format: int
    schema: int
    version: str
    made: str
    engine: str
    key: SealedKey | None = None


class TableHead(msgspec.Struct, frozen=True):
    """What stands before a table's rows. `blobs` are the columns that are in base64; `last_id` the last id given."""

    table: str
    columns: list[str]
    blobs: list[str]
    last_id: int = 0


class Sums(msgspec.Struct, frozen=True):
    """The last line."""

    rows: dict[str, int]
    sha256: dict[str, str]
    content: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a database that is read or written. `key` is its primary key, () for none."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    texts: frozenset[str] = frozenset()
    blobs: frozenset[str] = frozenset()
    last_id: int = 0

    def select(self, collation: str = "") -> str:
        """All rows in an order that is the same everywhere; texts by their code points, which `collation` may name."""
        nulls = "" if self.key else " NULLS FIRST"  # none is in a key, and an index knows its own order best
        order = (f"{quoted(c)}{collation if c in self.texts else ''}{nulls}" for c in self.key or self.columns)
        return f"SELECT {', '.join(map(quoted, self.columns))} FROM {quoted(self.name)} ORDER BY {', '.join(order)}"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def is_derived(table: str) -> bool:
    """Whether all of a table follows from others; also of those that SQLite makes for an index, `line_words_data`."""
    return table in DERIVED or any(table.startswith(f"{name}_") for name in DERIVED)


def insertable(head: TableHead, known: Mapping[str, Table]) -> Table | None:
    """The table that these rows belong into, None when there is no such one. Raises DumpRefused.

    Only names that the database has get into a statement.
    """
    table = known.get(head.table)
    if table is not None and not set(head.columns) <= set(table.columns):
        raise DumpRefused(f"is damaged: {head.table} has columns that this schema does not have")
    return table


def pass_over(table: str, batches: Iterator[list[Row]]) -> None:
    """A table that only the other engine has is empty, or follows from others; else something would be lost."""
    if any(rows for rows in batches) and not is_derived(table):
        raise DumpRefused(f"has rows of a table that this database does not have: {table}")


@dataclass(slots=True)
class _Summing:
    """Row counts and hashes of what goes by."""

    rows: dict[str, int] = field(default_factory=dict)
    hashes: dict[str, "hashlib._Hash"] = field(default_factory=dict)

    def begin(self, table: str, columns: Sequence[str]) -> None:
        if table in self.rows:
            raise DumpRefused(f"is damaged: the table {table} is in it twice")
        self.rows[table] = 0
        self.hashes[table] = hashlib.sha256(" ".join([table, *columns]).encode())

    def add(self, table: str, count: int, lines: bytes) -> None:
        self.rows[table] += count
        self.hashes[table].update(lines)

    def end(self) -> Sums:
        sha256 = {name: found.hexdigest() for name, found in sorted(self.hashes.items())}
        content = hashlib.sha256("".join(f"{name} {digest}\n" for name, digest in sha256.items()).encode())
        return Sums(self.rows, sha256, content.hexdigest())


class Writable(Protocol):
    """What a dump is written into."""

    def write(self, content: bytes, /) -> int: ...

    def flush(self) -> None: ...


class DumpWriter:
    """Writes a dump into an open file. `data_bytes` is what was written before it was compressed."""

    def __init__(self, file: Writable, head: Head) -> None:
        self._zipped = gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=LEVEL, mtime=0)
        self._summing = _Summing()
        self._encoder = msgspec.json.Encoder()
        self._table = ""
        self.data_bytes = 0
        self._write(self._encoder.encode(head) + b"\n")

    def begin(self, table: Table) -> None:
        self._table = table.name
        self._summing.begin(table.name, table.columns)
        head = TableHead(table.name, list(table.columns), sorted(table.blobs), table.last_id)
        self._write(self._encoder.encode(head) + b"\n")

    def add(self, rows: Sequence[Row]) -> None:
        """Rows of the table that was begun. Raises DumpRefused for what is no text."""
        try:
            lines = self._encoder.encode_lines([tuple(row) for row in rows])
        except UnicodeEncodeError as error:
            raise DumpRefused(f"the table {self._table} holds text that is not UTF-8") from error
        self._summing.add(self._table, len(rows), lines)
        self._write(lines)

    def end(self) -> Sums:
        sums = self._summing.end()
        self._write(self._encoder.encode(sums) + b"\n")
        self._zipped.close()
        return sums

    def _write(self, lines: bytes) -> None:
        self.data_bytes += len(lines)
        self._zipped.write(lines)


class Readable(Protocol):
    """What a dump is read from; nobody goes back in it."""

    def read(self, size: int = -1, /) -> bytes: ...


class DumpReader:
    """Reads a dump from the beginning to the end, once: `tables`, and the rows of each before the next.

    What it read was whole only when `tables` has ended; all raise DumpRefused. `sums` is there then.
    """

    def __init__(self, file: Readable) -> None:
        self._zipped: gzip.GzipFile = gzip.GzipFile(fileobj=file, mode="rb")  # type: ignore[call-overload]
        self._summing = _Summing()
        self._next = b""
        self.sums: Sums | None = None
        self.head = self._read_head()

    def _read_head(self) -> Head:
        try:
            line = self._zipped.readline(65_536)
            form = msgspec.json.decode(line)
        except (OSError, EOFError, zlib.error, msgspec.DecodeError) as error:
            raise DumpRefused("is no backup of Beseda, or is damaged at its very beginning") from error
        if not isinstance(form, dict) or form.get("beseda") != "backup":
            raise DumpRefused("is no backup of Beseda")
        if isinstance(form.get("format"), int) and form["format"] > FORMAT:
            raise DumpRefused(f"was made by a newer Beseda ({form.get('version')}): install that one")
        return self._decode(line, Head)

    def _decode(self, line: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(line, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DumpRefused("is damaged: a line of it cannot be read") from error

    def _read_line(self) -> bytes:
        try:
            line = self._zipped.readline(LINE_MAX_BYTES)
        except EOFError as error:
            raise DumpRefused("is cut off: its end is missing") from error
        except (OSError, zlib.error) as error:
            raise DumpRefused("is damaged") from error
        if line and not line.endswith(b"\n"):
            raise DumpRefused("is damaged: a line of it never ends")
        return line

    def tables(self) -> Iterator[tuple[TableHead, Iterator[list[Row]]]]:
        """Each table with its rows, some at a time."""
        line = self._read_line()
        while line.startswith(b'{"table"'):
            head = self._decode(line, TableHead)
            self._summing.begin(head.table, head.columns)
            self._next = b""
            yield head, self._rows(head)
            if not self._next:
                raise RuntimeError("the rows of a table were not read")
            line = self._next
        if not line:
            raise DumpRefused("is cut off: its end is missing")
        told, found = self._decode(line, Sums), self._summing.end()
        if self._read_line():
            raise DumpRefused("is damaged: something follows its end")
        if wrong := [name for name, digest in found.sha256.items() if told.sha256.get(name) != digest]:
            raise DumpRefused(f"is damaged: the checksum of {', '.join(wrong)} does not fit")
        if told != found:
            raise DumpRefused("is damaged: its sums do not fit")
        self.sums = told

    def _rows(self, head: TableHead) -> Iterator[list[Row]]:
        lines: list[bytes] = []
        while True:
            lines = list(islice(iter(self._read_row, b""), ROWS_AT_ONCE))
            if not lines:
                return
            text = b"".join(lines)
            self._summing.add(head.table, len(lines), text)
            yield self._decoded(head, text)

    def _read_row(self) -> bytes:
        """The next row; b"" when there is none, and what stands there instead is kept."""
        if self._next:
            return b""
        line = self._read_line()
        if line.startswith(b"["):
            return line
        if not line:
            raise DumpRefused("is cut off: its end is missing")
        self._next = line
        return b""

    def _decoded(self, head: TableHead, lines: bytes) -> list[Row]:
        try:
            rows: list[Row] = [*msgspec.json.Decoder(list[object]).decode_lines(lines)]
            if any(len(row) != len(head.columns) for row in rows):
                raise DumpRefused(f"is damaged: a row of {head.table} has not as many values as there are columns")
            places = [head.columns.index(name) for name in head.blobs]
            return [_with_blobs(row, places) for row in rows] if places else rows
        except (msgspec.DecodeError, UnicodeDecodeError, Base64Error, ValueError) as error:
            raise DumpRefused(f"is damaged: a row of {head.table} cannot be read") from error


def _with_blobs(row: Row, places: Sequence[int]) -> Row:
    values = list(row)
    for place in places:
        if isinstance(values[place], str):
            values[place] = b64decode(values[place], validate=True)
    return values
