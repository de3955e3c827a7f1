"""Shows the courses and how far a learner is. What is seen done is kept: it stays done when its data is deleted."""

from collections import defaultdict
from functools import cache
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.features.courses import repository
from llmlora.features.courses.course_files import files_of
from llmlora.features.courses.errors import (
    CourseFileNotFoundError,
    CourseNotFoundError,
    GoalNotFoundError,
    GoalSeenError,
)
from llmlora.features.courses.goals import Goal
from llmlora.features.courses.reading import COURSES, Course, read_course
from llmlora.features.courses.schemas import (
    CourseOut,
    CourseProgress,
    CourseTextOut,
    GoalOut,
    GoalProgress,
    Language,
    SectionOut,
    SettingOut,
    StepOut,
)
from llmlora.features.courses.seen import find_learner, look
from llmlora.features.recipes.titles import titles_of
from llmlora.kit.clock import utc_now

Twins = dict[str, Course]
"""A course by its languages."""


def courses() -> dict[int, Twins]:
    """Every course by its level; a file that was edited is read again."""
    found: dict[int, Twins] = defaultdict(dict)
    for path in sorted(COURSES.glob("*.md")):
        course = _read(path, path.stat().st_mtime_ns)
        if course.level:
            found[course.level][course.language] = course
    return dict(sorted(found.items()))


@cache
def _read(path: Path, _mtime_ns: int) -> Course:
    return read_course(path)


def _twins_of(level: int) -> Twins:
    known = courses()
    if level not in known:
        raise CourseNotFoundError(level=level, known=", ".join(map(str, known)))
    return known[level]


def _in(twins: Twins, language: Language) -> Course:
    """The course in that language, else in the one that it has."""
    return twins.get(language) or next(iter(twins.values()))


async def list_courses(session: AsyncSession, language: Language) -> list[CourseOut]:
    """All courses, the first level first."""
    found = []
    for level, twins in courses().items():
        progress = await progress_of(session, level)
        found.append(_out(_in(twins, language), progress))
    return found


async def get_course(session: AsyncSession, level: int, language: Language) -> CourseTextOut:
    """A course to read.

    Raises:
        CourseNotFoundError: there is none of that level.
    """
    course = _in(_twins_of(level), language)
    return CourseTextOut(
        **_out(course, await progress_of(session, level)).model_dump(),
        text=course.text,
        sections=[SectionOut(anchor=one.anchor, title=one.title, line=one.line) for one in course.sections],
        goals=[_goal_out(goal, course.language) for goal in course.goals],
        steps=[
            StepOut(op=step.op, line=step.line, value=step.value)
            for step in course.steps
            if step.op in ("page", "file")
        ],
    )


async def progress_of(session: AsyncSession, level: int) -> CourseProgress:
    """How it stands with each goal now; what is seen reached is kept.

    Raises:
        CourseNotFoundError: there is none of that level.
    """
    twins = _twins_of(level)
    course = next(iter(twins.values()))
    kept = {row.goal: row for row in await repository.ticks_of(session, [course.name])}
    learner = await find_learner(session, list(twins.values()))
    now, seen, goals = utc_now(), list[str](), list[GoalProgress]()
    for goal in course.goals:
        questions = [one.words for other in twins.values() for one in other.goals if one.name == goal.name]
        tick = kept.get(goal.name)
        sight = await look(session, learner, goal, questions, is_kept=tick is not None)
        if tick is None and sight.reached:
            seen.append(goal.name)
        by = tick.by if tick is not None else "seen" if sight.reached else None
        at = tick.ticked_at if tick is not None else now if sight.reached else None
        goals.append(
            GoalProgress.model_validate(
                {
                    "name": goal.name,
                    "ticked_by": by,
                    "ticked_at": at,
                    "at_work": sight.at_work,
                    "link": sight.link,
                }
            )
        )
    await repository.keep_ticks(session, course.name, seen, "seen", now)
    return CourseProgress(level=level, goals=goals)


async def tick(session: AsyncSession, level: int, name: str) -> None:
    """The learner says that a goal is reached that nobody sees.

    Raises:
        CourseNotFoundError, GoalNotFoundError: there is none.
        GoalSeenError: it is judged by what is there.
    """
    course = _require_by_hand(level, name)
    await repository.keep_ticks(session, course, [name], "hand", utc_now())


async def untick(session: AsyncSession, level: int, name: str) -> None:
    """The learner takes that back.

    Raises:
        CourseNotFoundError, GoalNotFoundError: there is none.
        GoalSeenError: it is judged by what is there.
    """
    course = _require_by_hand(level, name)
    await repository.forget_tick(session, course, name)


def file_of(level: int, name: str) -> Path:
    """A picture or data file that a course names.

    Raises:
        CourseNotFoundError: there is none of that level.
        CourseFileNotFoundError: it names no such file, or the file is gone.
    """
    for course in _twins_of(level).values():
        path = files_of(course).get(name)
        if path is not None and path.is_file():
            return path
    raise CourseFileNotFoundError(level=level, name=name)


def _require_by_hand(level: int, name: str) -> str:
    course = next(iter(_twins_of(level).values()))
    goal = next((one for one in course.goals if one.name == name), None)
    if goal is None:
        raise GoalNotFoundError(level=level, goal=name)
    if goal.kind != "by_hand":
        raise GoalSeenError()
    return course.name


def _out(course: Course, progress: CourseProgress) -> CourseOut:
    done = sum(goal.ticked_by is not None for goal in progress.goals)
    return CourseOut.model_validate(
        {
            "level": course.level,
            "language": course.language,
            "title": course.title,
            "minutes": course.minutes,
            "audience": course.audience,
            "goals_total": len(course.goals),
            "goals_done": done,
        }
    )


def _goal_out(goal: Goal, language: str) -> GoalOut:
    settings = [
        SettingOut(name=name, title=titles_of(name, None)[0 if language == "ja" else 1], value=value)
        for name, value in goal.settings.items()
    ]
    words = Path(goal.words).name if goal.kind == "data" else goal.words
    return GoalOut(name=goal.name, anchor=goal.anchor, kind=goal.kind, words=words, settings=settings)
