"""Bases that are good to begin with, and those that are here, judged for this machine."""

import asyncio
import platform
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.forecast import Machine, PastSpeed
from llmlora.contracts.plan import RecommendedBase
from llmlora.features.discovery.fit import (
    DEVICE,
    EXAMPLE_TOKENS,
    EXAMPLES,
    Subject,
    disk_need,
    fit_of,
    machine_out,
)
from llmlora.features.discovery.schemas import BaseFit, Fit, FitList, RecommendedList, RecommendedOut
from llmlora.features.forecast.bases import Base, find_base
from llmlora.features.forecast.machine import machine_now
from llmlora.features.forecast.repository import past_speeds
from llmlora.features.models.service import find_base_model
from llmlora.features.recipes.schemas import Words
from llmlora.kit.db import Database
from llmlora.kit.errors import AppError
from llmlora.kit.machine import disk_of
from llmlora.kit.settings import Settings
from llmlora.recipes import DEFAULT, forecaster_of, importing
from llmlora.tables.base_model import BaseModelRow

# Whoever begins wants to see on the same day whether it works.
LONGEST_FIRST_TRY_S = 2 * 3600.0
_FITTING_FIRST = {"fits": 0, "tight": 1, "unknown": 2, "does_not_fit": 3}
_JAPANESE_FIRST = {"main": 0, "among_others": 1, "no": 2}


async def list_recommended(database: Database, settings: Settings) -> RecommendedList:
    """The recommended bases with what they would take here, the best for this machine first."""
    _, how = importing()
    bases = how.recommended()
    async with database.unit_of_work() as session:
        rows = [await _registered(session, one.reference) for one in bases]
        past = [await _past(session, row) for row in rows]
        ids = [None if row is None else row.id for row in rows]
    judged = await asyncio.to_thread(_judged, list(zip(bases, ids, past, strict=True)), settings.data_dir)
    return judged.model_copy(update={"data": sorted(judged.data, key=_best_first)})


async def judge_bases(database: Database, data_dir: Path, references: Sequence[str]) -> FitList:
    """Whether each of these bases fits; one that cannot be read, or whose files are gone, is not known to."""
    async with database.unit_of_work() as session:
        found = [await _subject(session, data_dir, one) for one in references]
    fits = await asyncio.to_thread(_fits, found)
    return FitList(data=[BaseFit(reference=one, fit=fit) for one, fit in zip(references, fits, strict=True)])


async def registered_ids(database: Database, references: Sequence[str]) -> list[str | None]:
    """Of the models that references brought in."""
    async with database.unit_of_work() as session:
        rows = [await _registered(session, one) for one in references]
        return [None if row is None else row.id for row in rows]


async def _subject(session: AsyncSession, data_dir: Path, reference: str) -> Subject | None:
    try:
        base: Base = await find_base(session, data_dir, reference)
    except AppError:
        return None
    if base.architecture is None:
        return None
    return Subject(
        reference=base.reference,
        architecture=base.architecture,
        is_registered=base.row is not None,
        size_bytes=base.size_bytes,
        past=await _past(session, base.row),
    )


async def _registered(session: AsyncSession, reference: str) -> BaseModelRow | None:
    """The model that a reference brought in; of several, which one is meant nobody can say."""
    try:
        return await find_base_model(session, reference)
    except AppError:
        return None


async def _past(session: AsyncSession, row: BaseModelRow | None) -> list[PastSpeed]:
    speed = forecaster_of(DEFAULT.name).speed
    if row is None or speed is None:
        return []
    names = [row.reference, row.id]
    return await past_speeds(session, names, DEFAULT.name, speed, DEVICE, platform.node())


def _fits(subjects: Sequence[Subject | None]) -> list[Fit | None]:
    machine = machine_now()
    return [None if one is None else fit_of(one, machine) for one in subjects]


def _judged(
    bases: Sequence[tuple[RecommendedBase, str | None, list[PastSpeed]]], data_dir: Path
) -> RecommendedList:
    machine, disk = machine_now(), disk_of(data_dir)
    free_bytes = disk.free_bytes if disk else None
    return RecommendedList(
        machine=machine_out(machine, free_bytes),
        examples=EXAMPLES,
        example_tokens=EXAMPLE_TOKENS,
        data=[_out(base, id_, past, machine, free_bytes) for base, id_, past in bases],
    )


def _out(
    base: RecommendedBase, id_: str | None, past: list[PastSpeed], machine: Machine, free_bytes: int | None
) -> RecommendedOut:
    known = base.known
    subject = Subject(base.reference, known.architecture, id_ is not None, known.size_bytes, past)
    return RecommendedOut(
        reference=base.reference,
        id=id_,
        name=base.name,
        maker=base.maker,
        licence=base.licence,
        languages=list(base.languages),
        has_more_languages=base.has_more_languages,
        japanese=base.japanese,
        gated=base.gated,
        is_bundled=base.is_bundled,
        parameters=known.architecture.parameters,
        context_length=known.architecture.context,
        purpose=Words(ja=base.purpose.ja, en=base.purpose.en),
        sources=dict(base.sources),
        disk=disk_need(known.size_bytes, free_bytes),
        fit=fit_of(subject, machine),
    )


def _best_first(one: RecommendedOut) -> tuple[int, bool, int, int]:
    """Of those that do not fit, some do with other settings, and the smallest is the nearest; of the others the largest
    can most."""
    fit, size = one.fit, one.parameters
    is_slow = fit.seconds is not None and fit.seconds > LONGEST_FIRST_TRY_S
    nearest = size if fit.verdict == "does_not_fit" else -size
    place = _FITTING_FIRST[fit.verdict] + (fit.verdict == "does_not_fit" and fit.lighter is None)
    return place, is_slow, _JAPANESE_FIRST[one.japanese], nearest
