"""Settings that a request leaves to the forecast (`auto`): chosen when the job is planned, or once its base model is here.

What was chosen stands in the job's config, which no resume changes; that it was chosen, in `forecast.chosen` (ADR 0043).
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.forecast import Forecast
from llmlora.contracts.recipe import AUTO
from llmlora.features.forecast.service import expect
from llmlora.features.jobs.resolving import ResolvedJob, resolve
from llmlora.features.jobs.schemas import JobCreate
from llmlora.kit.errors import AppError
from llmlora.recipes import RECIPES, forecaster_of
from llmlora.recipes.blocks.forecast.automatic import lightest
from llmlora.recipes.blocks.forecast.memory import booked
from llmlora.tables.job import JobRow


def is_undecided(recipe: str, config: Mapping[str, Any]) -> bool:
    """Whether a setting still says `auto`."""
    automatic = forecaster_of(recipe).automatic
    return automatic is not None and config.get(automatic.setting) == AUTO


def decided(asked: ResolvedJob, known: Forecast) -> tuple[ResolvedJob, Forecast]:
    """The job with what the forecast has chosen in the place of `auto`, and the forecast that tells of it. Both still say
    nothing where the base model is yet to be imported: `decide_waiting` follows then."""
    chosen = dict(known.chosen)
    if not chosen and (asked.base is None or asked.base.row is not None):
        chosen = _lightest(asked.recipe.name, asked.config)
    return replace(asked, config={**asked.config, **chosen}), known.model_copy(update={"chosen": chosen})


async def decide_waiting(session: AsyncSession, data_dir: Path, job: JobRow, request: JobCreate) -> None:
    """Choose for a job that has waited for its base model, and book the memory that it will take. `request`: as it is now.

    What keeps the forecast from being made (data that is gone) keeps the run from starting, too, and is told there.
    """
    if not is_undecided(job.recipe, job.config):
        return
    told, chosen = job.forecast or {}, _lightest(job.recipe, job.config)
    with suppress(AppError):
        known = await expect(session, data_dir, await resolve(session, data_dir, request))
        told, chosen = known.model_dump(mode="json"), dict(known.chosen) or chosen
        if known.memory is not None:
            job.memory_bytes, job.device_memory_bytes = booked(known.memory)
    job.config = {**job.config, **chosen}
    job.forecast = {**told, "chosen": chosen} if told else None


def _lightest(recipe: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """What is chosen where nobody can foresee anything."""
    return dict(lightest(forecaster_of(recipe), RECIPES[recipe].config.model_validate(config)))
