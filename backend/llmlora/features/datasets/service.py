"""Datasets: added once, found again by id or content, never changed.

Guarantee: a dataset exists when its row does; a failed or killed import leaves nothing that a later one does not clean.
"""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.run import DatasetInput
from llmlora.data.errors import FileNotReadableError
from llmlora.data.importer_protocol import Identified, Request, Result
from llmlora.data.manifest import DatasetManifest, Role, read_manifest
from llmlora.data.refusals import storable_text
from llmlora.data.rows import read_page
from llmlora.features.datasets import repository
from llmlora.features.datasets.errors import (
    DatasetAmbiguousError,
    DatasetFilesGoneError,
    DatasetInUseError,
    DatasetNotFoundError,
    MediaNotFoundError,
)
from llmlora.features.datasets.importing import ProgressSink, ignore_progress, run_importer
from llmlora.features.datasets.schemas import (
    DatasetAdded,
    DatasetDetail,
    DatasetList,
    DatasetOut,
    DatasetPage,
    UsedDataset,
)
from llmlora.features.datasets.sorting import NEWEST_FIRST, order_of
from llmlora.features.datasets.staging import (
    incoming_directory,
    mark_committed,
    mark_uncommitted,
    uncommitted_directories,
)
from llmlora.features.needs.service import delete_unneeded, needs_of_dataset, sentences
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database, or_refuse
from llmlora.kit.files import fsync_path
from llmlora.kit.ids import new_id
from llmlora.kit.web.pages import page_of, parse_cursor, parse_sorted_cursor, sorted_page_of
from llmlora.tables.dataset import DatasetRow

LIST_LIMIT = 1000
USERS_LISTED = 100


