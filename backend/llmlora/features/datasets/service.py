"""Datasets: added once, found again by id or content, never changed.

Guarantee: a dataset exists when its row does; a failed or killed import leaves nothing that a later one does not clean.
"""

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path

from llmlora.contracts.dataset import DatasetKind
from llmlora.contracts.recipe import DatasetInput
from llmlora.data.errors import FileNotReadableError
from llmlora.data.importer_protocol import Identified, Progress, Request, Result
from llmlora.data.refusals import storable_text
from llmlora.data.rows import read_page
from llmlora.features.datasets import repository
from llmlora.features.datasets.errors import DatasetAmbiguousError, DatasetNotFoundError
from llmlora.features.datasets.importing import ProgressSink, run_importer
from llmlora.features.datasets.schemas import DatasetAdded, DatasetOut, DatasetPage
from llmlora.features.datasets.staging import incoming_directory, left_unsettled, mark_unsettled, settle
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.files import fsync_path
from llmlora.kit.ids import new_id
from llmlora.tables.dataset import DatasetRow

LIST_LIMIT = 1000


def ignore_progress(_progress: Progress) -> None:
    """For those who only want the result."""


async def add_dataset(
    database: Database,
    data_dir: Path,
    source: Path,
    *,
    name: str | None = None,
    kind: DatasetKind | None = None,
    mapping: Mapping[str, str] | None = None,
    on_progress: ProgressSink = ignore_progress,
) -> DatasetAdded:
    """Read a file into a dataset, or find the one it is already.

    `kind` and `mapping` (canonical name → column) override what is detected.

    Raises:
        FileRefusedError: a leaf of `data.errors` says what to change in the file.
        UnavailableError: the file cannot be read or the disk is full.
    """
    _refuse_missing(source)
    root = data_dir / "datasets"
    await _settle_leftovers(database, root)
    with incoming_directory(root) as incoming:
        known: list[DatasetRow] = []

        async def look_up(identified: Identified) -> bool:
            async with database.unit_of_work() as session:
                same = await repository.find_same(
                    session, identified.sha256, identified.kind, identified.mapping
                )
                known.extend([same] if same else [])
            return same is not None

        request = Request(source=source.resolve(), directory=incoming, kind=kind, mapping=dict(mapping or {}))
        result = await run_importer(request, on_progress, lambda found: asyncio.ensure_future(look_up(found)))
        if result is None:
            return DatasetAdded(dataset=as_out(known[0]), already_known=True)
        return await _keep(database, incoming, root, _as_row(result, source, name))


async def preview_dataset(
    source: Path, *, kind: DatasetKind | None = None, mapping: Mapping[str, str] | None = None
) -> Result:
    """What a file would become: format, encoding, kind, mapping, the first rows. Nothing is saved.

    Raises:
        FileRefusedError: a leaf of `data.errors` says what to change in the file.
    """
    _refuse_missing(source)
    request = Request(source=source.resolve(), directory=None, kind=kind, mapping=dict(mapping or {}))
    result = await run_importer(request, ignore_progress, lambda _found: asyncio.ensure_future(_never()))
    assert result is not None
    return result


async def list_datasets(database: Database) -> list[DatasetOut]:
    """The datasets, newest first (at most 1000)."""
    async with database.unit_of_work() as session:
        return [as_out(row) for row in await repository.list_newest_first(session, LIST_LIMIT)]


async def get_dataset(database: Database, id_: str) -> DatasetRow:
    """A dataset by its id, or by a beginning that fits no other.

    Raises:
        DatasetNotFoundError: there is none.
        DatasetAmbiguousError: the beginning fits several.
    """
    async with database.unit_of_work() as session:
        found = await repository.find_by_prefix(session, id_, 10) if id_ else []
        session.expunge_all()
    exact = [row for row in found if row.id == id_]
    if not found:
        raise DatasetNotFoundError(id=id_)
    if len(found) > 1 and not exact:
        raise DatasetAmbiguousError(id=id_, known=", ".join(row.id for row in found))
    return (exact or list(found))[0]


