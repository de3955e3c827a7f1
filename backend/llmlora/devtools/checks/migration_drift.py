"""`python -m llmlora.devtools.checks.migration_drift`: do the migrations make exactly the tables that the code declares?

Exit status 1 and the differences on standard output when they do not.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlmodel import SQLModel

import llmlora.tables  # noqa: F401 - registers all tables
from llmlora.engine.embedded.services import open_database
from llmlora.kit.settings import read_settings


def differences(connection: Connection) -> list[Any]:
    """What alembic would change to make the database equal the code."""
    return list(
        compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), SQLModel.metadata
        )
    )


async def main() -> int:
    """Migrate an empty database and compare."""
    with tempfile.TemporaryDirectory(prefix="llmlora-drift-") as directory:
        settings = read_settings().model_copy(
            update={"data_dir": Path(directory), "database_url": None, "redis_url": None}
        )
        async with open_database(settings) as database, database.engine.connect() as connection:
            found = await connection.run_sync(differences)
    for difference in found:
        sys.stdout.write(f"{difference}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
