"""`test [SCOPE]`: the test suite, the quick part of it, what takes long, or what concerns Ollama."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from llmlora.entry import pages_check
from llmlora.entry.console import out

MOST_WORKERS = 4
TESTS = Path(__file__).parents[4] / "tests"


class Scope(StrEnum):
    """How much is tested."""

    ALL = "all"
    FAST = "fast"
    LONG = "long"
    OLLAMA = "ollama"
    TUTORIAL = "tutorial"


_MARKS = {Scope.FAST: "not slow and not long", Scope.LONG: "long"}


def run_tests(
    scope: Annotated[
        Scope,
        typer.Argument(
            help="all: what CI runs; fast: without the slow tests; long: what is too long for all, and the table of "
            "docs/families.md; ollama: beside the Ollama that LLMLORA_TEST_OLLAMA names; tutorial: the courses."
        ),
    ] = Scope.ALL,
    arguments: Annotated[list[str] | None, typer.Argument(help="Passed on to pytest.")] = None,
) -> None:
    """Run the tests on real services and a real model. テストを実行します。"""
    if scope is Scope.TUTORIAL:
        out().print("講座のテストはまだありません。 / There are no tests of the courses yet.")
        return
    chosen = ["-m", _MARKS.get(scope, "not long")]
    # Most tests wait for processes of theirs; a file stays in one worker, for its fixtures are dear, and files keep
    # the order that tests/plugins/order.py gives them.
    chosen += [
        "-n",
        str(min(os.cpu_count() or 1, MOST_WORKERS)),
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
    ]
    chosen += ["with_ollama"] if scope is Scope.OLLAMA else []
    command = [sys.executable, "-m", "pytest", "-q", *chosen, *(arguments or [])]
    has_pages = not arguments and scope in (Scope.ALL, Scope.FAST)
    if has_pages:
        pages_check.packages()
    with ThreadPoolExecutor(max_workers=1) as beside:
        pages = beside.submit(_test_pages) if has_pages else None
        status = subprocess.run(command, cwd=TESTS, check=False).returncode
        raise typer.Exit(status or (pages.result() if pages else 0))


def _test_pages() -> int:
    """The pages' own tests, which need no service and wait for nothing; 0 when they pass."""
    problem = pages_check.run_program("vitest", "run", "--project", "logic", "--project", "pages")
    out().print(problem or "[bold green]✓[/] vitest", markup=not problem, highlight=False)
    return 1 if problem else 0
