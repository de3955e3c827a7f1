"""What a request for a job means, found once at the door: forecast, planning and chains take the result."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import PRODUCTS, ArtifactKind
from llmlora.contracts.recipe import Accepts, RecipeSpec
from llmlora.contracts.states import STATE_WORDS, JobState
from llmlora.features.datasets.errors import DatasetNotFoundError
from llmlora.features.datasets.service import rows_path
from llmlora.features.forecast.bases import Base, find_base
from llmlora.features.forecast.service import Resolved
from llmlora.features.jobs import repository
from llmlora.features.jobs.errors import InputMissingError, JobNotFoundError, JobWithoutAdapterError
from llmlora.features.jobs.references import (
    FIELDS,
    PRODUCT_INPUTS,
    Reference,
    References,
    asked_references,
    read_references,
)
from llmlora.features.jobs.schemas import JobCreate
from llmlora.features.models.service import parse_reference
from llmlora.features.recipes.configs import find_recipe, refuse_kind, validate_config
from llmlora.kit.db import or_refuse
from llmlora.recipes import plan_of
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.job import JobRow


@dataclass(frozen=True)
class ResolvedJob(Resolved):
    """A job that is asked for, and what it works on. `references`: every input by name, the base as jobs name it;
    `training`: the job whose adapter it works on, where there is such a job."""

    request: JobCreate
    references: References
    training: JobRow | None = None

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
    references, request = asked_references(request, recipe)
    given: Mapping[str, Any] = request.config
    how = plan_of(recipe.name).importing
    if how is not None and how.setting in given:  # one writing for one model
        given = {**given, how.setting: str(await parse_reference(session, str(given[how.setting])))}
    config = validate_config(recipe, given)
    dataset, training, base = None, None, None
    for name, accepts in recipe.inputs.items():
        named = references.get(name)
        if named is None:
            if accepts.is_named and accepts.is_needed(config):
                raise InputMissingError(recipe=recipe.name, missing=FIELDS.get(name, f"inputs.{name}"))
        elif accepts.dataset_kinds:
            found = await _dataset(session, data_dir, recipe, named.id)
            dataset = dataset or found
        elif accepts.artifacts & PRODUCTS:
            training = await repository.find_job(session, named.id)
            if accepts.is_needed(config):
                await _refuse_gone_product(session, data_dir, training, accepts.artifacts)
    for name, accepts in recipe.inputs.items():
        if accepts.base_model_tasks:
            base = await _base(session, data_dir, references, name, accepts, training) or base
    return ResolvedJob(recipe, config, dataset, base, request.device, request, references, training)


async def _dataset(session: AsyncSession, data_dir: Path, recipe: RecipeSpec, id_: str) -> DatasetRow:
    looked_for = session.get(DatasetRow, id_, with_for_update={"read": True}, populate_existing=True)
    row = or_refuse(await looked_for, DatasetNotFoundError, id=id_)
    refuse_kind(recipe, row.kind)
    rows_path(row, data_dir)
    return row


async def _refuse_gone_product(
    session: AsyncSession, data_dir: Path, training: JobRow | None, wanted: frozenset[ArtifactKind]
) -> None:
    """Check that a training that has completed still has what it made; one that has not will have, and one that is not
    known is refused as a dependency.

    Raises:
        JobWithoutAdapterError: its files are gone.
    """
    if training is None or training.state != JobState.COMPLETED:
        return
    kept = [
        one
        for kind in sorted(wanted & PRODUCTS)
        for one in await repository.artifacts_of(session, training.id, kind)
    ]
    if kept and not any((data_dir / one.path).is_dir() for one in kept):
        raise JobWithoutAdapterError(name=training.name, state=STATE_WORDS[JobState(training.state)])


async def _base(
    session: AsyncSession,
    data_dir: Path,
    references: dict[str, Reference],
    name: str,
    accepts: Accepts,
    training: JobRow | None,
) -> Base | None:
    """The base model that an input means, named among the references from now on; None behind a training without one."""
    asked = references[name].id if name in references else _base_behind(training, references)
    if asked is None and training is not None and not accepts.required:
        return None
    base = await find_base(session, data_dir, asked, tasks=accepts.base_model_tasks, lock=True)
    references[name] = Reference("base_model", base.named)
    return base


def _base_behind(training: JobRow | None, references: References) -> str | None:
    """The base of the training whose adapter is worked on; None: no training is named."""
    if training is not None:
        return base_of(find_recipe(training.recipe), training.inputs)
    named = next((references[name] for name in PRODUCT_INPUTS if name in references), None)
    if named is not None:
        raise JobNotFoundError(job_id=named.id)
    return None


def base_of(recipe: RecipeSpec, stored: Mapping[str, str]) -> str | None:
    """The base model of a job as it is stored."""
    return next(
        (one.id for one in read_references(recipe, stored).values() if one.kind == "base_model"), None
    )
