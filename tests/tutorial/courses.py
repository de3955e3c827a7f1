"""A studio of its own in which a course is done from its first step to its last."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from llmlora.features.courses.reading import COURSES, read_course

from tests.e2e.browser import Studio, running_studio, walk
from tests.factories import REPOSITORY

FLOW = "flows/course.flow.ts"
COURSE_TIMEOUT_S = 5400


def done_as_told(name: str, directory: Path) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """Do the course of that file name with the counts of its test, in a studio of its own.

    Beside what was printed: the goals that nobody has seen reached, of those that can be seen.
    """
    with course_studio(directory) as studio:
        return studio.does(COURSES / name, directory), studio.unseen_goals(COURSES / name)


@dataclass(frozen=True)
class CourseStudio:
    """A running studio, and the checkout beside it in which a learner enters commands."""

    studio: Studio
    place: Path

    def does(self, course: Path, directory: Path) -> subprocess.CompletedProcess[str]:
        """Do a course; its pictures are taken where the environment's `COURSE_PICTURES` says, else not at all."""
        steps = directory / "course.json"
        told = read_course(course, small=True)
        steps.write_text(json.dumps(told.for_browser(), ensure_ascii=False), encoding="utf-8")
        return walk(
            self.studio,
            FLOW,
            directory / "pictures",
            timeout_s=COURSE_TIMEOUT_S,
            COURSE=str(steps),
            COURSE_PLACE=str(self.place),
            LLMLORA_DATA_DIR=str(self.studio.data_dir),
            LLMLORA_LANG=told.language,
        )

    def unseen_goals(self, file: Path) -> set[str]:
        """Goals of a course that can be seen and that the studio has not seen."""
        course = read_course(file, small=True)
        asked = httpx.get(f"{self.studio.api_url}/api/courses/{course.level}/progress")
        seen = {goal["name"] for goal in asked.raise_for_status().json()["goals"] if goal["ticked_by"]}
        return {goal.name for goal in course.goals if goal.kind != "by_hand"} - seen


@contextmanager
def course_studio(directory: Path) -> Iterator[CourseStudio]:
    """A studio that has nothing yet."""
    place = _checkout_in(directory / "llmlora")
    with running_studio(directory / "data") as studio:
        yield CourseStudio(studio, place)


def _checkout_in(place: Path) -> Path:
    """What a learner's checkout has: the command, already installed, and the courses' files."""
    place.mkdir()
    command = place / "llmlora"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m llmlora.entry.cli "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    for folder in ("tutorial", "examples"):
        (place / folder).symlink_to(REPOSITORY / folder)
    return place
