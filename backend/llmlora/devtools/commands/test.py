"""`test [SCOPE]`: the test suite, the quick part of it, what takes long, or what concerns Ollama."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from llmlora.devtools.checks import pages as pages_check
from llmlora.entry.console import out, refuse_ignored, show
from llmlora.entry.language import localized, words
from llmlora.features.courses.reading import COURSES
from llmlora.kit.limits import allowed_processors

MOST_WORKERS = 4
TESTS = Path(__file__).parents[4] / "tests"


class Scope(StrEnum):
    """How much is tested."""

    ALL = "all"
    FAST = "fast"
    LONG = "long"
    OLLAMA = "ollama"
    TUTORIAL = "tutorial"


# What tests/with_ollama/test_chain.py begins with.
CHAIN_BASE = "smollm2:135m"
_MARKS = {Scope.FAST: "not slow and not long", Scope.LONG: "long"}


def run_tests(
    scope: Annotated[
        Scope,
        typer.Argument(
            help=words(
                ja="all は CI と同じもの、fast は遅いテストを除いたもの、long は all に入れるには長いものと docs/families.md の表、"
                "ollama は LLMLORA_TEST_OLLAMA が指す Ollama（保存場所は OLLAMA_MODELS）と動かすもの、"
                "tutorial はすべての講座を最初から最後まで（2 コアで 20 分ほど）。",
                en="all: what CI runs; fast: without the slow tests; long: what is too long for all, and the table of "
                "docs/families.md; ollama: beside the Ollama that LLMLORA_TEST_OLLAMA names, whose store OLLAMA_MODELS "
                "names; tutorial: every course from its first step to its last, about 20 minutes on two cores.",
            )
        ),
    ] = Scope.ALL,
    write: Annotated[
        bool,
        typer.Option(
            "--write",
            help=words(
                ja="tutorial とともに使います。撮った画像を講座に入れます。",
                en="With tutorial: put the pictures that were taken into the courses.",
            ),
        ),
    ] = False,
    arguments: Annotated[
        list[str] | None,
        typer.Argument(help=words(ja="pytest にそのまま渡す引数です。", en="Arguments passed on to pytest.")),
    ] = None,
) -> None:
    """Run a part of the test suite.

    Raises:
        OptionIgnoredError: --write without tutorial.
    """
    if write and scope is not Scope.TUTORIAL:
        refuse_ignored(f"test {scope}", {"write": True})
    if scope is Scope.OLLAMA:
        _say_what_ollama_needs()
    command = [sys.executable, "-m", "pytest", *_chosen(scope), *(arguments or [])]
    # Times, loads and ids in a picture are others at each run: whoever wants them in the courses says so.
    pictures = {"COURSE_PICTURES": str(COURSES)} if write else {}
    has_pages = not arguments and scope in (Scope.ALL, Scope.FAST)
    if has_pages:
        pages_check.packages()
    with ThreadPoolExecutor(max_workers=1) as beside:
        pages = beside.submit(_test_pages) if has_pages else None
        status = subprocess.run(command, cwd=TESTS, env={**pictures, **os.environ}, check=False).returncode
        raise typer.Exit(status or (pages.result() if pages else 0))


def _chosen(scope: Scope) -> list[str]:
    """Which tests run, how they are shared out, and how much is said of them."""
    workers = ["-n", str(min(allowed_processors(), MOST_WORKERS))]
    if scope is Scope.TUTORIAL:
        # Few and long: each is named with its time, and a worker that is free takes the next.
        return [
            "-v",
            "--durations=0",
            "--durations-min=5",
            *workers,
            "--dist=load",
            "--maxschedchunk=1",
            "tutorial",
        ]
    # Most tests wait for processes of theirs; a file stays in one worker, for its fixtures are dear, and files keep
    # the order that tests/plugins/order.py gives them.
    shared = ["--dist", "loadfile", "--no-loadscope-reorder"]
    places = ["with_ollama"] if scope is Scope.OLLAMA else []
    return ["-q", "-m", _MARKS.get(scope, "not long"), *workers, *shared, *places]


def _say_what_ollama_needs() -> None:
    named, store = os.environ.get("LLMLORA_TEST_OLLAMA"), os.environ.get("OLLAMA_MODELS")
    if not named:
        show(
            localized(
                "LLMLORA_TEST_OLLAMA がないため、代わりの Ollama でテストします。本物でテストするには、この変数に接続先（例: 127.0.0.1:11434）を、OLLAMA_MODELS にモデルの保存場所を指定してください。",
                "LLMLORA_TEST_OLLAMA is not set, so a stand-in for Ollama is used. To test with a real one, set it to the address (such as 127.0.0.1:11434), and OLLAMA_MODELS to its directory of models.",
            )
        )
    elif not store or not Path(store).expanduser().is_dir():
        show(
            localized(
                f"OLLAMA_MODELS には、{named} の Ollama がモデルを保存するディレクトリを指定してください（このマシンで読める場所。いまの値: {store or 'なし'}）。",
                f"Set OLLAMA_MODELS to the directory where the Ollama at {named} stores its models; it must be readable on this machine (now: {store or 'not set'}).",
            )
        )
        raise typer.Exit(2)
    else:
        show(
            localized(
                f"一連の流れのテストでは {CHAIN_BASE} を使います。ないときは {named} の Ollama が取得するため、レジストリに接続できるようにしてください。",
                f"The test of the whole chain uses {CHAIN_BASE}. If it is missing, the Ollama at {named} pulls it, so it must be able to reach its registry.",
            )
        )


def _test_pages() -> int:
    """The pages' own tests, which need no service and wait for nothing; 0 when they pass."""
    problem = pages_check.run_program("vitest", "run", "--project", "logic", "--project", "pages")
    out().print(problem or "[bold green]✓[/] vitest", markup=not problem, highlight=False)
    return 1 if problem else 0
