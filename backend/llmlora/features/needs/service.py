"""What must stay, and for whom: deployments that serve from it, jobs that are still to read it, models that lie in it.

A deployment that was rejected serves nothing and keeps nothing. Who needs what stands in the table `need`, which the database
keeps and guards by itself. Whoever deletes does so by `delete_unneeded`, within its transaction, with the row of what goes locked.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from llmlora.contracts.states import FINAL_STATES, STATE_WORDS, JobState
from llmlora.kit.errors import AppError
from llmlora.recipes import importing
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow
from llmlora.tables.need import NeedRow

# More are not named: the first are ended before the last matter.
NAMED = 5
ASKED = 50
_WORDS: dict[str, tuple[str, str]] = {
    "deployment": (
        "デプロイしたモデル {name} が配信に使っています。先にモデルのページで、そのモデルを削除してください。",
        "The deployed model {name} uses it. Delete that model on the Models page first.",
    ),
    "job": (
        "ジョブ「{name}」（{state}）が使っているか、これから使います。終わるのを待つか、中止してください。",
        "The job “{name}” ({state}) uses it or is going to. Wait until it ends, or cancel it.",
    ),
    "base_model": (
        "ベースモデル {name} の重みがこの中にあります。先にモデルのページで、そのベースモデルを削除してください。",
        "The weights of the base model {name} are stored in it. Delete that base model on the Models page first.",
    ),
}


@dataclass(frozen=True)
class Need:
    """Somebody who needs it. `state` is that of a job or of a deployment's record."""

    kind: Literal["deployment", "job", "base_model"]
    id: str
    name: str
    state: str


async def needs_of_job(session: AsyncSession, job_id: str) -> list[Need]:
    """Who needs the record or a file of a job: its adapter, its exports, its checkpoints."""
    return await _needs(session, col(NeedRow.needed_job_id) == job_id)


async def needs_of_base_model(session: AsyncSession, model_id: str) -> list[Need]:
    """Who needs a base model: its weights, its vocabulary, its GGUF."""
    return await _needs(session, col(NeedRow.needed_base_model_id) == model_id)


async def needs_of_dataset(session: AsyncSession, dataset_id: str) -> list[Need]:
    """Who needs a dataset: a training that has ended keeps what its gates ask beside its adapter."""
    return await _needs(session, col(NeedRow.needed_dataset_id) == dataset_id)


async def needs_of_ollama_model(session: AsyncSession, name: str) -> list[Need]:
    """Who needs a model of Ollama's, by its full name, beside the deployments that stand for it."""
    recipe, how = importing()
    written = col(JobRow.config)[how.setting].astext
    is_it = or_(written == f"ollama:{name}", written.startswith(f"ollama:{name}@", autoescape=True))
    return await _jobs(session, (col(JobRow.recipe) == recipe.name) & is_it)


async def delete_unneeded(
    session: AsyncSession,
    row: SQLModel,
    ask: Callable[[], Awaitable[list[Need]]],
    refusal: Callable[[Sequence[Need]], AppError],
) -> None:
    """Delete a row that nobody needs.

    Raises:
        AppError: `refusal` of those who need it by `ask`: they did before, or have come to in this moment.
    """
    needs = await ask()
    if needs:
        raise refusal(needs)
    try:
        async with session.begin_nested():
            await session.delete(row)
    except IntegrityError as error:
        needs = await ask()
        if not needs:
            raise
        raise refusal(needs) from error


def sentences(needs: Sequence[Need]) -> dict[str, str]:
    """Who needs it and what to do, for the words of a refusal: `needs_ja` and `needs_en`."""
    named = needs[:NAMED]
    ja = "".join(_words(one, 0) for one in named)
    en = " ".join(_words(one, 1) for one in named)
    more = len(needs) - len(named)
    if more:
        ja, en = f"{ja}ほかに {more} 件あります。", f"{en} And {more} more."
    return {"needs_ja": ja, "needs_en": en}


def _words(need: Need, language: int) -> str:
    state = STATE_WORDS[JobState(need.state)][language] if need.kind == "job" else need.state
    return _WORDS[need.kind][language].format(**vars(need) | {"state": state})


async def _needs(session: AsyncSession, needed: ColumnElement[bool]) -> list[Need]:
    """Those who stand in rows of the table `need` that say so: deployments, jobs, base models."""
    serving = select(DeploymentRow).where(
        col(DeploymentRow.id).in_(select(col(NeedRow.deployment_id)).where(needed))
    )
    lying = select(BaseModelRow).where(
        col(BaseModelRow.id).in_(select(col(NeedRow.base_model_id)).where(needed))
    )
    deployments = await session.scalars(serving.order_by(col(DeploymentRow.created_at)).limit(ASKED))
    models = await session.scalars(lying.limit(ASKED))
    return [
        *(Need("deployment", row.id, row.name, row.state) for row in deployments),
        *await _jobs(session, col(JobRow.id).in_(select(col(NeedRow.job_id)).where(needed))),
        *(Need("base_model", row.id, row.reference, "registered") for row in models),
    ]


async def _jobs(session: AsyncSession, reading: ColumnElement[bool]) -> list[Need]:
    wanted = select(JobRow).where(reading, col(JobRow.state).not_in(FINAL_STATES))
    rows = await session.scalars(wanted.order_by(col(JobRow.created_at), col(JobRow.id)).limit(ASKED))
    return [Need("job", row.id, row.name, row.state) for row in rows]
