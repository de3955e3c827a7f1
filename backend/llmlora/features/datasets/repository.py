"""Datasets in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.contracts.states import FINAL_STATES
from llmlora.features.labels.things import tagged
from llmlora.kit.db import Order, one_page, one_sorted_page, sorting_text
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.job import JobRow
from llmlora.tables.upload import UploadRow


async def find_same(
    session: AsyncSession, original_sha256: str, kind: str, mapping: dict[str, str], encoding: str | None
) -> DatasetRow | None:
    """The dataset of the same bytes, read the same way."""
    wanted = select(DatasetRow).where(
        col(DatasetRow.original_sha256) == original_sha256,
        col(DatasetRow.kind) == kind,
        col(DatasetRow.mapping) == mapping,
        col(DatasetRow.encoding).is_not_distinct_from(encoding),
    )
    return (await session.scalars(wanted)).first()


async def await_turn(session: AsyncSession, original_sha256: str) -> None:
    """Wait until no other transaction adds the same bytes."""
    key = int.from_bytes(bytes.fromhex(original_sha256)[:8], "big", signed=True)
    await session.execute(select(func.pg_advisory_xact_lock(key)))


async def find_by_prefix(session: AsyncSession, beginning: str, limit: int) -> Sequence[DatasetRow]:
    """Datasets whose id begins so."""
    found = await session.scalars(
        select(DatasetRow).where(col(DatasetRow.id).startswith(beginning, autoescape=True)).limit(limit)
    )
    return found.all()


async def list_newest_first(session: AsyncSession, limit: int) -> Sequence[DatasetRow]:
    """The newest datasets."""
    found = await session.scalars(
        select(DatasetRow).order_by(col(DatasetRow.created_at).desc(), col(DatasetRow.id)).limit(limit)
    )
    return found.all()


async def keep(session: AsyncSession, row: DatasetRow) -> None:
    """Store a new dataset."""
    session.add(row)
    await session.flush()


async def get(session: AsyncSession, id_: str, *, lock: bool = False) -> DatasetRow | None:
    """The dataset of exactly that id. `lock`: nobody else deletes or newly references it until the commit."""
    return await session.get(DatasetRow, id_, with_for_update=lock, populate_existing=bool(lock))


class DatasetFilter(NamedTuple):
    """Which datasets a list shows."""

    kind: str | None = None
    name_contains: str | None = None
    tag: str | None = None


async def page_newest_first(
    session: AsyncSession, wanted: DatasetFilter, *, before: tuple[datetime, str] | None, limit: int
) -> Sequence[DatasetRow]:
    """Datasets older than the cursor `before`, newest first."""
    at, id_ = col(DatasetRow.created_at), col(DatasetRow.id)
    matching = select(DatasetRow).where(*_matching(wanted))
    return (await session.scalars(one_page(matching, at, id_, behind=before, limit=limit))).all()


class SortedDataset(NamedTuple):
    """A dataset and what it is sorted by (`kit.db.sorting_text`)."""

    dataset: DatasetRow
    value: str | None


async def page_sorted(
    session: AsyncSession,
    wanted: DatasetFilter,
    order: Order,
    *,
    behind: tuple[str | None, datetime, str] | None,
    limit: int,
) -> list[SortedDataset]:
    """Datasets in an order that was asked for; equal ones newest first."""
    at, id_ = col(DatasetRow.created_at), col(DatasetRow.id)
    matching = select(DatasetRow, sorting_text(order.value)).where(*_matching(wanted))
    page = one_sorted_page(matching, order, at, id_, behind=behind, limit=limit)
    return [SortedDataset(row, value) for row, value in await session.execute(page)]


class Totals(NamedTuple):
    """How many datasets there are, how many rows they have, how large their files are."""

    total: int
    rows: int
    size_bytes: int


async def totals(session: AsyncSession, wanted: DatasetFilter) -> Totals:
    """What all datasets of a list come to."""
    rows = func.coalesce(func.sum(col(DatasetRow.rows_kept)), 0)
    size = func.coalesce(func.sum(col(DatasetRow.original_size_bytes)), 0)
    summed = select(func.count(), rows, size).select_from(DatasetRow).where(*_matching(wanted))
    return Totals(*map(int, (await session.execute(summed)).one()))


def _matching(wanted: DatasetFilter) -> list[ColumnElement[bool]]:
    conditions = tagged("dataset", wanted.tag)
    if wanted.kind is not None:
        conditions.append(col(DatasetRow.kind) == wanted.kind)
    if wanted.name_contains:
        conditions.append(col(DatasetRow.name).icontains(wanted.name_contains, autoescape=True))
    return conditions


class Use(NamedTuple):
    """How many jobs have a dataset as input, and how many of them have not ended."""

    jobs: int
    open_jobs: int


async def uses_of(session: AsyncSession, dataset_ids: Sequence[str]) -> dict[str, Use]:
    """The use of each of the datasets that is used at all."""
    dataset_id = col(JobRow.inputs)["dataset_id"].astext
    is_open = col(JobRow.state).not_in(FINAL_STATES)
    counted = select(dataset_id, func.count(), func.count().filter(is_open)).where(
        dataset_id.in_(dataset_ids)
    )
    return {id_: Use(jobs, open_) for id_, jobs, open_ in await session.execute(counted.group_by(dataset_id))}


async def jobs_of(session: AsyncSession, dataset_id: str, *, limit: int) -> list[str]:
    """Ids of jobs with that dataset as input, newest first."""
    wanted = select(col(JobRow.id)).where(col(JobRow.inputs)["dataset_id"].astext == dataset_id)
    found = await session.scalars(wanted.order_by(col(JobRow.created_at).desc(), col(JobRow.id)).limit(limit))
    return list(found.all())


async def keep_upload(session: AsyncSession, row: UploadRow) -> None:
    """Store a new upload."""
    session.add(row)
    await session.flush()


async def get_upload(session: AsyncSession, id_: str) -> UploadRow | None:
    """An upload by its id."""
    return await session.get(UploadRow, id_)


async def mark_upload_finished(session: AsyncSession, id_: str, dataset_id: str) -> None:
    """Remember which dataset an upload became."""
    row = await session.get(UploadRow, id_, with_for_update=True, populate_existing=True)
    if row is not None:
        row.facts = {**row.facts, "dataset_id": dataset_id}
        await session.flush()


async def remove_upload(session: AsyncSession, id_: str) -> None:
    """Forget an upload."""
    row = await session.get(UploadRow, id_)
    if row is not None:
        await session.delete(row)
        await session.flush()


async def list_uploads_before(session: AsyncSession, moment: datetime, limit: int) -> Sequence[UploadRow]:
    """Uploads begun before a moment, oldest first."""
    at = col(UploadRow.created_at)
    return (await session.scalars(select(UploadRow).where(at < moment).order_by(at).limit(limit))).all()
