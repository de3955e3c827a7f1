"""A search from a script, over a real LoRA; and what a space and a metric mean."""

import json
from pathlib import Path

import pytest

from llmlora.client import TrainingOrchestrator
from llmlora.client.searching import space_of

from tests.factories import LEVEL_1, REPOSITORY

SEARCHES = "/api/sweeps" in json.loads((REPOSITORY / "docs" / "openapi.json").read_bytes())["paths"]


def test_spaces_are_lists_pairs_or_dimensions() -> None:
    own = {"type": "float", "low": 1e-5, "high": 1e-2, "log": True}
    assert space_of({"a": [1, 2], "b": (1, 8), "c": (0.0, 1.0), "d": own}) == {
        "a": [1, 2],
        "b": {"type": "int", "low": 1, "high": 8},
        "c": {"type": "float", "low": 0.0, "high": 1.0},
        "d": own,
    }


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not SEARCHES, reason="this platform has no searches")
def test_the_best_rate_of_a_grid_is_found(platform_url: str, tiny_model_dir: Path) -> None:
    with TrainingOrchestrator(platform_url, data_path=LEVEL_1) as orchestrator:
        search = orchestrator.hyperparameter_search(
            param_space={"learning_rate": [1e-7, 1e-2]},
            search_strategy="grid",
            metric="loss",
            config={
                "base_model": f"path:{tiny_model_dir}",
                "params": {"rank": 4, "epochs": 3, "batch_size": 1},
            },
        )
        assert orchestrator.get_job_status(search)["status"] == "running"
        best = orchestrator.wait_for_completion(search.id, timeout_s=300)
        assert best.config["learning_rate"] == 1e-2
        assert orchestrator.get_job_status(search.id) == {"status": "completed", "progress": 1.0, "eta": None}
        assert orchestrator.get_results(search.id)["metrics"]["loss"] > 0
