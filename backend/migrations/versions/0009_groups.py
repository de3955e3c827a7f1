"""Groups are a table: a job has one, a resume stays in it, and with its last job it goes."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KINDS = "'chain', 'batch', 'sweep', 'pipeline', 'comparison'"

# A resume began a group of its own: all of that goes on in the group of what was resumed, and of what that resumed.
ONE_PLACE = """
WITH RECURSIVE went_on AS (
    SELECT DISTINCT again.group_id AS own, halted.group_id AS earlier
    FROM job AS again JOIN job AS halted ON halted.id = again.resumes_job_id
    WHERE again.group_id <> halted.group_id
), reached AS (
    SELECT own, earlier FROM went_on
    UNION
    SELECT reached.own, went_on.earlier FROM reached JOIN went_on ON went_on.own = reached.earlier
)
UPDATE job SET group_id = first.earlier
FROM (
    SELECT own, min(earlier) AS earlier FROM reached
    WHERE NOT EXISTS (SELECT FROM went_on WHERE went_on.own = reached.earlier) GROUP BY own
) AS first
WHERE job.group_id = first.own
"""
FILL = """
INSERT INTO job_group (id, kind, name, created_at)
SELECT DISTINCT ON (group_id) group_id, 'chain', name, created_at FROM job ORDER BY group_id, created_at, id
"""
# The lock lets one that joins the group just now be seen, or wait and find it gone.
LEAVE = """
CREATE FUNCTION leave_group() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    left_group varchar := CASE TG_TABLE_NAME WHEN 'job' THEN to_jsonb(OLD) ->> 'group_id' ELSE to_jsonb(OLD) ->> 'parent_id' END;
BEGIN
    PERFORM FROM job_group WHERE id = left_group FOR UPDATE;
    DELETE FROM job_group WHERE id = left_group
        AND NOT EXISTS (SELECT FROM job WHERE group_id = left_group)
        AND NOT EXISTS (SELECT FROM job_group AS inner_group WHERE inner_group.parent_id = left_group);
    RETURN NULL;
END
$$
"""
LEAVING = "CREATE TRIGGER leave_group AFTER DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION leave_group()"


def upgrade() -> None:
    op.create_table(
        "job_group",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("objective", sa.Text()),
        sa.Column("created_by", sa.Text()),
        sa.Column("parent_id", sa.String(64), sa.ForeignKey("job_group.id")),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"kind IN ({KINDS})", name="job_group_kind_check"),
    )
    op.create_index(
        "ix_job_group_parent_id", "job_group", ["parent_id"], postgresql_where=sa.text("parent_id IS NOT NULL")
    )
    # What has ended changes its group here, and never again.
    op.execute("ALTER TABLE job DISABLE TRIGGER guard_job")
    op.execute("UPDATE job SET group_id = id WHERE group_id IS NULL")
    op.execute(ONE_PLACE)
    op.execute("ALTER TABLE job ENABLE TRIGGER guard_job")
    op.execute(FILL)
    op.alter_column("job", "group_id", nullable=False)
    op.create_foreign_key("job_group_id_fkey", "job", "job_group", ["group_id"], ["id"])
    op.execute(LEAVE)
    for table in ("job", "job_group"):
        op.execute(LEAVING.format(table=table))


def downgrade() -> None:
    for table in ("job", "job_group"):
        op.execute(f"DROP TRIGGER leave_group ON {table}")
    op.execute("DROP FUNCTION leave_group()")
    op.drop_constraint("job_group_id_fkey", "job")
    op.alter_column("job", "group_id", nullable=True)
    op.drop_table("job_group")
