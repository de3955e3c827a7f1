"""Alembic's entry: runs on the connection that `engine.embedded.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

import llmlora.tables  # noqa: F401 - registers all tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
