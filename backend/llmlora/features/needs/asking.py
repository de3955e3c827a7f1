"""Before something is deleted: who needs it, and who would name what is gone."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.contracts.states import FINAL_STATES
from llmlora.features.labels.things import THINGS, ThingKind
from llmlora.features.needs.schemas import MentionOut, NeededOut, NeedOut
from llmlora.features.needs.service import (
    ASKED,
    Need,
    needs_of_base_model,
    needs_of_dataset,
    needs_of_job,
)
from llmlora.tables.chat_session import ChatSessionRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow


async def who_needs(session: AsyncSession, kind: ThingKind, ids: Sequence[str]) -> list[NeededOut]:
    """Of each of these that there is: who needs it, and who names it, in the order in which they were asked about."""
    thing = THINGS[kind]
    named = select(thing.column("id"), thing.name).where(thing.column("id").in_(ids))
    names = dict(cast(Any, (await session.execute(named)).all()))
    told = []
    for id_ in dict.fromkeys(ids):
        if id_ in names:
            needs = await _needs(session, kind, id_)
            mentions = await _mentions(session, kind, id_, names[id_])
            needs_out = [NeedOut(**vars(one)) for one in needs]
            told.append(NeededOut(id=id_, name=names[id_], needs=needs_out, mentions=mentions))
    return told


async def _needs(session: AsyncSession, kind: ThingKind, id_: str) -> list[Need]:
    match kind:
        case "dataset":
            return await needs_of_dataset(session, id_)
        case "base_model":
            return await needs_of_base_model(session, id_)
        case "job":
            return [*await _open_jobs(session, col(JobRow.id) == id_), *await needs_of_job(session, id_)]
        case "deployment":
            judged = select(col(DeploymentRow.job_id)).where(
                col(DeploymentRow.id) == id_, col(DeploymentRow.state) == "checking"
            )
            return await _open_jobs(session, col(JobRow.id).in_(judged))
        case "chat":
            return []


async def _mentions(session: AsyncSession, kind: ThingKind, id_: str, name: str) -> list[MentionOut]:
    if kind == "dataset":
        read = col(JobRow.inputs)["dataset_id"].astext == id_
        jobs = select(col(JobRow.id), col(JobRow.name)).where(read, col(JobRow.state).in_(FINAL_STATES))
        found = await session.execute(jobs.order_by(col(JobRow.created_at).desc()).limit(ASKED))
        return [MentionOut(kind="job", id=one, name=called) for one, called in found]
    if kind == "deployment":
        chats = select(col(ChatSessionRow.id), col(ChatSessionRow.title)).where(
            cast(Any, ChatSessionRow.models).contains([name])
        )
        found = await session.execute(chats.order_by(col(ChatSessionRow.updated_at).desc()).limit(ASKED))
        return [MentionOut(kind="chat", id=one, name=called) for one, called in found]
    return []


async def _open_jobs(session: AsyncSession, which: ColumnElement[bool]) -> list[Need]:
    wanted = select(JobRow).where(which, col(JobRow.state).not_in(FINAL_STATES))
    return [Need("job", row.id, row.name, row.state) for row in await session.scalars(wanted)]
