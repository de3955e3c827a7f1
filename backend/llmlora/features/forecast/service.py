"""Forecasts a job before it starts: collects the facts, of which the recipe tells memory, time and disk.

Works before the bundled model was ever imported; never loads a model.
"""

import asyncio
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.forecast import Facts, Forecast, Lengths, PastSpeed
from llmlora.contracts.recipe import RecipeSpec
from llmlora.features.datasets.service import find_exactly, rows_path
from llmlora.features.forecast import repository
from llmlora.features.forecast.bases import Base, find_base
from llmlora.features.forecast.lengths import counted_lengths, estimated_lengths, unknown_lengths
from llmlora.features.forecast.machine import machine_now
from llmlora.features.forecast.schemas import ForecastRequest
from llmlora.features.forecast.storage import forecast_disk
from llmlora.features.recipes.configs import find_recipe, refuse_kind, validate_config
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings
from llmlora.recipes import forecaster_of, plan_of
from llmlora.recipes.blocks.forecast.automatic import expect_chosen
from llmlora.tables.dataset import DatasetRow


@dataclass(frozen=True)
class Resolved:
    """What a request means, found once: the recipe, its config with every default, the rows that it names."""

    recipe: RecipeSpec
    config: dict[str, Any]
    dataset: DatasetRow | None
    base: Base | None
    device: str


async def forecast(database: Database, settings: Settings, request: ForecastRequest) -> Forecast:
    """What a job will take of memory, time and disk.

    Raises:
        RecipeNotFoundError: there is no such recipe.
        ConfigInvalidError: names every setting that is wrong.
        DatasetNotFoundError: there is no such dataset.
        DatasetFilesGoneError, BaseModelFilesGoneError: the files are no longer there.
        RecipeRefusesKindError: the recipe does not take such data.
        UnknownBaseModelError: the reference cannot be read.
        AmbiguousBaseModelError: it means several.
        BaseModelTaskError: it cannot learn what the recipe teaches.
    """
    recipe = find_recipe(request.recipe)
    config = validate_config(recipe, request.config)
    dataset = None
    if request.dataset_id is not None and "dataset" in recipe.inputs:
        dataset = await find_exactly(database, request.dataset_id)
        refuse_kind(recipe, dataset.kind)
        rows_path(dataset, settings.data_dir)  # what is gone is told, whatever is known of its lengths
    async with database.unit_of_work() as session:
        base = await _base(session, settings.data_dir, recipe, config, request.base_model)
        resolved = Resolved(recipe, config, dataset, base, request.device)
        expected = await expect(session, settings.data_dir, resolved)
        session.expunge_all()
    return expected


async def expect(session: AsyncSession, data_dir: Path, resolved: Resolved) -> Forecast:
    """Memory, time and disk of what a request means."""
    base, speed = resolved.base, forecaster_of(resolved.recipe.name).speed
    past: list[PastSpeed] = []
    if speed is not None and base is not None and base.architecture is not None:
        names = [base.reference, base.named]
        past = await repository.past_speeds(
            session, names, resolved.recipe.name, speed, resolved.device, platform.node()
        )
    return await asyncio.to_thread(_expected, resolved, past, data_dir)


async def _base(
    session: AsyncSession, data_dir: Path, recipe: RecipeSpec, config: dict[str, Any], named: str | None
) -> Base | None:
    """The model that is worked on, or brought in; None for a recipe that does neither."""
    importing = plan_of(recipe.name).importing
    if importing is not None:
        named = named or str(config[importing.setting])
        return await find_base(session, data_dir, named)
    if "base_model" not in recipe.inputs:
        return None
    return await find_base(session, data_dir, named, tasks=recipe.inputs["base_model"].base_model_tasks)


def _expected(resolved: Resolved, past: Sequence[PastSpeed], data_dir: Path) -> Forecast:
    base, dataset = resolved.base, resolved.dataset
    facts = Facts(
        config=resolved.recipe.config.model_validate(resolved.config),
        device=resolved.device,
        machine=machine_now(),
        base_model=base.reference if base else None,
        is_registered=base is not None and base.row is not None,
        architecture=base.architecture if base else None,
        tokenizer_bytes=base.tokenizer_bytes if base else 0,
        size_bytes=base.size_bytes if base else None,
        lengths_of=lambda max_length: _lengths(dataset, base, data_dir, max_length),
        past=past,
    )
    told, chosen = expect_chosen(forecaster_of(resolved.recipe.name), facts)
    return Forecast(
        recipe=resolved.recipe.name,
        base_model=facts.base_model,
        dataset_id=dataset.id if dataset else None,
        lengths=told.lengths,
        memory=told.memory,
        time=told.time,
        disk=forecast_disk(told.disk, data_dir),
        chosen=dict(chosen),
    )


def _lengths(dataset: DatasetRow | None, base: Base | None, data_dir: Path, max_length: int) -> Lengths:
    if dataset is None:
        return unknown_lengths(max_length)
    row, known = (base.row, base.architecture) if base else (None, None)
    counted = counted_lengths(dataset, row, data_dir, max_length)
    vocabulary = known.vocab if known else 0
    return counted or estimated_lengths(dataset, rows_path(dataset, data_dir), vocabulary, max_length)
