"""`check`: everything that can be said about the code without running a job."""

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from llmlora.devtools.checks import pages as pages_check
from llmlora.devtools.checks.compose import compose_problem
from llmlora.devtools.checks.courses import names_that_are_gone
from llmlora.devtools.checks.dockerfiles import faulty_dockerfiles
from llmlora.devtools.checks.errors_reference import errors_reference
from llmlora.devtools.checks.fault_pages import fault_pages_map
from llmlora.devtools.checks.languages import mixed_texts
from llmlora.devtools.checks.manual import manual_faults
from llmlora.devtools.checks.manual_reference import manual_pages
from llmlora.devtools.checks.python_client.drawing import MODULES, client_module
from llmlora.devtools.checks.reference import (
    api_reference,
    command_reference,
    kinds_reference,
    model_wheels,
    recipes_reference,
    settings_reference,
)
from llmlora.devtools.checks.troubleshooting import faults_of_fault_pages
from llmlora.devtools.checks.words import retired_words_left
from llmlora.devtools.checks.writing import ill_written
from llmlora.entry.console import err, out
from llmlora.entry.language import words
from llmlora.kit.manual import FAULT_PAGES

BACKEND = Path(__file__).parents[3]
REPOSITORY = BACKEND.parent
GENERATED: dict[Path, Callable[[], str]] = {
    REPOSITORY / "docs" / "cli.md": partial(command_reference, "en"),
    REPOSITORY / "docs" / "cli.ja.md": partial(command_reference, "ja"),
    REPOSITORY / "docs" / "openapi.json": api_reference,
    REPOSITORY / "docs" / "ja" / "reference" / "errors.md": partial(errors_reference, "ja"),
    REPOSITORY / "docs" / "en" / "reference" / "errors.md": partial(errors_reference, "en"),
    FAULT_PAGES: fault_pages_map,
    REPOSITORY / "frontend" / "src" / "entities" / "recipe" / "recipes.test.json": recipes_reference,
    REPOSITORY / "frontend" / "src" / "entities" / "dataset" / "kinds.test.json": kinds_reference,
    REPOSITORY / ".env.example": settings_reference,
    BACKEND / "model-wheels.txt": model_wheels,
    **{BACKEND / "llmlora" / "client" / "generated" / name: partial(client_module, name) for name in MODULES},
    **manual_pages(),
}


def check(
    write: Annotated[
        bool,
        typer.Option(
            "--write",
            help=words(
                ja="コードから作るファイル（docs/cli.md、docs/cli.ja.md、docs/openapi.json、.env.example、画面のクライアントなど）を作り直します。",
                en="Regenerate the files that are drawn from code: docs/cli.md, docs/cli.ja.md, docs/openapi.json, .env.example, the client of the pages and others.",
            ),
        ),
    ] = False,
) -> None:
    """Look at everything that is written down."""
    if write:
        for path, make in GENERATED.items():
            path.write_text(make(), encoding="utf-8")
        pages_check.packages()
        pages_check.generate_client()
    with ThreadPoolExecutor() as pool:
        # Python beside the pages' packages, then what reads the pages beside what compiles them.
        python = pool.submit(_failed, backend_steps())
        failed = _failed([PACKAGES])
        lanes = [] if failed else [pool.submit(_failed, lane) for lane in pages_lanes()]
        failed += [step for lane in (python, *lanes) for step in lane.result()]
    if failed:
        err().print(f"[bold red]✗[/] {', '.join(step.name for step in failed)}")
        raise typer.Exit(1)
    out().print("[bold green]✓[/] check")


@dataclass(frozen=True)
class Step:
    """One check: `problem()` is empty when it passes; `cure` is the command that mends most failures."""

    name: str
    problem: Callable[[], str]
    cure: str = ""


def backend_steps() -> list[Step]:
    """Checks of what is written in Python, the quickest first."""
    bin_dir = Path(sys.executable).parent
    ruff, sources = (
        str(bin_dir / "ruff"),
        ["llmlora", "migrations", "../tests", "../examples", "../bench", "../compat"],
    )
    names = " ".join(sources)
    return [
        Step("ruff", lambda: _run(ruff, "check", *sources), f"cd backend && ruff check --fix {names}"),
        Step(
            "format", lambda: _run(ruff, "format", "--check", *sources), f"cd backend && ruff format {names}"
        ),
        Step("documents", _document_drift, "./llmlora check --write"),
        Step("docker-compose.yml", compose_problem),
        Step("words", retired_words_left, "write what docs/glossary.md says instead"),
        Step("writing", ill_written, "write as the section on style of docs/glossary.md says"),
        Step(
            "languages",
            mixed_texts,
            "give each language a text of its own: words(ja=…, en=…), localized(…, …)",
        ),
        Step("courses", names_that_are_gone, "write what the pages and commands are called now"),
        Step("dockerfiles", faulty_dockerfiles),
        Step(
            "manual",
            manual_faults,
            "write what pages, commands and files are called now, in docs/ja and docs/en",
        ),
        Step(
            "troubleshooting",
            faults_of_fault_pages,
            "write what the pages, commands and codes are called now",
        ),
        Step("import contracts", lambda: _run(str(bin_dir / "lint-imports"), "--no-cache")),
        Step("mypy --strict", lambda: _run(str(bin_dir / "mypy"))),
        Step(
            "migrations",
            lambda: _run(sys.executable, "-m", "llmlora.devtools.checks.migration_drift"),
            "add a file to backend/migrations/versions that makes these changes",
        ),
    ]


PACKAGES = Step("pages: packages", pages_check.packages)


def pages_lanes() -> list[list[Step]]:
    """Checks of the pages that need the packages, in lanes that need nothing of each other."""
    read = [
        Step("pages: client", pages_check.client_drift, "./llmlora check --write"),
        Step("pages: translations", pages_check.translations),
        Step("pages: eslint", pages_check.style, "cd frontend && npx eslint --fix ."),
    ]
    compiled = [
        Step("pages: types", pages_check.types),
        Step("pages: bundle budget", pages_check.bundle_budget),
    ]
    return [read, compiled]


def _failed(steps: list[Step]) -> list[Step]:
    return [step for step in steps if not _passes(step)]


def _passes(step: Step) -> bool:
    started = time.monotonic()
    problem = step.problem()
    mark = "[red]✗[/]" if problem else "[green]✓[/]"
    out().print(f"{mark} {step.name} [dim]{time.monotonic() - started:.1f} s[/]", highlight=False)
    if problem:
        cure = f"\n→ {step.cure}" if step.cure else ""
        err().print(problem.rstrip() + cure, markup=False, highlight=False, soft_wrap=True)
    return not problem


def _run(*command: str) -> str:
    """What a failing program printed; empty when it passed."""
    done = subprocess.run(command, cwd=BACKEND, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"$ {' '.join(command)}\n{done.stdout}{done.stderr}"


def _document_drift() -> str:
    stale = [
        path.relative_to(REPOSITORY).as_posix()
        for path, make in GENERATED.items()
        if not path.exists() or path.read_text(encoding="utf-8") != make()
    ]
    return f"not as the code says: {', '.join(stale)}" if stale else ""
