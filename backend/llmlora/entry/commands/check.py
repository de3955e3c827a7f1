"""`check`: everything that can be said about the code without running the product."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from llmlora.entry.console import err, out
from llmlora.entry.reference import command_reference, settings_reference

BACKEND = Path(__file__).parents[3]
REPOSITORY = BACKEND.parent
GENERATED: dict[Path, Callable[[], str]] = {
    REPOSITORY / "docs" / "cli.md": command_reference,
    REPOSITORY / ".env.example": settings_reference,
}


def check(
    write: Annotated[bool, typer.Option("--write", help="Regenerate docs/cli.md and .env.example.")] = False,
) -> None:
    """Check style, types, imports, migrations and documents. コードを検査します。"""
    if write:
        for path, make in GENERATED.items():
            path.write_text(make(), encoding="utf-8")
    bin_dir = Path(sys.executable).parent
    ruff, sources = str(bin_dir / "ruff"), ["llmlora", "migrations", "../tests"]
    steps: list[tuple[str, Callable[[], str]]] = [
        ("ruff", lambda: _run(ruff, "check", *sources)),
        ("format", lambda: _run(ruff, "format", "--check", *sources)),
        ("mypy --strict", lambda: _run(str(bin_dir / "mypy"))),
        ("import contracts", lambda: _run(str(bin_dir / "lint-imports"), "--no-cache")),
        ("migration drift", lambda: _run(sys.executable, "-m", "llmlora.entry.migration_drift")),
        ("document drift", _document_drift),
    ]
    failed = [name for name, step in steps if not _passes(name, step)]
    if failed:
        err().print(f"[bold red]✗[/] {', '.join(failed)}")
        raise typer.Exit(1)
    out().print("[bold green]✓[/] check")


def _passes(name: str, step: Callable[[], str]) -> bool:
    started = time.monotonic()
    problem = step()
    mark = "[red]✗[/]" if problem else "[green]✓[/]"
    out().print(f"{mark} {name} [dim]{time.monotonic() - started:.1f} s[/]", highlight=False)
    if problem:
        err().print(problem, markup=False, highlight=False, soft_wrap=True)
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
    return f"{', '.join(stale)}: ./llmlora check --write" if stale else ""
