"""PostgreSQL writes the plain posts of one turn in one statement: see adapters/sql/posts.py."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

APPEND_TEXTS = """
CREATE FUNCTION append_texts(
    lock BIGINT, lock_ms BIGINT, at BIGINT, since BIGINT, rooms BIGINT[], actors BIGINT[], texts TEXT[], keys TEXT[]
) RETURNS TABLE (place BIGINT, seq BIGINT, at_ms BIGINT) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('lock_timeout', lock_ms::TEXT, true);
    PERFORM pg_advisory_xact_lock_shared(lock);
    PERFORM 1 FROM room_heads h WHERE h.room_id = ANY (rooms) ORDER BY h.room_id FOR UPDATE;
    RETURN QUERY
    WITH asked AS (
        SELECT u.place, u.room_id, u.actor_id, u.text, u.post_key
        FROM unnest(rooms, actors, texts, keys) WITH ORDINALITY AS u (room_id, actor_id, text, post_key, place)
    ), plain AS (
        SELECT a.place, a.room_id, a.actor_id, a.text, a.post_key,
               row_number() OVER (PARTITION BY a.room_id ORDER BY a.place) AS nth
        FROM asked a
        JOIN occupants o ON o.room_id = a.room_id AND o.account_id = a.actor_id AND o.written_ms >= since
        LEFT JOIN room_marks m ON m.room_id = a.room_id AND m.account_id = a.actor_id
        WHERE coalesce(m.silent_ms, 0) <= at AND coalesce(m.muted_ms, 0) <= at
          AND NOT EXISTS (SELECT 1 FROM room_lines l WHERE l.actor_id = a.actor_id AND l.post_key = a.post_key)
    ), heads AS (
        UPDATE room_heads h
        SET head_seq = h.head_seq + c.lines, head_ms = greatest(h.head_ms, at - 2) + 2 * c.lines
        FROM (SELECT p.room_id, count(*) AS lines FROM plain p GROUP BY p.room_id) c
        WHERE h.room_id = c.room_id
        RETURNING h.room_id, h.head_seq - c.lines AS seq_before, h.head_ms - 2 * c.lines AS ms_before
    ), added AS (
        INSERT INTO room_lines
            (room_id, seq, at_ms, kind, actor_id, target_id, text, number, hidden, post_key)
        SELECT p.room_id, h.seq_before + p.nth, h.ms_before + 2 * p.nth, 'text', p.actor_id, NULL, p.text, 0, '',
               p.post_key
        FROM plain p JOIN heads h ON h.room_id = p.room_id
    ), written AS (
        UPDATE occupants o SET written_ms = at
        FROM (SELECT DISTINCT p.room_id, p.actor_id FROM plain p) w
        WHERE o.room_id = w.room_id AND o.account_id = w.actor_id AND o.written_ms <= at - 1000
    )
    SELECT p.place, h.seq_before + p.nth, h.ms_before + 2 * p.nth FROM plain p JOIN heads h ON h.room_id = p.room_id;
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.get_bind().exec_driver_sql(APPEND_TEXTS)
