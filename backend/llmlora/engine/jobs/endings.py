"""What webhooks are to be told of a job that ends, noted in the transaction that ends it: once, or not at all."""

from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.contracts.events import Failure
from llmlora.contracts.states import JobState
from llmlora.contracts.webhooks import WebhookEvent
from llmlora.kit.clock import utc_now
from llmlora.kit.ids import new_id
from llmlora.recipes import RECIPES
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow
from llmlora.tables.job_dependency import JobDependencyRow
from llmlora.tables.webhook import WebhookRow
from llmlora.tables.webhook_delivery import WebhookDeliveryRow

FOLLOWS = "dependency_"
"""Begins the reason of an end that follows from another job's."""
_ONLY_FOLLOWS = (FOLLOWS, "batch_", "pruned", "sweep_")


async def note_ending(
    session: AsyncSession, job: JobRow, state: JobState, *, failure: Failure | None, reason: str | None
) -> None:
    """Note what every webhook that wants to hear of it is to be told of a job that this transaction ends."""
    webhooks = (await session.scalars(select(WebhookRow).where(col(WebhookRow.enabled)))).all()
    event = await _event_of(session, job, state, reason) if webhooks else None
    wanted = [one for one in webhooks if event in one.events]
    if event is None or not wanted:
        return
    now = utc_now()
    about = await _about(session, job, state, failure)
    for webhook in wanted:
        told = {
            "id": new_id("dlv"),
            "webhook_id": webhook.id,
            "job_id": job.id,
            "event": event,
            "about": about,
            "state": "waiting",
            "attempts": 0,
            "next_at": now,
            "created_at": now,
        }
        await session.execute(upsert(WebhookDeliveryRow).values(told).on_conflict_do_nothing())


async def _event_of(
    session: AsyncSession, job: JobRow, state: JobState, reason: str | None
) -> WebhookEvent | None:
    """What the end of a job is to those who wait for it; None for a step on the way, and for what only follows."""
    if reason is not None and reason.startswith(_ONLY_FOLLOWS):
        return None
    if state is JobState.FAILED:
        return WebhookEvent.FAILED
    if state is JobState.CANCELLED:
        return WebhookEvent.CANCELLED
    spec = RECIPES.get(job.recipe)
    if spec is not None and spec.deploys is not None:
        return WebhookEvent.DEPLOYED
    if spec is not None and spec.trains:
        return WebhookEvent.FINISHED
    awaited = select(exists().where(col(JobDependencyRow.depends_on) == job.id))
    return None if await session.scalar(awaited) else WebhookEvent.FINISHED


async def _about(
    session: AsyncSession, job: JobRow, state: JobState, failure: Failure | None
) -> dict[str, Any]:
    """What is said of it: the job may be gone when the message goes out."""
    now = utc_now()
    deployed = select(col(DeploymentRow.name)).where(col(DeploymentRow.job_id) == job.id).limit(1)
    words = None if failure is None else {"code": failure.code, "ja": failure.ja, "en": failure.en}
    return {
        "id": job.id,
        "name": job.name,
        "recipe": job.recipe,
        "state": state.value,
        "created_at": job.created_at.isoformat(),
        "started_at": None if job.started_at is None else job.started_at.isoformat(),
        "finished_at": now.isoformat(),
        "seconds": None if job.started_at is None else round((now - job.started_at).total_seconds(), 1),
        "metrics": job.latest_metrics,
        "failure": words,
        "deployment": await session.scalar(deployed) if state is JobState.COMPLETED else None,
    }
