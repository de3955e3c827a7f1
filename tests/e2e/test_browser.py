"""What a person does, in a true browser on the true platform: frontend/flows/."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.browser import Studio, running_studio, walk

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One studio for all flows; the first begins in an empty one, the others find what it left."""
    with running_studio(tmp_path_factory.mktemp("studio") / "data") as running:
        yield running


@pytest.mark.parametrize("flow", ["main", "ollama", "queue", "keyboard", "visual"])
def test_flow_reaches_its_end(studio: Studio, flow: str, tmp_path: Path) -> None:
    done = walk(studio, f"flows/{flow}.flow.ts", tmp_path)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{tmp_path}"
