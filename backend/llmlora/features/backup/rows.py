"""The rows of all tables as CSV: out of one snapshot, and back in one transaction, whatever PostgreSQL is on either side.

The tables themselves are not written down: the migrations make them, those of the backup's revision first.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlmodel import SQLModel, col, select

import llmlora.tables  # noqa: F401 - registers all tables
from llmlora.contracts.states import JobState
from llmlora.engine.embedded.migrate import upgrade
from llmlora.engine.jobs.event_store import forget_checkpoints
from llmlora.engine.jobs.queue import STOPPING, finish_job, requeue_job
from llmlora.features.backup.archive import Archive
from llmlora.features.backup.errors import BackupDamagedError
from llmlora.features.backup.schemas import Member, SavedTable
from llmlora.kit.db import Database
from llmlora.kit.files import OnBytes
from llmlora.tables.job import JobRow

# Secrets, who is signed in and where backups lie belong to the machine; workers, uploads in pieces, kept answers and messages
# on their way to the moment: the studio that was backed up delivers its own, and a restored one must not do it again.
LEFT_OUT = frozenset(
    {"backup", "browser_session", "idempotency", "secret", "upload", "webhook_delivery", "worker"}
)
RESTORED = "restored"
"""Reason of the change of state of a job that ran when the backup was made."""
_SETTINGS = ("SET LOCAL datestyle = 'ISO, YMD'", "SET LOCAL timezone = 'UTC'")

# What PostgreSQL says of the rows; all else it says of itself.
_BAD_ROWS = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.UndefinedColumnError)


class DumpedTable(NamedTuple):
    """A table as it was written: its columns in order, and how many rows."""

    name: str
    columns: tuple[str, ...]
    rows: int


@asynccontextmanager
async def snapshot(database: Database) -> AsyncIterator[Any]:
    """An asyncpg connection that sees one moment, however long it looks."""
    async with database.engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        async with raw.transaction(isolation="repeatable_read", readonly=True):
            for setting in _SETTINGS:
                await raw.execute(setting)
            yield raw


async def dump_rows(raw: Any, directory: Path) -> list[DumpedTable]:
    """Write every table that is kept to `directory`, in an order in which they can be filled again."""
    directory.mkdir(parents=True, exist_ok=True)
    dumped = []
    for table in SQLModel.metadata.sorted_tables:
        if table.name in LEFT_OUT:
            continue
        columns = await _columns(raw, table.name)
        told = await raw.copy_from_table(
            table.name, columns=columns, output=directory / f"{table.name}.csv", format="csv", header=True
        )
        dumped.append(DumpedTable(table.name, columns, int(told.split()[-1])))
    return dumped


async def size_of_tables(raw: Any) -> int:
    """Bytes that the tables take now, indices left out: about what their rows take as text."""
    return int(
        await raw.fetchval(
            "SELECT coalesce(sum(pg_table_size(oid)), 0) FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
    )


async def load_rows(connection: AsyncConnection, archive: Archive, on_bytes: OnBytes) -> tuple[str, ...]:
    """Make the tables of the backup's revision, fill them and bring them to this version; ids of requeued jobs.

    All of it happens in the connection's transaction, which notes whose backup it holds (`restored_from`).

    Raises:
        BackupDamagedError: a table's rows are not those that were written, or no backup has such a table.
    """
    manifest = archive.manifest
    for setting in _SETTINGS:
        await connection.execute(text(setting))
    await connection.run_sync(upgrade, manifest.schema_revision)
    raw: Any = (await connection.get_raw_connection()).driver_connection
    known = frozenset(await tables_of(connection)) - LEFT_OUT
    for table in manifest.tables:
        if table.name not in known:
            raise BackupDamagedError(
                path=archive.path,
                member=table.member,
                problem_ja="、バックアップに含まれるはずのない表です",
                problem_en="is a table that no backup has",
            )
        await _fill(connection, raw, archive, table, on_bytes)
    await connection.run_sync(upgrade)
    requeued = await _requeue(connection)
    await connection.execute(text(f"COMMENT ON TABLE alembic_version IS '{_note(archive)}'"))
    return requeued


async def restored_from(connection: AsyncConnection, archive: Archive) -> bool:
    """Whether `load_rows` has filled this database from that backup."""
    told = await connection.scalar(text("SELECT obj_description(to_regclass('alembic_version'), 'pg_class')"))
    return bool(told == _note(archive))


async def forget_note(connection: AsyncConnection) -> None:
    """The restore is over: from now on these are tables like all others."""
    await connection.execute(text("COMMENT ON TABLE alembic_version IS NULL"))


async def tables_of(connection: AsyncConnection) -> list[str]:
    """The tables that stand in the database."""
    named = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
    return [str(name) for name in await connection.scalars(text(named))]


def _note(archive: Archive) -> str:
    return f"restored from {archive.manifest_sha256}"


async def _columns(raw: Any, table: str) -> tuple[str, ...]:
    rows = await raw.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass($1) "
        "AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        table,
    )
    return tuple(row["attname"] for row in rows)


async def _fill(
    connection: AsyncConnection, raw: Any, archive: Archive, table: SavedTable, on_bytes: OnBytes
) -> None:
    member = Member(name=table.member, size_bytes=table.size_bytes, sha256=table.sha256)

    async def pieces() -> AsyncIterator[bytes]:
        for piece in archive.pieces(member):
            yield piece
            on_bytes(len(piece))

    # Triggers keep the rules of a life that has been lived: a job that is completed cannot be born so.
    await connection.execute(text(f'ALTER TABLE "{table.name}" DISABLE TRIGGER USER'))
    try:
        told = await raw.copy_to_table(
            table.name, columns=table.columns, source=pieces(), format="csv", header=True
        )
    except _BAD_ROWS as error:
        raise _unreadable(archive, table, str(error)) from error
    if int(told.split()[-1]) != table.rows:
        raise _unreadable(archive, table, told)
    await connection.execute(text(f'ALTER TABLE "{table.name}" ENABLE TRIGGER USER'))


def _unreadable(archive: Archive, table: SavedTable, why: str) -> BackupDamagedError:
    return BackupDamagedError(
        path=archive.path,
        member=table.member,
        problem_ja=f"読み込めません（{why}）",
        problem_en=f"cannot be read ({why})",
    )


async def _requeue(connection: AsyncConnection) -> tuple[str, ...]:
    """Jobs that ran go on from their checkpoints; those that were to be cancelled are."""
    requeued = []
    async with AsyncSession(bind=connection, expire_on_commit=False) as session:
        running = select(JobRow).where(col(JobRow.state) == JobState.RUNNING).with_for_update()
        for job in (await session.scalars(running)).all():
            if job.desired in STOPPING:
                if not job.keep_checkpoint:
                    await forget_checkpoints(session, job.id)
                await finish_job(session, job, JobState.CANCELLED, reason=RESTORED)
            else:
                await requeue_job(session, job, reason=RESTORED)
                requeued.append(job.id)
        await session.flush()
    return tuple(requeued)
