"""Who needs what is a row with foreign keys, kept by triggers: what is in use cannot be deleted, whoever asks."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NEEDERS = {"job_id": "job", "deployment_id": "deployment", "base_model_id": "base_model"}
NEEDED = {"needed_job_id": "job", "needed_dataset_id": "dataset", "needed_base_model_id": "base_model"}

# Ids of folders below `jobs/` or `models/` that a text names, relative or absolute, as a path or within JSON.
FOLDERS = r"""
CREATE FUNCTION folders_named(within text, room text) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT found[1] FROM regexp_matches(within, '(?:^|[/"])' || room || '/([^/"]+)(?=/)', 'g') AS found
$$
"""
# What it reads, whatever its recipe calls it; what it waits for; the checkpoints that it may begin with: those of the job
# it resumes, and of the one that this resumed while it kept none. A base may be named by its id or by a reference, here
# and in the settings of what imports it. Only what is there is noted: what is not imported yet is no row.
OF_JOB = """
CREATE FUNCTION note_needs_of_job(one job) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM need WHERE job_id = one.id;
    IF one.state IN ('completed', 'failed', 'cancelled') THEN
        RETURN;
    END IF;
    INSERT INTO need (job_id, needed_dataset_id)
    SELECT one.id, id FROM dataset WHERE id IN (SELECT value FROM jsonb_each_text(one.inputs));
    INSERT INTO need (job_id, needed_job_id)
    WITH RECURSIVE resumed AS (
        SELECT one.resumes_job_id AS id
        UNION
        SELECT job.resumes_job_id FROM resumed JOIN job ON job.id = resumed.id
        WHERE NOT EXISTS (SELECT FROM artifact WHERE artifact.job_id = job.id AND artifact.kind = 'checkpoint')
    )
    SELECT one.id, job.id FROM job WHERE job.id <> one.id AND job.id IN (
        SELECT id FROM resumed
        UNION ALL SELECT value FROM jsonb_each_text(one.inputs)
        UNION ALL SELECT depends_on FROM job_dependency WHERE job_dependency.job_id = one.id
        UNION ALL SELECT folders_named(one.config ->> 'reference', 'jobs')
    );
    INSERT INTO need (job_id, needed_base_model_id)
    SELECT one.id, base_model.id FROM base_model
    WHERE EXISTS (
        SELECT FROM (SELECT value FROM jsonb_each_text(one.inputs) UNION ALL SELECT one.config ->> 'reference') AS named
        WHERE named.value IN (base_model.id, base_model.reference) OR base_model.facts -> 'requested' ? named.value
    );
END
$$
"""
OF_DEPLOYMENT = """
CREATE FUNCTION note_needs_of_deployment(one deployment) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM need WHERE deployment_id = one.id;
    IF one.state = 'rejected' THEN
        RETURN;
    END IF;
    INSERT INTO need (deployment_id, needed_job_id)
    SELECT one.id, job.id FROM job
    WHERE job.id IN (one.job_id, one.training_job_id)
        OR job.id IN (SELECT folders_named(one.files::text, 'jobs'));
    INSERT INTO need (deployment_id, needed_base_model_id)
    SELECT one.id, base_model.id FROM base_model
    WHERE base_model.id = one.base_model_id
        OR (base_model.path = 'models/' || base_model.id AND base_model.id IN (SELECT folders_named(one.files::text, 'models')));
END
$$
"""
OF_BASE_MODEL = """
CREATE FUNCTION note_needs_of_base_model(one base_model) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM need WHERE base_model_id = one.id;
    INSERT INTO need (base_model_id, needed_job_id)
    SELECT one.id, job.id FROM job WHERE job.id IN (
        SELECT folders_named(one.path || '/', 'jobs') UNION ALL SELECT folders_named(one.gguf_path || '/', 'jobs')
    );
    INSERT INTO need (base_model_id, needed_base_model_id)
    SELECT one.id, other.id FROM base_model AS other
    WHERE other.id <> one.id AND other.path = 'models/' || other.id
        AND other.id IN (SELECT folders_named(one.path || '/', 'models'));
