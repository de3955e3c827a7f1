"""A name belongs to the deployment that is ready: the one that is to take its place is judged beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("deployment_name_key", "deployment", type_="unique")
    op.create_index("ix_deployment_name", "deployment", ["name"])
    op.create_index(
        "ix_deployment_ready_name",
        "deployment",
        ["name"],
        unique=True,
        postgresql_where=sa.text("state = 'ready'"),
    )
