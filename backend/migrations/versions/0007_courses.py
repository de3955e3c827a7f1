"""What a learner has done in the courses, and which backups were made here."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "course_tick",
        sa.Column("course", sa.String(64), primary_key=True),
        sa.Column("goal", sa.String(64), primary_key=True),
        sa.Column("by", sa.String(8), nullable=False),
        sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "backup",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, index=True),
    )


def downgrade() -> None:
    op.drop_table("backup")
    op.drop_table("course_tick")
