"""What each scope of `./llmlora test` runs."""

import os
import re
import subprocess
import sys

import pytest

from llmlora.features.courses.reading import COURSES

pytestmark = pytest.mark.slow


def collected(scope: str) -> set[str]:
    """The tests of `families` that a scope runs; that folder has some of every kind."""
    command = [sys.executable, "-m", "llmlora.entry.cli", "test", scope, "--"]
    plain = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    done = subprocess.run(
        [*command, "--collect-only", "-n0", "families"],
        env=plain,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return set(re.findall(r"^\S+::\S.*$", done.stdout, re.MULTILINE))


def test_long_tests_run_in_their_own_scope_alone() -> None:
    everything, long, fast = (collected(scope) for scope in ("all", "long", "fast"))
    assert long
    assert everything
    assert not long & everything
    assert fast < everything


def test_every_course_is_done_in_both_languages() -> None:
    command = [sys.executable, "-m", "llmlora.entry.cli", "test", "tutorial", "--", "--collect-only", "-n0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = re.findall(r"test_course_reaches_its_end\[(\S+)\]", done.stdout)
    assert sorted(found) == [path.name for path in sorted(COURSES.glob("*.md"))]
    assert len(found) == 6
