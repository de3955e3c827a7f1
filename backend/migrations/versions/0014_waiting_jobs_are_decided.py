"""A job that waits for its base model is decided when that is here (`auto`, ADR 0043); what is queued never changes."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

FIXED = "OR NEW.config <> OLD.config THEN"
FIXED_ONCE_QUEUED = "OR (NEW.config <> OLD.config AND (OLD.state <> 'pending' OR NEW.state <> 'pending')) THEN"


def _rewrite_guard(old: str, new: str) -> None:
    connection = op.get_bind()
    source = connection.scalar(sa.text("SELECT pg_get_functiondef('guard_job'::regproc)"))
    assert old in source
    connection.exec_driver_sql(source.replace(old, new))


def upgrade() -> None:
    _rewrite_guard(FIXED, FIXED_ONCE_QUEUED)


def downgrade() -> None:
    _rewrite_guard(FIXED_ONCE_QUEUED, FIXED)