async def add_dataset(
    database: Database,
    data_dir: Path,
    source: Path,
    *,
    original_name: str | None = None,
    name: str | None = None,
    kind: str | None = None,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
    on_progress: ProgressSink = ignore_progress,
) -> DatasetAdded:
    """Read a file into a dataset, or find the one it is already; one whose files are gone gets them again.

    `kind`, `mapping` (canonical name → column) and `encoding` override what is detected; `original_name` is what
    the user calls the file, where that is not `source`'s own name.

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
                    session, identified.sha256, identified.kind, identified.mapping, identified.encoding
                )
                known.extend([same] if same else [])
            return same is not None and _missing_file(same, data_dir) is None

        shown = original_name or source.name
        request = Request(
            source=source.resolve(),
            directory=incoming,
            kind=kind,
            mapping=dict(mapping or {}),
            encoding=encoding,
        )
        result = await run_importer(request, shown_name=shown, on_progress=on_progress, is_known=look_up)
        if result is None:
            return DatasetAdded(dataset=as_out(known[-1]), already_known=True)
        return await _keep(database, incoming, data_dir, _as_row(result, shown, name))


async def preview_dataset(
    source: Path,
    *,
    original_name: str | None = None,
    kind: str | None = None,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
) -> Result:
    """What a file would become: format, encoding, kind, mapping, the first rows. Nothing is saved.

    Raises:
        FileRefusedError: a leaf of `data.errors` says what to change in the file.
    """
    _refuse_missing(source)
    request = Request(
        source=source.resolve(), directory=None, kind=kind, mapping=dict(mapping or {}), encoding=encoding
    )
    result = await run_importer(request, shown_name=original_name or source.name)
    assert result is not None
    return result


async def list_datasets(database: Database) -> list[DatasetOut]:
    """The datasets, newest first (at most 1000)."""
    async with database.unit_of_work() as session:
        return [as_out(row) for row in await repository.list_newest_first(session, LIST_LIMIT)]


async def page_datasets(
    database: Database, wanted: repository.DatasetFilter, *, sort: str | None, limit: int, after: str | None
) -> DatasetList:
    """One page of the datasets, newest first or as `sort` says, with their use.

    Raises:
        SortUnknownError: there is no such order.
        CursorInvalidError: `after` is no cursor of this order.
    """
    async with database.unit_of_work() as session:
        shown, more = await _shown_page(session, wanted, sort=sort, limit=limit, after=after)
        uses = await repository.uses_of(session, [row.id for row in shown])
        data = [used_out(row, uses) for row in shown]
        totals = await repository.totals(session, wanted)
    return DatasetList(data=data, next=more, **totals._asdict())


async def _shown_page(
    session: AsyncSession,
    wanted: repository.DatasetFilter,
    *,
    sort: str | None,
    limit: int,
    after: str | None,
) -> tuple[Sequence[DatasetRow], str | None]:
    """The datasets of a page, and the cursor behind them."""
    if sort is None or sort == NEWEST_FIRST:
        rows = await repository.page_newest_first(
            session, wanted, before=parse_cursor(after), limit=limit + 1
        )
        return page_of(rows, limit, lambda row: (row.created_at, row.id))
    order, behind = order_of(sort), parse_sorted_cursor(after, sort)
    found = await repository.page_sorted(session, wanted, order, behind=behind, limit=limit + 1)
    shown, more = sorted_page_of(
        found, limit, sort, lambda one: (one.value, one.dataset.created_at, one.dataset.id)
    )
    return [one.dataset for one in shown], more


async def describe_dataset(database: Database, data_dir: Path, id_: str) -> DatasetDetail:
    """A dataset by its whole id, with the jobs that use it, and what is known of its rows.

    Raises:
        DatasetNotFoundError: there is none.
    """
    async with database.unit_of_work() as session:
        row = await _require(session, id_)
        users = await repository.jobs_of(session, id_, limit=USERS_LISTED)
        uses = await repository.uses_of(session, [id_])
        session.expunge_all()
    manifest = await asyncio.to_thread(manifest_of, row, data_dir)
    return DatasetDetail(**used_out(row, uses).model_dump(), used_by=users, facts=dict(manifest.facts))


async def find_exactly(database: Database, id_: str) -> DatasetRow:
    """A dataset by its whole id.

    Raises:
        DatasetNotFoundError: there is none.
    """
    async with database.unit_of_work() as session:
        row = await _require(session, id_)
        session.expunge_all()
    return row


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
    return await page_rows(await get_dataset(database, id_), data_dir, offset=offset, limit=limit)


async def page_rows(row: DatasetRow, data_dir: Path, *, offset: int, limit: int) -> DatasetPage:
    """Rows `offset` to `offset + limit` of a dataset that was looked up."""
    path = rows_path(row, data_dir)
    examples = await asyncio.to_thread(read_page, path, offset=offset, limit=limit)
    after = offset + len(examples)
    return DatasetPage(data=examples, next=after if after < row.rows_kept else None)


async def remove_dataset(database: Database, data_dir: Path, id_: str, *, exact: bool = False) -> DatasetOut:
    """Delete a dataset, its files and its token previews. `exact`: `id_` is the whole id, not a beginning.

    Raises:
        DatasetNotFoundError: there is none.
        DatasetInUseError: jobs that are not over need it.
    """
    whole = id_ if exact else (await get_dataset(database, id_)).id
    directory = data_dir / "datasets" / whole
    async with database.unit_of_work() as session:
        row = await _require(session, whole, lock=True)
        await delete_unneeded(
            session,
            row,
            partial(needs_of_dataset, session, whole),
            lambda needs: DatasetInUseError(name=row.name, **sentences(needs)),
        )
        out = as_out(row)
        mark_uncommitted(directory)
    for stale in (directory, *(data_dir / "cache" / "tokens").glob(f"{out.rows_sha256}-*")):
        await asyncio.to_thread(shutil.rmtree, stale, ignore_errors=True)
    findings_file(data_dir, out.rows_sha256).unlink(missing_ok=True)
    return out


def findings_file(data_dir: Path, rows_sha256: str) -> Path:
    """Where it is kept what was found among these rows."""
    return data_dir / "cache" / "findings" / f"{rows_sha256}.json"


def rows_path(row: DatasetRow, data_dir: Path) -> Path:
    """The canonical Parquet.

    Raises:
        DatasetFilesGoneError: it is no longer there.
    """
    return _there(row, data_dir, "canonical")


def original_path(row: DatasetRow, data_dir: Path) -> Path:
    """The file as it was added, byte for byte.

    Raises:
        DatasetFilesGoneError: it is no longer there.
    """
    return _there(row, data_dir, "original")


def media_path(row: DatasetRow, data_dir: Path, sha256: str, role: Role) -> Path:
    """A picture or sound that rows show, or its thumbnail.

    Raises:
        MediaNotFoundError: no row shows it, or it has no thumbnail.
        DatasetFilesGoneError: it is no longer there.
    """
    kept = manifest_of(row, data_dir).files
    # A thumbnail has a hash of its own; both files are named by that of the picture.
    found = next((one for one in kept if one.role == role and PurePosixPath(one.name).stem == sha256), None)
    if found is None:
        raise MediaNotFoundError(id=row.id, sha256=sha256)
    path = data_dir / "datasets" / row.id / found.name
    if not path.is_file():
        raise DatasetFilesGoneError(name=row.name, file=path)
    return path


def as_input(row: DatasetRow, data_dir: Path) -> DatasetInput:
    """The dataset as a recipe is given it.

    Raises:
        DatasetFilesGoneError: its rows are no longer there.
    """
    return DatasetInput(
        id=row.id,
        kind=row.kind,
        path=rows_path(row, data_dir),
        sha256=row.rows_sha256,
        rows=row.rows_kept,
    )


def as_out(row: DatasetRow) -> DatasetOut:
    """The dataset as the wire shows it."""
    fields = row.model_dump(include=set(DatasetOut.model_fields))
    return DatasetOut.model_validate({**fields, **row.report})


def used_out(row: DatasetRow, uses: Mapping[str, repository.Use]) -> UsedDataset:
    """The dataset as the wire shows it, with its use."""
    return UsedDataset(**as_out(row).model_dump(), **uses.get(row.id, repository.Use(0, 0))._asdict())


def manifest_of(row: DatasetRow, data_dir: Path) -> DatasetManifest:
    """The files that a data set consists of."""
    return read_manifest(
        data_dir / "datasets" / row.id,
        source_format=row.source_format,
        original=(row.original_sha256, row.original_size_bytes),
        rows_sha256=row.rows_sha256,
    )


def _there(row: DatasetRow, data_dir: Path, role: Role) -> Path:
    path = data_dir / "datasets" / row.id / manifest_of(row, data_dir).only(role).name
    if not path.is_file():
        raise DatasetFilesGoneError(name=row.name, file=path)
    return path


def _missing_file(row: DatasetRow, data_dir: Path) -> str | None:
    return manifest_of(row, data_dir).first_missing(data_dir / "datasets" / row.id)


async def _keep(database: Database, incoming: Path, data_dir: Path, row: DatasetRow) -> DatasetAdded:
    """Give the directory its name and the row to the database, in one transaction.

    Who added the same bytes a moment ago wins; where its files are gone since, it gets these.
    """
    out, root = as_out(row), data_dir / "datasets"
    async with database.unit_of_work() as session:
        await repository.await_turn(session, row.original_sha256)
        same = await repository.find_same(session, row.original_sha256, row.kind, row.mapping, row.encoding)
        if same is not None and _missing_file(same, data_dir) is not None:
            await _restore(session, same, row, incoming, root)
            return DatasetAdded(dataset=as_out(same), already_known=True)
        if same is not None:
            return DatasetAdded(dataset=as_out(same), already_known=True)
        await repository.keep(session, row)
        incoming.rename(root / out.id)
        fsync_path(root)
    mark_committed(root / out.id)
    return DatasetAdded(dataset=out, already_known=False)


async def _restore(
    session: AsyncSession, gone: DatasetRow, read: DatasetRow, incoming: Path, root: Path
) -> None:
    """Give a dataset the files that were read anew from the same bytes, and what was found in them now."""
    for column in ("rows_sha256", "rows_read", "rows_kept", "report"):
        setattr(gone, column, getattr(read, column))
    await session.flush()
    target = root / gone.id
    await asyncio.to_thread(shutil.rmtree, target, ignore_errors=True)
    incoming.rename(target)
    fsync_path(root)
    mark_committed(target)


async def _settle_leftovers(database: Database, root: Path) -> None:
    """Ask the database about directories of processes that died between a rename and a commit."""
    for directory in uncommitted_directories(root):
        async with database.unit_of_work() as session:
            known = await repository.find_by_prefix(session, directory.name, 1)
        if known:
            mark_committed(directory)
        else:
            await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)


async def _require(session: AsyncSession, id_: str, *, lock: bool = False) -> DatasetRow:
    return or_refuse(await repository.get(session, id_, lock=lock), DatasetNotFoundError, id=id_)


def _as_row(result: Result, shown: str, name: str | None) -> DatasetRow:
    found = result.found
    report = {"counts": result.counts.model_dump(mode="json"), "ignored_columns": found.ignored_columns}
    return DatasetRow.model_validate(
        {
            "id": new_id("ds"),
            "name": storable_text(name or PurePosixPath(shown).stem),
            "kind": found.kind,
            "source_format": found.format,
            "encoding": found.encoding,
            "original_name": storable_text(shown),
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
