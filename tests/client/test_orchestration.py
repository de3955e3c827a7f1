"""The orchestrator and the monitor as their README calls them, under the names that AIVA Core gives them, on a true platform."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llmlora.client import Client, ClientError, TrainingMonitor, TrainingOrchestrator

from tests.factories import LEVEL_1, REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
SHIMS = REPOSITORY / "compat" / "orchestrator"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where copies of checkpoints go."""
    return tmp_path_factory.mktemp("checkpoints")


@pytest.fixture(scope="module")
def orchestrator(platform_url: str, kept: Path) -> Iterator[TrainingOrchestrator]:
    with TrainingOrchestrator(platform_url, checkpoint_dir=kept, checkpoint_interval=2) as opened:
        yield opened


@pytest.fixture(scope="module")
def config(tiny_model_dir: Path) -> dict[str, Any]:
    return {
        "recipe": "text_lora",
        "base_model": f"path:{tiny_model_dir}",
        "data_path": str(LEVEL_1),
        "hyperparameters": {"rank": 4, "epochs": 1, "batch_size": 1, "eval_split": 0.2},
    }


class TestOrchestrator:
    def test_one_training_from_submit_to_results(
        self, orchestrator: TrainingOrchestrator, config: dict[str, Any], kept: Path
    ) -> None:
        job = orchestrator.submit_training_job(
            name="capability_classifier_v2", config=config, resources={"cpu": 4096, "memory": "1KB", "gpu": 0}
        )
        assert any("4096" in note for note in job.notes)
        assert orchestrator.get_job_status(job.id)["status"] in {"pending", "queued", "running"}
        done = orchestrator.wait_for_completion(job.id, timeout_s=300)
        assert orchestrator.get_job_status(job.id) == {"status": "completed", "progress": 1.0, "eta": None}
        assert done.device == "cpu"
        results = orchestrator.get_results(job.id)
        assert results["status"] == "completed"
        assert results["metrics"]["eval/loss"] > 0
        assert results["config"]["checkpoint_interval"] == 2
        assert list(kept.glob(f"{job.id}/step-*.zip"))
        assert "adapter" in {one.kind for one in results["artifacts"]}

    def test_many_trainings_and_the_best_of_them(
        self, orchestrator: TrainingOrchestrator, config: dict[str, Any]
    ) -> None:
        common = {key: one for key, one in config.items() if key not in ("data_path", "hyperparameters")}
        rates = (1e-7, 1e-2)
        jobs = orchestrator.submit_batch_training(
            [
                {**common, "params": {**config["hyperparameters"], "learning_rate": rate, "epochs": 4}}
                for rate in rates
            ]
        )
        done = orchestrator.wait_for_all(jobs, timeout_s=300)
        assert [one.state for one in done] == ["completed", "completed"]
        best = orchestrator.select_best_model(jobs, metric="eval/loss")
        assert best.job_id == jobs[1].id
        assert best.value == min(best.values.values())
        assert (best.direction, set(best.values)) == ("minimize", {one.id for one in jobs})
        with pytest.raises(ClientError, match="train/loss"):
            orchestrator.select_best_model(jobs, metric="bleu")

    def test_a_training_that_was_stopped_goes_on_from_its_checkpoint(
        self, orchestrator: TrainingOrchestrator, config: dict[str, Any]
    ) -> None:
        long = {**config, "hyperparameters": {**config["hyperparameters"], "epochs": 200}}
        job = orchestrator.submit_training_job("stopped", long)
        for event in orchestrator.client.jobs.follow(job.id, types=["checkpoint"], timeout_s=300):
            if event.seq:
                break
        orchestrator.client.jobs.cancel(job.id)
        orchestrator.wait_for_all([job], timeout_s=60)
        resumed = orchestrator.submit_training_job("stopped", long, resume_from_checkpoint=True)
        assert orchestrator.client.jobs.get(resumed.id).resumes_job_id == job.id
        orchestrator.client.jobs.cancel(resumed.id)

    def test_data_that_nobody_names_are_asked_for(self, platform_url: str, config: dict[str, Any]) -> None:
        bare = {key: one for key, one in config.items() if key != "data_path"}
        with TrainingOrchestrator(platform_url) as fresh, pytest.raises(ClientError) as caught:
            fresh.submit_training_job("bare", bare)
        assert caught.value.code == "data_missing"

    def test_a_model_that_nobody_learns_is_refused_with_those_that_there_are(
        self, orchestrator: TrainingOrchestrator
    ) -> None:
        with pytest.raises(ClientError, match="text_lora"):
            orchestrator.submit_training_job("odd", {"model": "no_such_model", "data_path": str(LEVEL_1)})


class TestMonitor:
    def test_resources_figures_and_a_picture(self, platform_url: str, client: Client, tmp_path: Path) -> None:
        job = next(one for one in client.jobs.iterate(recipe=["text_lora"], state=["completed"]))
        monitor = TrainingMonitor(platform_url)
        usage = monitor.track_resource_usage(job.id)
        assert usage["cpu"].endswith("%")
        assert usage["memory"].count("GB") == 2
        assert monitor.track_metrics(job.id)["loss"] > 0
        assert monitor.plot_training_progress(job.id, tmp_path / "curves.png").read_bytes()[:4] == b"\x89PNG"
        monitor.client.close()


class TestNamesOfAiva:
    def test_its_import_paths_lead_here_and_load_no_torch(self) -> None:
        script = (
            "import sys\n"
            "from aiva_core.external_learning.training import TrainingMonitor, TrainingOrchestrator\n"
            "from aiva_common import AivaMessage, TaskStatus\n"
            "assert TaskStatus.RUNNING == 'running' and AivaMessage.model_fields\n"
            "assert not {'torch', 'sqlalchemy', 'matplotlib'} & set(sys.modules)\n"
            "print(TrainingOrchestrator.__module__)\n"
        )
        environment = {"PYTHONPATH": f"{SHIMS}:{REPOSITORY / 'backend'}", "PATH": ""}
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=environment
        )
        assert done.stdout.strip() == "llmlora.client.orchestration", done.stderr
