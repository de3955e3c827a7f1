"""Groups can be paused, batches stop at a failure, and sweeps are rows: what is searched, and each point that was tried."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OUTCOMES = "'waiting', 'running', 'complete', 'pruned', 'failed', 'cancelled'"

# A sweep's group is the sweep's: it stays when the last of its jobs is deleted, with the trials and their values.
LEAVING = "NOT EXISTS (SELECT FROM job_group AS inner_group WHERE inner_group.parent_id = left_group)"
LEAVING_NO_SWEEP = f"{LEAVING}\n        AND NOT EXISTS (SELECT FROM sweep WHERE sweep.id = left_group)"


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _rewrite_leave_group(old: str, new: str) -> None:
    connection = op.get_bind()
    source = connection.scalar(sa.text("SELECT pg_get_functiondef('leave_group'::regproc)"))
    assert old in source
    connection.exec_driver_sql(source.replace(old, new))


def upgrade() -> None:
    op.add_column(
        "job_group", sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.add_column(
        "job_group",
        sa.Column("continue_on_error", sa.Boolean(), nullable=False, server_default=sa.text("true")),
    )
    op.alter_column("job_group", "paused", server_default=None)
    op.alter_column("job_group", "continue_on_error", server_default=None)
    op.create_table(
        "sweep",
        sa.Column("id", sa.String(64), sa.ForeignKey("job_group.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("recipe", sa.String(64), nullable=False),
        sa.Column("request", JSONB(), nullable=False),
        sa.Column("space", JSONB(), nullable=False),
        sa.Column("sampler", sa.String(16), nullable=False),
        sa.Column("objectives", JSONB(), nullable=False),
        sa.Column("pruner", JSONB(), nullable=False),
        sa.Column("trials", sa.Integer(), nullable=False),
        sa.Column("time_s", sa.Double()),
        sa.Column("no_progress", sa.Integer()),
        sa.Column("parallel", sa.Integer(), nullable=False),
        sa.Column("keep_best", sa.Integer()),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("spent_s", sa.Double(), nullable=False),
        _moment("active_since", nullable=True),
        sa.Column("extended_from", sa.Integer(), nullable=False),
        _moment("created_at"),
        _moment("ended_at", nullable=True),
        sa.Column("end_reason", sa.String(32)),
        sa.Column("failure", JSONB()),
        sa.Column("importance", JSONB()),
    )
    op.create_index("ix_sweep_created_at", "sweep", ["created_at", "id"])
    op.create_index("ix_sweep_open", "sweep", ["id"], postgresql_where=sa.text("ended_at IS NULL"))
    op.create_table(
        "trial",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("sweep_id", sa.String(64), sa.ForeignKey("sweep.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("point", JSONB(), nullable=False),
        sa.Column("point_hash", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(64), sa.ForeignKey("job.id", ondelete="SET NULL")),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("values", JSONB()),
        sa.Column("failure", JSONB()),
        sa.Column("judged_step", sa.BigInteger()),
        sa.Column("sampler_attrs", JSONB(), nullable=False),
        sa.Column("released", JSONB()),
        _moment("created_at"),
        _moment("finished_at", nullable=True),
        sa.CheckConstraint(f"outcome IN ({OUTCOMES})", name="trial_outcome_check"),
        sa.UniqueConstraint("sweep_id", "number", name="trial_sweep_id_number_key"),
        sa.UniqueConstraint("sweep_id", "point_hash", name="trial_sweep_id_point_hash_key"),
    )
    op.create_index("ix_trial_job_id", "trial", ["job_id"])
    _rewrite_leave_group(LEAVING, LEAVING_NO_SWEEP)


def downgrade() -> None:
    _rewrite_leave_group(LEAVING_NO_SWEEP, LEAVING)
    op.drop_table("trial")
    op.drop_table("sweep")
    op.drop_column("job_group", "continue_on_error")
    op.drop_column("job_group", "paused")