END
$$
"""
# One who waits for a base that was not imported yet needs it from now on. The lock: one that ends just now is seen to have
# ended, or would need what it was waiting for ever after.
TRIGGERED = """
CREATE FUNCTION note_needs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    waiting job;
BEGIN
    CASE TG_TABLE_NAME
    WHEN 'job' THEN
        PERFORM note_needs_of_job(NEW);
    WHEN 'job_dependency' THEN
        PERFORM note_needs_of_job(job) FROM job WHERE job.id = NEW.job_id;
    WHEN 'deployment' THEN
        PERFORM note_needs_of_deployment(NEW);
    WHEN 'base_model' THEN
        PERFORM note_needs_of_base_model(NEW);
        FOR waiting IN
            SELECT * FROM job WHERE job.state NOT IN ('completed', 'failed', 'cancelled') AND EXISTS (
                SELECT FROM (SELECT value FROM jsonb_each_text(job.inputs) UNION ALL SELECT job.config ->> 'reference') AS named
                WHERE named.value IN (NEW.id, NEW.reference) OR NEW.facts -> 'requested' ? named.value
            ) ORDER BY job.id FOR UPDATE
        LOOP
            PERFORM note_needs_of_job(waiting);
        END LOOP;
    END CASE;
    RETURN NULL;
END
$$
"""
# A deployment's keys are left out: one that loses its job is one that was rejected, and needs nothing.
TRIGGERS = {
    "job": "INSERT OR UPDATE OF state, inputs, resumes_job_id",
    "job_dependency": "INSERT",
    "deployment": "INSERT OR UPDATE OF state, files",
    "base_model": "INSERT OR UPDATE OF path, gguf_path, reference, facts",
}
# What was deleted is named no more where a key stands now; jobs keep in `inputs` what they were asked with.
LOST = (
    "UPDATE deployment SET job_id = NULL WHERE job_id NOT IN (SELECT id FROM job)",
    "UPDATE deployment SET training_job_id = NULL WHERE training_job_id NOT IN (SELECT id FROM job)",
    "UPDATE deployment SET base_model_id = NULL WHERE base_model_id NOT IN (SELECT id FROM base_model)",
)
DEPLOYMENT_KEYS = {"job_id": "job", "training_job_id": "job", "base_model_id": "base_model"}


def _key(name: str, table: str, ondelete: str) -> sa.Column:
    return sa.Column(name, sa.String(64), sa.ForeignKey(f"{table}.id", ondelete=ondelete))


def upgrade() -> None:
    op.create_table(
        "need",
        sa.Column("id", sa.String(64), primary_key=True, server_default=sa.text("gen_random_uuid()::text")),
        *(_key(name, table, "CASCADE") for name, table in NEEDERS.items()),
        *(_key(name, table, "RESTRICT") for name, table in NEEDED.items()),
        sa.CheckConstraint(f"num_nonnulls({', '.join(NEEDERS)}) = 1", name="need_needer_check"),
        sa.CheckConstraint(f"num_nonnulls({', '.join(NEEDED)}) = 1", name="need_needed_check"),
    )
    for name in (*NEEDERS, *NEEDED):
        op.create_index(f"ix_need_{name}", "need", [name], postgresql_where=sa.text(f"{name} IS NOT NULL"))
    op.alter_column("deployment", "base_model_id", nullable=True)
    for statement in (*LOST, FOLDERS, OF_JOB, OF_DEPLOYMENT, OF_BASE_MODEL, TRIGGERED):
        op.execute(statement)
    for name, table in DEPLOYMENT_KEYS.items():
        op.create_foreign_key(
            f"deployment_{name}_fkey", "deployment", table, [name], ["id"], ondelete="SET NULL"
        )
    for table, when in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER note_needs AFTER {when} ON {table} FOR EACH ROW EXECUTE FUNCTION note_needs()")
    for table in ("job", "deployment", "base_model"):
        op.execute(f"SELECT note_needs_of_{table}({table}) FROM {table}")


def downgrade() -> None:
    for table in TRIGGERS:
        op.execute(f"DROP TRIGGER note_needs ON {table}")
    op.execute("DROP FUNCTION note_needs()")
    for table in ("job", "deployment", "base_model"):
        op.execute(f"DROP FUNCTION note_needs_of_{table}({table})")
    op.execute("DROP FUNCTION folders_named(text, text)")
    for name in DEPLOYMENT_KEYS:
        op.drop_constraint(f"deployment_{name}_fkey", "deployment")
    op.execute("DELETE FROM deployment WHERE base_model_id IS NULL")
    op.alter_column("deployment", "base_model_id", nullable=False)
    op.drop_table("need")
