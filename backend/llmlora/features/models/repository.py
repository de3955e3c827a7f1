"""SQL of base models. Flushes, never commits; rows that leave are detached and complete."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.expression import cast
from sqlmodel import col

from llmlora.features.labels.things import tagged
from llmlora.kit.db import one_page
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.deployment import DeploymentRow


async def find_by_id(session: AsyncSession, model_id: str) -> BaseModelRow | None:
    """The row with that id."""
    return await session.get(BaseModelRow, model_id)


async def find_by_reference(session: AsyncSession, reference: str) -> BaseModelRow | None:
    """The row that carries exactly this reference."""
    found = await session.execute(select(BaseModelRow).where(col(BaseModelRow.reference) == reference))
    return found.scalar_one_or_none()


async def find_requested_as(session: AsyncSession, reference: str) -> list[BaseModelRow]:
    """Rows whose reference this is, or which were once asked for in these words."""
    asked = col(BaseModelRow.facts)["requested"].op("@>")(cast([reference], JSONB))
    found = await session.execute(
        select(BaseModelRow).where(or_(col(BaseModelRow.reference) == reference, asked))
    )
    return list(found.scalars())


async def list_newest_first(session: AsyncSession, limit: int) -> list[BaseModelRow]:
    """All rows, newest first."""
    newest = select(BaseModelRow).order_by(col(BaseModelRow.created_at).desc()).limit(limit)
    return list((await session.execute(newest)).scalars())


async def page_newest_first(
    session: AsyncSession, limit: int, *, before: tuple[datetime, str] | None, tag: str | None
) -> Sequence[BaseModelRow]:
    """Rows older than the cursor `before`, newest first."""
    at, id_ = col(BaseModelRow.created_at), col(BaseModelRow.id)
    matching = select(BaseModelRow).where(*tagged("base_model", tag))
    return (await session.scalars(one_page(matching, at, id_, behind=before, limit=limit))).all()


async def count_deployments(session: AsyncSession, model_ids: Sequence[str]) -> dict[str, int]:
    """How many deployments there are of each of the models that has any."""
    id_ = col(DeploymentRow.base_model_id)
    counted = select(id_, func.count()).where(id_.in_(model_ids)).group_by(id_)
    return {str(model_id): count for model_id, count in await session.execute(counted)}


async def lock_by_id(session: AsyncSession, model_id: str) -> BaseModelRow | None:
    """The row with that id; nobody else changes it until the transaction ends."""
    return await session.get(BaseModelRow, model_id, with_for_update=True, populate_existing=True)


async def known_references(session: AsyncSession) -> list[str]:
    """Every reference there is, in order."""
    found = await session.execute(select(col(BaseModelRow.reference)).order_by(col(BaseModelRow.reference)))
    return list(found.scalars())


async def keep(session: AsyncSession, row: BaseModelRow) -> BaseModelRow:
    """Insert the row, or refresh the one with its id; another row with its reference gives the reference up.

    A path whose model was replaced thus leaves its old record findable by id, under a name with its digest. A directory
    that is as it was keeps its record, also where ids were once made in another way.
    """
    holder = await find_by_reference(session, row.reference)
    if holder is not None and holder.path == row.path and _file_digests(holder) == _file_digests(row):
        row.id, row.facts = holder.id, {**row.facts, "id": holder.id}
    if holder is not None and holder.id != row.id:
        holder.reference = f"{holder.reference}@{holder.weights_digest[:12]}"
        holder.facts = {**holder.facts, "requested": []}
        await session.flush()
    known = await find_by_id(session, row.id)
    if known is not None:
        row.created_at, row.tags, row.note = known.created_at, known.tags, known.note
        row.facts = {**row.facts, "requested": _joined(known, row)}
    kept = await session.merge(row)
    await session.flush()
    return kept


def _file_digests(row: BaseModelRow) -> dict[str, str]:
    return {name: file["sha256"] for name, file in row.facts.get("files", {}).items()}


def _joined(known: BaseModelRow, row: BaseModelRow) -> list[str]:
    return sorted({*known.facts.get("requested", []), *row.facts["requested"]})
