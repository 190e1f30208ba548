"""What the two engines spell differently in migrations."""

from typing import Any

DIALECTS = {
    "sqlite": {
        "id": "INTEGER PRIMARY KEY AUTOINCREMENT",
        "sorted": "TEXT",
        "bytes": "BLOB",
        "clustered": " WITHOUT ROWID",
    },
    "postgresql": {
        "id": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "sorted": 'TEXT COLLATE "C"',
        "bytes": "BYTEA",
        "clustered": "",
    },
}
"""`sorted` text is in the order of code points wherever the database was made."""


def run(connection: Any, statements: str) -> None:
    """Statements with these words in braces, each ended by a semicolon at the end of a line."""
    words = DIALECTS[connection.dialect.name]
    for statement in statements.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.format(**words))
