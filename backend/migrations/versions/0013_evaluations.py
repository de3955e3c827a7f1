"""What runs have found on held-out rows stands in rows of its own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evaluation",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("job_id", sa.String(64), sa.ForeignKey("job.id", ondelete="CASCADE"), nullable=False, unique=True),
        sa.Column("dataset_id", sa.String(64), sa.ForeignKey("dataset.id", ondelete="SET NULL")),
        sa.Column("dataset_sha256", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("figures", JSONB(), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_evaluation_dataset_id", "evaluation", ["dataset_id"])
    op.create_index("ix_evaluation_dataset_sha256", "evaluation", ["dataset_sha256"])
    op.create_index("ix_evaluation_created_at", "evaluation", ["created_at", "id"])


def downgrade() -> None:
    op.drop_table("evaluation")
