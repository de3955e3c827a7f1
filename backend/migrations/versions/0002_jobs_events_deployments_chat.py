"""Jobs with their guard, events, metric points, artifacts, deployments, workers, chats, uploads."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Allowed transitions as in contracts/states.py; a test compares the two.
GUARD = """
CREATE FUNCTION guard_job() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    final CONSTANT text[] := ARRAY['completed', 'failed', 'cancelled'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF NOT OLD.state = ANY (final) THEN
            RAISE EXCEPTION 'job %: a job that is % cannot be deleted', OLD.id, OLD.state USING ERRCODE = 'check_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('pending', 'queued') OR NEW.epoch <> 0 THEN
            RAISE EXCEPTION 'job %: born as % in epoch %', NEW.id, NEW.state, NEW.epoch USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = ANY (final) THEN
        RAISE EXCEPTION 'job %: % is final', OLD.id, OLD.state USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.id <> OLD.id OR NEW.recipe <> OLD.recipe OR NEW.config <> OLD.config THEN
        RAISE EXCEPTION 'job %: what it does cannot change', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.epoch < OLD.epoch OR NEW.head_seq < OLD.head_seq THEN
        RAISE EXCEPTION 'job %: epoch or head_seq falls', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = OLD.state THEN
        IF NEW.epoch <> OLD.epoch THEN
            RAISE EXCEPTION 'job %: the epoch changes without a claim', OLD.id USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NOT (
        (OLD.state = 'pending' AND NEW.state IN ('queued', 'cancelled')) OR
        (OLD.state = 'queued' AND NEW.state IN ('running', 'cancelled')) OR
        (OLD.state = 'running' AND NEW.state IN ('completed', 'failed', 'cancelled', 'queued'))
    ) THEN
        RAISE EXCEPTION 'job %: % cannot become %', OLD.id, OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'running' AND NEW.epoch <> OLD.epoch + 1 THEN
        RAISE EXCEPTION 'job %: a claim raises the epoch by one', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> 'running' AND NEW.epoch <> OLD.epoch THEN
        RAISE EXCEPTION 'job %: the epoch changes without a claim', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$
"""
TRIGGER = """
CREATE TRIGGER guard_job BEFORE INSERT OR UPDATE OR DELETE ON job FOR EACH ROW EXECUTE FUNCTION guard_job()
"""


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _json(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, postgresql.JSONB(), nullable=nullable)


def _job_key(name: str = "job_id", **more: bool) -> sa.Column:
    return sa.Column(name, sa.String(64), sa.ForeignKey("job.id", ondelete="CASCADE"), **more)


def _make_jobs() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("recipe", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("desired", sa.String(8), nullable=False),
        sa.Column("keep_checkpoint", sa.Boolean(), nullable=False),
        _json("config"),
        _json("inputs"),
        sa.Column("device", sa.String(8), nullable=False),
        sa.Column("cpus", sa.Integer(), nullable=False),
        sa.Column("wants_gpu", sa.Boolean(), nullable=False),
        sa.Column("memory_bytes", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        _moment("lease_until", nullable=True),
        sa.Column("worker_id", sa.String(64)),
        _moment("next_run_at"),
        sa.Column("head_seq", sa.BigInteger(), nullable=False),
        sa.Column("src_head", sa.BigInteger(), nullable=False),
        _json("progress", nullable=True),
        _json("latest_metrics"),
        _json("reports"),
        _json("failure", nullable=True),
        _json("forecast", nullable=True),
        sa.Column("resumes_job_id", sa.String(64)),
        sa.Column("group_id", sa.String(64)),
        _json("facts"),
        _moment("created_at"),
        _moment("started_at", nullable=True),
        _moment("finished_at", nullable=True),
    )
    op.create_index("ix_job_queue", "job", ["priority", "created_at"], postgresql_where=sa.text("state = 'queued'"))
    op.create_index("ix_job_lease", "job", ["lease_until"], postgresql_where=sa.text("state = 'running'"))
    op.create_index("ix_job_created", "job", ["created_at", "id"])
    op.create_index("ix_job_group_id", "job", ["group_id"])
    op.execute(GUARD)
    op.execute(TRIGGER)


def _make_facts_of_jobs() -> None:
    op.create_table("job_dependency", _job_key(primary_key=True), _job_key("depends_on", primary_key=True))
    op.create_index("ix_job_dependency_depends_on", "job_dependency", ["depends_on"])
    op.create_table(
        "event",
        _job_key(primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("src_seq", sa.BigInteger()),
        _moment("at"),
        sa.Column("type", sa.String(16), nullable=False),
        _json("body"),
        sa.UniqueConstraint("job_id", "epoch", "src_seq", name="uq_event_source"),
    )
    op.create_table(
        "metric_point",
        _job_key(primary_key=True),
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("step", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        _moment("at"),
    )
    op.create_table(
        "artifact",
        sa.Column("id", sa.String(64), primary_key=True),
        _job_key(nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.BigInteger()),
        _json("facts"),
        _moment("created_at"),
    )
    op.create_index("ix_artifact_job_id", "artifact", ["job_id"])


def _make_deployments() -> None:
    op.create_table(
        "deployment",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False, unique=True),
        sa.Column("target", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("job_id", sa.String(64)),
        sa.Column("training_job_id", sa.String(64)),
        sa.Column("base_model_id", sa.String(64), nullable=False),
        _json("files"),
        _json("gates", nullable=True),
        _moment("created_at"),
        _moment("ready_at", nullable=True),
    )
    for column in ("job_id", "training_job_id", "base_model_id"):
        op.create_index(f"ix_deployment_{column}", "deployment", [column])
    op.create_table(
        "worker",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        _json("capacity"),
        _moment("started_at"),
        _moment("seen_at"),
    )


def _make_chats() -> None:
    op.create_table(
        "chat_session",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("system", sa.Text()),
        _json("models"),
        _json("settings"),
        _moment("created_at"),
        _moment("updated_at"),
    )
    op.create_index("ix_chat_session_updated_at", "chat_session", ["updated_at"])
    op.create_table(
        "chat_message",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("session_id", sa.String(64), sa.ForeignKey("chat_session.id", ondelete="CASCADE"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("model", sa.Text()),
        sa.Column("content", sa.Text(), nullable=False),
        _json("facts"),
        _moment("created_at"),
    )
    op.create_index("ix_chat_message_session_id", "chat_message", ["session_id"])


def _make_requests() -> None:
    op.create_table(
        "idempotency",
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("route", sa.String(255), primary_key=True),
        sa.Column("request_sha256", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer()),
        _json("headers", nullable=True),
        sa.Column("response", sa.Text()),
        _moment("created_at"),
    )
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"])
    op.create_table(
        "upload",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64)),
        _json("facts"),
        _moment("created_at"),
    )


def upgrade() -> None:
    _make_jobs()
    _make_facts_of_jobs()
    _make_deployments()
    _make_chats()
    _make_requests()


def downgrade() -> None:
    tables = ("upload", "idempotency", "chat_message", "chat_session", "worker", "deployment")
    for table in (*tables, "artifact", "metric_point", "event", "job_dependency", "job"):
        op.drop_table(table)
    op.execute("DROP FUNCTION guard_job()")
