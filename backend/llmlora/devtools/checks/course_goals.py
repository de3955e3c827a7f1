"""What `check` says about the goals of the courses: that they can be reached by doing what the course tells."""

import re
from collections.abc import Iterator, Sequence

from pydantic import JsonValue, ValidationError

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import RecipeSpec
from llmlora.features.courses.goals import Goal
from llmlora.features.courses.reading import REPOSITORY, Course
from llmlora.features.recipes.titles import titles_of
from llmlora.recipes import RECIPES


def goal_faults(course: Course) -> list[str]:
    """What is wrong with the head of a course and with its goals, with the line."""
    return [f"{course.path.name}:{line}: {words}" for line, words in _faults(course)]


def _faults(course: Course) -> Iterator[tuple[int, str]]:
    if not course.title or not course.minutes:
        yield 1, "the first heading has no time: # … (30 minutes), # …（30 分）"
    if not course.audience:
        yield 1, "it does not say for whom it is: <!-- for: … -->"
    if not course.goals:
        yield 1, "nothing says what finishes a section: <!-- done NAME: … -->"
    for goal in course.goals:
        yield from (
            (goal.line, words) for words in (*_wrong_words(course, goal), *_wrong_settings(course, goal))
        )


def unlike_twins(courses: Sequence[Course]) -> Iterator[str]:
    """Goals that one language of a course has and the other lacks, or says otherwise."""
    by_name: dict[str, Course] = {}
    for course in courses:
        twin = by_name.setdefault(course.name, course)
        for one, other in ((course, twin), (twin, course)):
            theirs = {_same_in_twins(goal) for goal in other.goals}
            for goal in one.goals:
                if _same_in_twins(goal) not in theirs:
                    yield f"{one.path.name}:{goal.line}: {other.path.name} has no such goal: {goal.name}"


def _same_in_twins(goal: Goal) -> tuple[object, ...]:
    """All but the words, which are of their language."""
    return goal.name, goal.kind, goal.anchor, goal.place, tuple(sorted(goal.settings.items()))


def _wrong_words(course: Course, goal: Goal) -> Iterator[str]:
    if goal.kind == "data":
        named = any(goal.words in step.value for step in course.steps if step.op in ("file", "command"))
        if not (REPOSITORY / goal.words).is_file():
            yield f"no file: {goal.words}"
        elif not named:
            yield f"no step adds this file: {goal.words}"
    if goal.kind == "question" and not any(
        step.op == "ask" and step.value == goal.words for step in course.steps
    ):
        yield f"no step asks this: {goal.words}"
    if goal.kind == "file" and goal.words not in {kind.value for kind in ArtifactKind}:
        yield f"no kind of artifact: {goal.words}"


def _wrong_settings(course: Course, goal: Goal) -> Iterator[str]:
    # A file is made by whatever recipe makes such files; all else comes of a training.
    recipes = [one for one in RECIPES.values() if _makes(one, goal)]
    for name, value in goal.settings.items():
        taking = [recipe for recipe in recipes if name in recipe.config.model_fields]
        if not taking:
            yield f"no setting: {name}"
        elif not any(_takes(recipe, name, value) for recipe in taking):
            yield f"no value of {name}: {_written(value)}"
        elif not _is_told(course, name, value):
            yield f"no step sets {name} to {_written(value)}"


def _makes(recipe: RecipeSpec, goal: Goal) -> bool:
    return (
        any(kind.value == goal.words for kind in recipe.artifacts) if goal.kind == "file" else recipe.trains
    )


def _takes(recipe: RecipeSpec, name: str, value: JsonValue) -> bool:
    try:
        recipe.config.model_validate({name: value})
    except ValidationError as error:
        return all(one["loc"][:1] != (name,) for one in error.errors())
    return True


def _is_told(course: Course, name: str, value: JsonValue) -> bool:
    """Whether a step types it under the setting's title, or a command has the value as a word of its own."""
    titles, written = titles_of(name, None), _written(value)
    as_word = re.compile(rf"(?<![\w.]){re.escape(written)}(?![\w.])")
    return any(
        (step.op in ("type", "choose") and step.label in titles and step.value == written)
        or (step.op == "command" and as_word.search(step.value) is not None)
        for step in course.steps
    )


def _written(value: JsonValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
