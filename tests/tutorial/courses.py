"""A studio of its own in which a course is done from its first step to its last."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from llmlora.features.courses.reading import COURSES, read_course

from tests.e2e.browser import Studio, running_studio, walk
from tests.factories import REPOSITORY

FLOW = "flows/course.flow.ts"
COURSE_TIMEOUT_S = 3000


def done_as_told(name: str, directory: Path) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """Do the course of that file name with the counts of its test; pictures go where `COURSE_PICTURES` says, else nowhere that stays.

    Beside what was printed: the goals that nobody has seen reached, of those that can be seen.
    """
    course = read_course(COURSES / name, small=True)
    steps = directory / "course.json"
    steps.write_text(json.dumps(course.for_browser(), ensure_ascii=False), encoding="utf-8")
    with _studio(directory) as (studio, place, environment):
        done = walk(
            studio,
            FLOW,
            directory / "pictures",
            timeout_s=COURSE_TIMEOUT_S,
            COURSE=str(steps),
            COURSE_PLACE=str(place),
            COURSE_PICTURES=os.environ.get("COURSE_PICTURES", str(directory / "pictures")),
            **environment,
        )
        told = httpx.get(f"{studio.api_url}/api/courses/{course.level}/progress").raise_for_status().json()
    seen = {goal["name"] for goal in told["goals"] if goal["ticked_by"]}
    return done, {goal.name for goal in course.goals if goal.kind != "by_hand"} - seen


@contextmanager
def _studio(directory: Path) -> Iterator[tuple[Studio, Path, dict[str, str]]]:
    place = _checkout_in(directory / "llmlora")
    with running_studio(directory / "data") as studio:
        yield studio, place, {"LLMLORA_DATA_DIR": str(studio.data_dir)}


def _checkout_in(place: Path) -> Path:
    """What a learner's checkout has: the command, already installed, and the courses' files."""
    place.mkdir()
    command = place / "llmlora"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m llmlora.entry.cli "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    for folder in ("tutorial", "examples"):
        (place / folder).symlink_to(REPOSITORY / folder)
    return place
