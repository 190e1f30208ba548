"""Personal tokens, and the sessions that they make."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE personal_tokens (
    id {id},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT,
    used_ms BIGINT,
    bot SMALLINT NOT NULL,
    read_only SMALLINT NOT NULL,
    protocols TEXT NOT NULL,
    rooms TEXT NOT NULL,
    zones TEXT NOT NULL,
    names TEXT NOT NULL,
    types TEXT NOT NULL
);
CREATE INDEX personal_tokens_by_account ON personal_tokens (account_id, id);

ALTER TABLE sessions ADD COLUMN token_id BIGINT;
CREATE INDEX sessions_by_token ON sessions (token_id) WHERE token_id IS NOT NULL;
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
