"""The files that courses name: the rows of their data sets, by which a learner's are known, and what pages may fetch."""

import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from llmlora.data.importer import import_file
from llmlora.data.importer_protocol import Request
from llmlora.features.courses.reading import COURSES, REPOSITORY, Course

_FORMS = (".json", ".jsonl", ".csv")


class Rows(NamedTuple):
    """What a data set made of a course's file has: its rows, and the bytes of its file, each as SHA-256."""

    rows_sha256: str
    original_sha256: str


def rows_of(file: str) -> tuple[Rows, ...]:
    """The rows of a file that a course names, in each of its forms (`name.json`, `name.csv`, `name_chat.jsonl`)."""
    path = REPOSITORY / file
    stem = path.stem.removesuffix("_chat")
    forms = (path.with_name(f"{one}{end}") for one in (stem, f"{stem}_chat") for end in _FORMS)
    return tuple(_read(form, form.stat().st_mtime_ns) for form in forms if form.is_file())


@cache
def _read(path: Path, _mtime_ns: int) -> Rows:
    # These files are the product's own: they need no process with bounds.
    with tempfile.TemporaryDirectory(prefix="llmlora-course-") as directory:
        request = Request(source=path, directory=Path(directory), kind=None, mapping={})
        read = import_file(request, lambda _: None)
    assert read.rows_sha256 is not None
    assert read.original_sha256 is not None
    return Rows(read.rows_sha256, read.original_sha256)


def files_of(course: Course) -> dict[str, Path]:
    """Pictures and data of a course by their file names; no other file can be asked for."""
    named = [
        (COURSES if step.op == "picture" else REPOSITORY) / step.value
        for step in course.steps
        if step.op in ("picture", "file")
    ]
    data = [REPOSITORY / goal.words for goal in course.goals if goal.kind == "data"]
    return {path.name: path for path in (*named, *data)}
