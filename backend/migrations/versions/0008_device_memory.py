"""What a job needs of its accelerator's memory is no more booked as the machine's."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("device_memory_bytes", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(
        """
        UPDATE job SET device_memory_bytes = memory_bytes, memory_bytes = 0
        WHERE forecast #>> '{memory,device}' = 'cuda'
        """
    )
    op.alter_column("job", "device_memory_bytes", server_default=None)


def downgrade() -> None:
    op.execute("UPDATE job SET memory_bytes = device_memory_bytes WHERE device_memory_bytes > 0")
    op.drop_column("job", "device_memory_bytes")
