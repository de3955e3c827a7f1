"""Webhooks, and what each of them is told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("shape", sa.String(16), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("events", JSONB(), nullable=False),
        sa.Column("pages_url", sa.Text(), nullable=True),
        sa.Column("is_signed", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("from_settings", sa.Boolean(), nullable=False),
        _moment("created_at"),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("webhook_id", sa.String(40), sa.ForeignKey("webhook.id", ondelete="CASCADE"), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=True),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("about", JSONB(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _moment("next_at"),
        _moment("created_at"),
        _moment("ended_at", nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(32), nullable=True),
        sa.UniqueConstraint("webhook_id", "job_id", "event", name="uq_webhook_delivery_event"),
    )
    due = sa.text("state IN ('waiting', 'sending')")
    op.create_index("ix_webhook_delivery_due", "webhook_delivery", ["next_at"], postgresql_where=due)
    op.create_index("ix_webhook_delivery_history", "webhook_delivery", ["webhook_id", "created_at", "id"])


def downgrade() -> None:
    op.drop_table("webhook_delivery")
    op.drop_table("webhook")
