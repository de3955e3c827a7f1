"""Curves summed up in buckets, and indexes for what is filtered and read from its end."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Spans as in tables/metric_bucket.py; a test compares the two.
# The least and the greatest of pairs (step, value) stand for aggregates in order, which would sort every bucket.
ROLL_UP = """
CREATE FUNCTION roll_up_points(job varchar, names varchar[], low bigint, high bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    width bigint := 8;
BEGIN
    INSERT INTO metric_bucket
    SELECT job_id, name, width, bucket, points, a[1], a[2], z[1], z[2], least[2], least[1], -most[2], most[1], odd[1], odd[2]
    FROM (
        SELECT
            job_id, name, step / width AS bucket, count(*) AS points,
            min(ARRAY[step, value]) AS a,
            max(ARRAY[step, value]) AS z,
            min(ARRAY[value, step]) FILTER (WHERE value > '-Infinity' AND value < 'Infinity') AS least,
            max(ARRAY[value, -step]) FILTER (WHERE value > '-Infinity' AND value < 'Infinity') AS most,
            min(ARRAY[step, value]) FILTER (WHERE NOT (value > '-Infinity' AND value < 'Infinity')) AS odd
        FROM metric_point
        WHERE job_id = job AND name = ANY (names) AND step >= low / width * width AND step < (high / width + 1) * width
        GROUP BY job_id, name, step / width
    ) AS summed
    ON CONFLICT (job_id, name, span, bucket) DO UPDATE SET
        points = excluded.points,
        first_step = excluded.first_step, first_value = excluded.first_value,
        last_step = excluded.last_step, last_value = excluded.last_value,
        min_step = excluded.min_step, min_value = excluded.min_value,
        max_step = excluded.max_step, max_value = excluded.max_value,
        odd_step = excluded.odd_step, odd_value = excluded.odd_value;
    FOR level IN 2..15 LOOP
        INSERT INTO metric_bucket
        SELECT job_id, name, width * 2, whole, points, a[1], a[2], z[1], z[2], least[2], least[1], -most[2], most[1], odd[1], odd[2]
        FROM (
            SELECT
                job_id, name, bucket / 2 AS whole, sum(points) AS points,
                min(ARRAY[first_step, first_value]) AS a,
                max(ARRAY[last_step, last_value]) AS z,
                min(ARRAY[min_value, min_step]) FILTER (WHERE min_step IS NOT NULL) AS least,
                max(ARRAY[max_value, -max_step]) FILTER (WHERE max_step IS NOT NULL) AS most,
                min(ARRAY[odd_step, odd_value]) FILTER (WHERE odd_step IS NOT NULL) AS odd
            FROM metric_bucket
            WHERE job_id = job AND name = ANY (names) AND span = width
                AND bucket >= low / (width * 2) * 2 AND bucket < (high / (width * 2) + 1) * 2
            GROUP BY job_id, name, bucket / 2
        ) AS summed
        ON CONFLICT (job_id, name, span, bucket) DO UPDATE SET
            points = excluded.points,
            first_step = excluded.first_step, first_value = excluded.first_value,
            last_step = excluded.last_step, last_value = excluded.last_value,
            min_step = excluded.min_step, min_value = excluded.min_value,
            max_step = excluded.max_step, max_value = excluded.max_value,
            odd_step = excluded.odd_step, odd_value = excluded.odd_value;
        width := width * 2;
    END LOOP;
END
$$
"""
FILL = """
SELECT roll_up_points(job_id, array_agg(DISTINCT name), min(step), max(step)) FROM metric_point GROUP BY job_id
"""
SHOWN_BY_OPENAI = sa.text("type IN ('state', 'metrics', 'log', 'checkpoint')")


def _steps_and_values(*names: str) -> list[sa.Column]:
    columns: list[sa.Column] = []
    for name in names:
        columns.append(sa.Column(f"{name}_step", sa.BigInteger(), nullable=name not in ("first", "last")))
        columns.append(sa.Column(f"{name}_value", sa.Double(), nullable=name not in ("first", "last")))
    return columns


def upgrade() -> None:
    op.create_table(
        "metric_bucket",
        sa.Column("job_id", sa.String(64), sa.ForeignKey("job.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("span", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("bucket", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        *_steps_and_values("first", "last", "min", "max", "odd"),
    )
    op.execute(ROLL_UP)
    op.execute(FILL)
    op.create_index("ix_event_type", "event", ["job_id", "type", "seq"])
    op.create_index("ix_event_history", "event", ["job_id", "at", "seq"], postgresql_where=SHOWN_BY_OPENAI)
    op.create_index("ix_artifact_kind", "artifact", ["job_id", "kind", "created_at"])
    op.create_index("ix_job_state", "job", ["state", "created_at", "id"])
    op.create_index("ix_job_recipe", "job", ["recipe", "created_at", "id"])
    op.create_index("ix_job_dataset", "job", [sa.text("(inputs ->> 'dataset_id')"), "created_at", "id"])
    op.create_index("ix_job_base_model", "job", [sa.text("(inputs ->> 'base_model')")])
    op.create_index("ix_job_openai", "job", ["created_at", "id"], postgresql_where=sa.text("facts ? 'openai'"))
    op.create_index("ix_job_resumes", "job", ["resumes_job_id"], postgresql_where=sa.text("resumes_job_id IS NOT NULL"))


def downgrade() -> None:
    for name in ("resumes", "openai", "base_model", "dataset", "recipe", "state"):
        op.drop_index(f"ix_job_{name}", "job")
    op.drop_index("ix_artifact_kind", "artifact")
    op.drop_index("ix_event_history", "event")
    op.drop_index("ix_event_type", "event")
    op.execute("DROP FUNCTION roll_up_points(varchar, varchar[], bigint, bigint)")
    op.drop_table("metric_bucket")
