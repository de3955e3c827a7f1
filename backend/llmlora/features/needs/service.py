"""What must stay, and for whom: deployments that serve from it, jobs that are still to read it, models that lie in it.

A deployment that was rejected serves nothing and keeps nothing. Whoever deletes asks here within its transaction, with the
row of what goes locked, and deletes nothing that is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Select, Text, cast, exists, false, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from llmlora.contracts.states import FINAL_STATES, STATE_WORDS, JobState
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow
from llmlora.tables.job_dependency import JobDependencyRow

# More are not named: the first are ended before the last matter.
NAMED = 5
ASKED = 50
_IMPORT = "import_base_model"
_JOB_INPUTS = ("training_job_id", "export_job_id", "base_export_job_id")
_WORDS: dict[str, tuple[str, str]] = {
    "deployment": (
        "デプロイしたモデル {name}（{id}）が配信に使っています。先にモデルのページで、そのモデルを削除してください。",
        "The deployed model {name} ({id}) uses it. Delete that model on the Models page first.",
    ),
    "job": (
        "ジョブ「{name}」（{id}、{state}）が使っているか、これから使います。終わるのを待つか、中止してください。",
        "The job “{name}” ({id}, {state}) uses it or is going to. Wait until it ends, or cancel it.",
    ),
    "base_model": (
        "ベースモデル {name}（{id}）の重みがこの中にあります。先にモデルのページで、そのベースモデルを削除してください。",
        "The weights of the base model {name} ({id}) are stored in it. Delete that base model on the Models page first.",
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
    inside = f"jobs/{job_id}/"
    serving = or_(
        col(DeploymentRow.training_job_id) == job_id,
        col(DeploymentRow.job_id) == job_id,
        cast(col(DeploymentRow.files), Text).contains(inside, autoescape=True),
    )
    waits = exists().where(
        col(JobDependencyRow.job_id) == col(JobRow.id), col(JobDependencyRow.depends_on) == job_id
    )
    reading = or_(
        waits,
        *(col(JobRow.inputs)[key].astext == job_id for key in _JOB_INPUTS),
        col(JobRow.id).in_(_resumes_of(job_id)),
        _imports(col(JobRow.config)["reference"].astext.contains(f"/{inside}", autoescape=True)),
    )
    lying = or_(
        *(
            column.startswith(inside, autoescape=True) | column.contains(f"/{inside}", autoescape=True)
            for column in (col(BaseModelRow.path), col(BaseModelRow.gguf_path))
        )
    )
    return [
        *await _deployments(session, serving),
        *await _jobs(session, reading),
        *await _base_models(session, lying),
    ]


async def needs_of_base_model(session: AsyncSession, row: BaseModelRow) -> list[Need]:
    """Who needs a base model: its weights, its vocabulary, its GGUF."""
    names = {row.id, row.reference, *row.facts.get("requested", [])}
    serving: ColumnElement[bool] = col(DeploymentRow.base_model_id) == row.id
    lying: ColumnElement[bool] = false()
    inside = f"models/{row.id}/"
    if f"{row.path}/" == inside:  # its files go with it; a directory that is used in place stays
        serving |= cast(col(DeploymentRow.files), Text).contains(inside, autoescape=True)
        others = col(BaseModelRow.path).contains(inside, autoescape=True)
        lying = (col(BaseModelRow.id) != row.id) & others
    reading = or_(
        col(JobRow.inputs)["base_model"].astext.in_(names),
        _imports(col(JobRow.config)["reference"].astext.in_(names)),
    )
    return [
        *await _deployments(session, serving),
        *await _jobs(session, reading),
        *await _base_models(session, lying),
    ]


async def needs_of_dataset(session: AsyncSession, row: DatasetRow) -> list[Need]:
    """Who needs a dataset: a training that has ended keeps what its gates ask beside its adapter."""
    return await _jobs(session, col(JobRow.inputs)["dataset_id"].astext == row.id)


async def needs_of_ollama_model(session: AsyncSession, name: str) -> list[Need]:
    """Who needs a model of Ollama's, by its full name, beside the deployments that stand for it."""
    written = col(JobRow.config)["reference"].astext
    is_it = or_(written == f"ollama:{name}", written.startswith(f"ollama:{name}@", autoescape=True))
    return await _jobs(session, _imports(is_it))


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


def _resumes_of(job_id: str) -> Select[str]:
    """Jobs that may have to begin at a checkpoint of that job: its resumes, and theirs while they kept none themselves."""
    resumed = (
        select(col(JobRow.id), col(JobRow.state))
        .where(col(JobRow.resumes_job_id) == job_id)
        .cte("resumed", recursive=True)
    )
    again = aliased(JobRow)
    kept = exists().where(
        col(ArtifactRow.job_id) == resumed.c.id, col(ArtifactRow.kind) == literal("checkpoint")
    )
    deeper = select(col(again.id), col(again.state)).where(col(again.resumes_job_id) == resumed.c.id, ~kept)
    return select(resumed.union(deeper).c.id)


def _imports(named: ColumnElement[bool]) -> ColumnElement[bool]:
    return (col(JobRow.recipe) == _IMPORT) & named


async def _deployments(session: AsyncSession, serving: ColumnElement[bool]) -> list[Need]:
    wanted = select(DeploymentRow).where(serving, col(DeploymentRow.state) != "rejected")
    rows = await session.scalars(wanted.order_by(col(DeploymentRow.created_at)).limit(ASKED))
    return [Need("deployment", row.id, row.name, row.state) for row in rows]


async def _jobs(session: AsyncSession, reading: ColumnElement[bool]) -> list[Need]:
    wanted = select(JobRow).where(reading, col(JobRow.state).not_in(FINAL_STATES))
    rows = await session.scalars(wanted.order_by(col(JobRow.created_at), col(JobRow.id)).limit(ASKED))
    return [Need("job", row.id, row.name, row.state) for row in rows]


async def _base_models(session: AsyncSession, lying: ColumnElement[bool]) -> list[Need]:
    rows = await session.scalars(select(BaseModelRow).where(lying).limit(ASKED))
    return [Need("base_model", row.id, row.reference, "registered") for row in rows]
