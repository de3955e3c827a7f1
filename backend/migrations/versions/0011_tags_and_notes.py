"""Tags and a note on what people keep in order; the name of a job that has ended may change; words are found in any script."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

LABELLED = ("dataset", "job", "base_model", "deployment", "chat_session")

KATAKANA = "".join(chr(code) for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE))
HIRAGANA = "".join(chr(code) for code in (*range(0x3041, 0x3097), 0x309D, 0x309E))
# Full and half width, upper and lower case, katakana and hiragana are one. Only the collation of PostgreSQL's own knows
# the letters of all languages, wherever the database was made; before version 17 there is none.
SEARCHABLE = """
CREATE FUNCTION searchable(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE
        WHEN octet_length(words) = length(words) THEN lower(words {collation})
        ELSE translate(lower(normalize(words, NFKC) {collation}), '{katakana}', '{hiragana}')
    END
$$
"""

FINAL = "RAISE EXCEPTION 'job %: % is final'"
# What a job was asked and has done is final; what people call it is not.
FINAL_BUT_WORDS = """IF to_jsonb(NEW) - ARRAY['name', 'tags', 'note'] = to_jsonb(OLD) - ARRAY['name', 'tags', 'note'] THEN
            RETURN NEW;
        END IF;
        """


def _rewrite_guard(old: str, new: str) -> None:
    connection = op.get_bind()
    source = connection.scalar(sa.text("SELECT pg_get_functiondef('guard_job'::regproc)"))
    assert old in source
    connection.exec_driver_sql(source.replace(old, new))


def upgrade() -> None:
    for table in LABELLED:
        op.add_column(
            table,
            sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'::text[]")),
        )
        op.add_column(table, sa.Column("note", sa.Text(), nullable=False, server_default=sa.text("''")))
    _rewrite_guard(FINAL, FINAL_BUT_WORDS + FINAL)
    knows_letters = "SELECT count(*) FROM pg_collation WHERE collname = 'pg_c_utf8'"
    collation = 'COLLATE "pg_c_utf8"' if op.get_bind().scalar(sa.text(knows_letters)) else ""
    op.execute(SEARCHABLE.format(collation=collation, katakana=KATAKANA, hiragana=HIRAGANA))
    # Turns are long: folded once, not with every search.
    op.add_column(
        "chat_message",
        sa.Column("searched", sa.Text(), sa.Computed("searchable(content)", persisted=True), nullable=True),
    )


def downgrade() -> None:
    op.drop_column("chat_message", "searched")
    op.execute("DROP FUNCTION searchable(text)")
    _rewrite_guard(FINAL_BUT_WORDS, "")
    for table in LABELLED:
        op.drop_column(table, "note")
        op.drop_column(table, "tags")
