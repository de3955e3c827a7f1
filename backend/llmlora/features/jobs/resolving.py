"""What a request for a job means, found once at the door: forecast, planning and chains take the result."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import RecipeSpec
from llmlora.contracts.states import STATE_WORDS, JobState
from llmlora.features.datasets.errors import DatasetNotFoundError
from llmlora.features.datasets.service import rows_path
from llmlora.features.forecast.bases import find_base
from llmlora.features.forecast.service import Resolved
from llmlora.features.jobs import repository
from llmlora.features.jobs.errors import InputMissingError, JobNotFoundError, JobWithoutAdapterError
from llmlora.features.jobs.references import (
    FIELDS,
    Reference,
    References,
    as_fields,
    asked_references,
    read_references,
)
from llmlora.features.jobs.schemas import JobCreate
from llmlora.features.models.service import parse_reference
from llmlora.features.recipes.configs import find_recipe, refuse_kind, validate_config
from llmlora.kit.db import or_refuse
from llmlora.recipes import plan_of
from llmlora.tables.dataset import DatasetRow


@dataclass(frozen=True)
class ResolvedJob(Resolved):
    """A job that is asked for, and what it works on. `references`: every input by name, the base as jobs name it."""

    request: JobCreate
    references: References

    @property
    def made_by(self) -> list[str]:
        """The jobs whose files it reads."""
        return [one.id for one in self.references.values() if one.kind == "job"]

    @property
    def usual_name(self) -> str:
        """What the job is about, by its own name: jobs show in pages of both languages, so no words of either are added."""
        if self.dataset is not None:
            return self.dataset.name[:200]
        named = self.config.get("reference") or self.config.get("name")
        return str(named)[:200] if named else self.recipe.name


async def resolve(session: AsyncSession, data_dir: Path, request: JobCreate) -> ResolvedJob:
    """Recipe, checked config, data set and base model of a request. Nobody deletes these before the transaction ends.

    Raises:
        AppError: a recipe, an input, a setting, a data set or a model is not as it has to be.
    """
    recipe = find_recipe(request.recipe)
    references = asked_references(request, recipe)
    config = validate_config(recipe, await _in_full(session, recipe, request.config))
    dataset = await _dataset(session, data_dir, recipe, references)
    _refuse_missing(recipe, references, config)
    await _refuse_gone_adapters(session, data_dir, recipe, references, config)
    base = None
    for name, accepts in recipe.inputs.items():
        if accepts.base_model_tasks:
            named = references[name].id if name in references else await _of_training(session, references)
            base = await find_base(session, data_dir, named, lock=True)
            references[name] = Reference("base_model", base.named)
    return ResolvedJob(
        recipe, config, dataset, base, request.device, as_fields(request, references), references
    )


async def _in_full(session: AsyncSession, recipe: RecipeSpec, config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The config with the reference of a model that is brought in as it is kept: one writing for one model."""
    how = plan_of(recipe.name).importing
    if how is None or how.setting not in config:
        return config
    return {**config, how.setting: str(await parse_reference(session, str(config[how.setting])))}


async def _dataset(
    session: AsyncSession, data_dir: Path, recipe: RecipeSpec, references: References
) -> DatasetRow | None:
    """The first data set that is named, locked; every one is looked at."""
    found: list[DatasetRow] = []
    for name, accepts in recipe.inputs.items():
        if not accepts.dataset_kinds:
            continue
        if name not in references:
            raise InputMissingError(recipe=recipe.name, missing=FIELDS.get(name, f"inputs.{name}"))
        id_ = references[name].id
        row = or_refuse(
            await session.get(DatasetRow, id_, with_for_update={"read": True}, populate_existing=True),
            DatasetNotFoundError,
            id=id_,
        )
        refuse_kind(recipe, row.kind)
        rows_path(row, data_dir)
        found.append(row)
    return next(iter(found), None)


def _refuse_missing(recipe: RecipeSpec, references: References, config: Mapping[str, Any]) -> None:
    for name, accepts in recipe.inputs.items():
        if accepts.is_named and accepts.is_needed(config) and name not in references:
            raise InputMissingError(recipe=recipe.name, missing=FIELDS.get(name, f"inputs.{name}"))


async def _refuse_gone_adapters(
    session: AsyncSession,
    data_dir: Path,
    recipe: RecipeSpec,
    references: References,
    config: Mapping[str, Any],
) -> None:
    """Check that a training that has completed still has an adapter; one that has not will have, and one that is not
    known is refused as a dependency.

    Raises:
        JobWithoutAdapterError: its files are gone.
    """
    for name, accepts in recipe.inputs.items():
        if ArtifactKind.ADAPTER not in accepts.artifacts or name not in references:
            continue
        training = await repository.find_job(session, references[name].id)
        if training is None or training.state != JobState.COMPLETED or not accepts.is_needed(config):
            continue
        kept = await repository.artifacts_of(session, training.id, ArtifactKind.ADAPTER)
        if kept and not any((data_dir / one.path).is_dir() for one in kept):
            raise JobWithoutAdapterError(job_id=training.id, state=STATE_WORDS[JobState(training.state)])


async def _of_training(session: AsyncSession, references: References) -> str | None:
    """The base of the training whose adapter is worked on."""
    named = references.get("adapter")
    if named is None:
        return None
    training = or_refuse(await repository.find_job(session, named.id), JobNotFoundError, job_id=named.id)
    return base_of(find_recipe(training.recipe), training.inputs)


def base_of(recipe: RecipeSpec, stored: Mapping[str, str]) -> str | None:
    """The base model of a job as it is stored."""
    return next(
        (one.id for one in read_references(recipe, stored).values() if one.kind == "base_model"), None
    )
