"""Judges the goals of a course by what is there, and finds where each is done, with the learner's own things selected."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.states import FINAL_STATES, JobState
from llmlora.features.courses import repository
from llmlora.features.courses.course_files import rows_of
from llmlora.features.courses.goals import Goal
from llmlora.features.courses.reading import Course
from llmlora.features.courses.repository import Model, Training
from llmlora.features.courses.schemas import LinkOut
from llmlora.recipes import RECIPES

_COMPARED = 3


@dataclass(frozen=True)
class Sight:
    """What is seen of one goal. `at_work`: a job that will reach it has not ended."""

    reached: bool
    link: LinkOut | None
    at_work: bool = False


@dataclass(frozen=True)
class Learner:
    """What there is of a course: the learner's data, what was trained on it, and the models that came of it; newest first."""

    datasets: Sequence[str] = ()
    since: datetime | None = None
    trainings: Sequence[Training] = ()
    models: Sequence[Model] = field(default=())

    def trained(self, settings: Mapping[str, JsonValue], *, completed: bool = True) -> list[Training]:
        """Trainings with these settings that have completed, or those that have not ended yet."""
        return [
            one
            for one in self.trainings
            if _has(one.config, settings)
            and (one.state == JobState.COMPLETED if completed else one.state not in FINAL_STATES)
        ]

    def models_with(self, settings: Mapping[str, JsonValue]) -> list[Model]:
        """Ready models of trainings with these settings."""
        ids = {one.id for one in self.trained(settings)}
        return [model for model in self.models if model.training_id in ids]


async def find_learner(session: AsyncSession, languages: Sequence[Course]) -> Learner:
    """All that belongs to a course, whose data may be that of any of its languages."""
    files = {goal.words for course in languages for goal in course.goals if goal.kind == "data"}
    wanted = [rows for file in sorted(files) for rows in await asyncio.to_thread(rows_of, file)]
    found = await repository.datasets_with(
        session, [one.rows_sha256 for one in wanted], [one.original_sha256 for one in wanted]
    )
    if not found:
        return Learner()
    datasets = [id_ for id_, _ in found]
    trainers = [recipe.name for recipe in RECIPES.values() if recipe.trains]
    trainings = await repository.trainings_on(session, datasets, trainers)
    models = await repository.models_of(session, [one.id for one in trainings])
    return Learner(datasets, found[-1][1], trainings, models)


async def look(
    session: AsyncSession, learner: Learner, goal: Goal, questions: Collection[str], *, is_kept: bool
) -> Sight:
    """How it stands with a goal. `questions`: its words in every language; `is_kept`: whether it is reached is known."""
    at_work = bool(learner.trained(goal.settings, completed=False))
    match goal.kind:
        case "data":
            reached = bool(learner.datasets)
            return Sight(reached, _of_data(learner))
        case "training":
            done = learner.trained(goal.settings)
            return Sight(bool(done), _of_training(learner, goal.settings), at_work and not done)
        case "deployment":
            models = learner.models_with(goal.settings)
            return Sight(bool(models), _of_training(learner, goal.settings), at_work and not models)
        case "question":
            models = learner.models_with(goal.settings)
            names = [name for model in models for name in model.names]
            answered = not is_kept and await repository.has_answered(session, questions, names)
            return Sight(answered, _of_chat(models) or _of_trained(learner, goal.settings))
        case "file":
            return Sight(await _is_made(session, learner, goal), _of_result(learner))
        case "backup":
            since = learner.since
            return Sight(since is not None and await repository.was_backed_up(session, since), None)
        case "by_hand":
            return Sight(False, _of_place(learner, goal))


async def _is_made(session: AsyncSession, learner: Learner, goal: Goal) -> bool:
    ids = [one.id for one in learner.trained({})]
    made = await repository.configs_that_made(session, goal.words, ids)
    return any(_has(config, goal.settings) for config in made)


def _has(config: Mapping[str, Any], settings: Mapping[str, JsonValue]) -> bool:
    return all(config.get(name) == value for name, value in settings.items())


def _of_data(learner: Learner) -> LinkOut:
    if learner.datasets:
        return LinkOut(page="dataset", dataset_id=learner.datasets[0])
    return LinkOut(page="add_data")


def _of_trained(learner: Learner, settings: Mapping[str, JsonValue]) -> LinkOut | None:
    there = (*learner.trained(settings), *learner.trained(settings, completed=False))
    return LinkOut(page="training", job_ids=[there[0].id]) if there else None


def _of_training(learner: Learner, settings: Mapping[str, JsonValue]) -> LinkOut | None:
    """The training itself where there is one, else a new one: as the one before it, or with the learner's data."""
    if there := _of_trained(learner, settings):
        return there
    if not learner.datasets:
        return None
    before = [one.id for one in learner.trainings[:1]]
    return LinkOut(page="new_training", dataset_id=learner.datasets[0], job_ids=before)


def _of_chat(models: Sequence[Model]) -> LinkOut | None:
    return LinkOut(page="chat", model=models[0].name, base=models[0].base) if models else None


def _of_result(learner: Learner) -> LinkOut | None:
    return next((LinkOut(page="training", job_ids=[one.id]) for one in learner.trained({})), None)


def _of_place(learner: Learner, goal: Goal) -> LinkOut | None:
    match goal.place:
        case "comparison":
            compared = _each_once(learner.trained({}))[:_COMPARED]
            return LinkOut(page="comparison", job_ids=compared[::-1]) if len(compared) > 1 else None
        case "training":
            return _of_result(learner)
        case "chat":
            return _of_chat(learner.models)
        case "deployment":
            return LinkOut(page="models") if learner.models else None
        case None:
            return None


def _each_once(trainings: Iterable[Training]) -> list[str]:
    """Ids of trainings, of those with the very same settings only the newest."""
    found: list[Training] = []
    for one in trainings:
        if not any(one.config == other.config for other in found):
            found.append(one)
    return [one.id for one in found]
