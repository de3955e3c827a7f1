"""In which order files run when workers share them out: what takes longest, and waits most, begins first.

The browser's flows take a worker for ten minutes; meanwhile the others do what a busy neighbour does not disturb.
The engine's tests, which kill processes and watch clocks, and the trainings, which fill the cores, come when the flows
are over.
"""

from pathlib import Path

import pytest

FIRST = ("e2e/test_studio.py", "data", "features", "inference", "with_ollama", "entry", "devtools")
LAST = ("engine", "e2e", "conformance", "recipes")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort by folder; within a file nothing changes its place."""
    items.sort(key=lambda item: _place(item.path.relative_to(config.rootpath)))


def _place(path: Path) -> int:
    def found(names: tuple[str, ...]) -> int | None:
        return next((place for place, name in enumerate(names) if path.is_relative_to(name)), None)

    first, last = found(FIRST), found(LAST)
    if first is not None:
        return first
    return len(FIRST) if last is None else len(FIRST) + 1 + last