async def page_dataset(
    database: Database, data_dir: Path, id_: str, *, offset: int, limit: int
) -> DatasetPage:
    """Rows `offset` to `offset + limit` of a dataset.

    Raises:
        DatasetNotFoundError: there is none.
    """
    row = await get_dataset(database, id_)
    path = rows_path(row, data_dir)
    examples = await asyncio.to_thread(read_page, path, offset=offset, limit=limit)
    after = offset + len(examples)
    return DatasetPage(data=examples, next=after if after < row.rows_kept else None)


async def remove_dataset(database: Database, data_dir: Path, id_: str) -> DatasetOut:
    """Delete a dataset and its files.

    Raises:
        DatasetNotFoundError: there is none.
    """
    row = await get_dataset(database, id_)
    out = as_out(row)
    directory = data_dir / "datasets" / out.id
    mark_unsettled(directory)
    async with database.unit_of_work() as session:
        await repository.remove(session, await session.merge(row))
    await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)
    return out


def rows_path(row: DatasetRow, data_dir: Path) -> Path:
    """The canonical Parquet."""
    return data_dir / "datasets" / row.id / "rows.parquet"


def as_input(row: DatasetRow, data_dir: Path) -> DatasetInput:
    """The dataset as a recipe is given it."""
    return DatasetInput(
        id=row.id,
        kind=DatasetKind(row.kind),
        path=rows_path(row, data_dir),
        sha256=row.rows_sha256,
        rows=row.rows_kept,
    )


def as_out(row: DatasetRow) -> DatasetOut:
    """The dataset as the wire shows it."""
    fields = row.model_dump(include=set(DatasetOut.model_fields))
    return DatasetOut.model_validate({**fields, **row.report})


async def _keep(database: Database, incoming: Path, root: Path, row: DatasetRow) -> DatasetAdded:
    """Give the directory its name and the row to the database, in one transaction.

    Who added the same bytes a moment ago wins.
    """
    out = as_out(row)
    async with database.unit_of_work() as session:
        await repository.await_turn(session, row.original_sha256)
        same = await repository.find_same(session, row.original_sha256, row.kind, row.mapping)
        if same is not None:
            return DatasetAdded(dataset=as_out(same), already_known=True)
        await repository.keep(session, row)
        incoming.rename(root / out.id)
        fsync_path(root)
    settle(root / out.id)
    return DatasetAdded(dataset=out, already_known=False)


async def _settle_leftovers(database: Database, root: Path) -> None:
    """Ask the database about directories of processes that died between a rename and a commit."""
    for directory in left_unsettled(root):
        async with database.unit_of_work() as session:
            known = await repository.find_by_prefix(session, directory.name, 1)
        if known:
            settle(directory)
        else:
            await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)


def _as_row(result: Result, source: Path, name: str | None) -> DatasetRow:
    found = result.found
    report = {"counts": result.counts.model_dump(mode="json"), "ignored_columns": found.ignored_columns}
    return DatasetRow.model_validate(
        {
            "id": new_id("ds"),
            "name": storable_text(name or source.stem),
            "kind": found.kind,
            "source_format": found.format,
            "encoding": found.encoding,
            "original_name": storable_text(source.name),
            "original_sha256": result.original_sha256,
            "original_size_bytes": found.size_bytes,
            "rows_sha256": result.rows_sha256,
            "rows_read": result.counts.read,
            "rows_kept": result.counts.kept,
            "mapping": found.mapping,
            "report": report,
            "created_at": utc_now(),
        }
    )


def _refuse_missing(source: Path) -> None:
    if not source.is_file():
        reason = "is a directory" if source.is_dir() else "no such file"
        raise FileNotReadableError(path=str(source), reason=reason)


async def _never() -> bool:
    return False
