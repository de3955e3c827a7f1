"""`test [fast]`: the whole test suite, or what answers within two minutes."""

import os
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

MOST_WORKERS = 4
TESTS = Path(__file__).parents[4] / "tests"


class Scope(StrEnum):
    """How much is tested."""

    ALL = "all"
    FAST = "fast"


def run_tests(
    scope: Annotated[Scope, typer.Argument(help="all, or fast: without the slow tests.")] = Scope.ALL,
    arguments: Annotated[list[str] | None, typer.Argument(help="Passed on to pytest.")] = None,
) -> None:
    """Run the tests on real services and a real model. テストを実行します。"""
    chosen = ["-m", "not slow"] if scope is Scope.FAST else []
    # Most tests wait for processes of theirs; a file stays in one worker, for its fixtures are dear.
    chosen += ["-n", str(min(os.cpu_count() or 1, MOST_WORKERS)), "--dist", "loadfile"]
    command = [sys.executable, "-m", "pytest", "-q", *chosen, *(arguments or [])]
    raise typer.Exit(subprocess.run(command, cwd=TESTS, check=False).returncode)
