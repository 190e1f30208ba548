"""An index over the words of lines and letters, which the server fills behind what is written."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE search_heads (
    room_id BIGINT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL
){clustered};
"""
TABLES = {
    "sqlite": """
CREATE VIRTUAL TABLE line_words USING fts5(words, tokenize = 'ascii', detail = 'none', columnsize = 0);
CREATE VIRTUAL TABLE letter_words USING fts5(words, tokenize = 'ascii', detail = 'none', columnsize = 0);
""",
    "postgresql": """
CREATE TABLE line_words (rowid BIGINT NOT NULL PRIMARY KEY, words TSVECTOR NOT NULL);
CREATE INDEX line_words_by_word ON line_words USING gin (words);
CREATE TABLE letter_words (rowid BIGINT NOT NULL PRIMARY KEY, words TSVECTOR NOT NULL);
CREATE INDEX letter_words_by_word ON letter_words USING gin (words);
""",
}


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
    run(op.get_bind(), TABLES[op.get_bind().dialect.name])
