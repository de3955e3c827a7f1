"""The main job through the door a user takes: commands in processes of their own, nothing left behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from llmlora.kit.files import sha256_of_file, sha256_of_tree

from tests.factories import LEVEL_1


def llmlora(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "llmlora.entry.cli", *arguments]


def run(*arguments: str) -> dict[str, Any]:
    """The JSON document that a command prints last."""
    done = subprocess.run(llmlora(*arguments), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    document: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return document


def processes_of(directory: Path) -> list[str]:
    """Command lines of living processes that have to do with a directory."""
    found = []
    for process in psutil.process_iter():
        try:
            told = [*process.cmdline(), process.cwd()]
            if process.status() != psutil.STATUS_ZOMBIE and any(str(directory) in part for part in told):
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def cloned(model: Path, target: Path) -> Path:
    """The model as `git clone` leaves it: with a model card and the repository's own files."""
    shutil.copytree(model, target)
    (target / "README.md").write_text("---\nlicense: mit\n---\n# Tiny\n", encoding="utf-8")
    (target / ".gitattributes").write_text("*.safetensors filter=lfs diff=lfs merge=lfs -text\n")
    for name in ("HEAD", "hooks/check.py", "lfs/objects/ab/cd/blob"):
        path = target / ".git" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("ref: refs/heads/main\n")
    return target


@pytest.mark.long
class TestDemo:
    @pytest.fixture(scope="class")
    def result(self, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
        directory = tmp_path_factory.mktemp("demo")
        return {**run("demo", "--lang", "ja", "--json", "--data-dir", str(directory)), "directory": directory}

    def test_all_five_answers_are_the_taught_ones_and_new_to_the_base(self, result: dict[str, Any]) -> None:
        assert len(result["answers"]) == 5
        for one in result["answers"]:
            assert one["tuned_answer"] == one["expected_answer"]
            assert one["tuned_answer"] != one["base_answer"]
        assert {"question", "expected_answer", "base_answer", "tuned_answer"} <= result.keys()

    def test_both_gates_are_green(self, result: dict[str, Any]) -> None:
        assert result["gates"]["parity"]["passed"]
        assert result["gates"]["stop"]["passed"]

    def test_artifacts_lie_where_it_says_with_the_hashes_it_says(self, result: dict[str, Any]) -> None:
        kinds = {artifact["kind"] for artifact in result["artifacts"]}
        assert {"adapter", "gguf"} <= kinds
        for artifact in result["artifacts"]:
            path = Path(artifact["path"])
            assert artifact["sha256"] == (sha256_of_file(path) if path.is_file() else sha256_of_tree(path))
            assert artifact["size_bytes"] > 0

    def test_stages_are_timed_and_nothing_runs_afterwards(self, result: dict[str, Any]) -> None:
        names = [stage["name"] for stage in result["stages"]]
        assert names[-4:] == ["text_lora", "export_gguf", "deploy_llama_cpp", "answer"]
        assert all(stage["seconds"] > 0 for stage in result["stages"])
        assert processes_of(result["directory"]) == []

    def test_its_job_can_be_asked_and_exported_by_commands_of_their_own(self, result: dict[str, Any]) -> None:
        data_dir, job_id = ("--data-dir", str(result["directory"])), result["job_id"]
        one = result["answers"][0]
        asked = ("--prompt", one["question"], "--temperature", "0", "--max-tokens", "96", "--json")
        assert run("chat", "--job", job_id, *asked, *data_dir)["answer"] == one["tuned_answer"]
        exported = run("export", job_id, "--json", *data_dir)
        assert exported["reused"]
        assert sha256_of_file(Path(exported["path"])) == exported["sha256"]
        assert processes_of(result["directory"]) == []


@pytest.mark.slow
class TestInterruptedTraining:
    def test_ctrl_c_keeps_a_checkpoint_and_resume_finishes(
        self, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        base = cloned(tiny_model_dir, tmp_path / "cloned")
        job_file = tmp_path / "job.yaml"
        job_file.write_text(
            f"dataset: {LEVEL_1}\nbase_model: path:{base}\n"
            "config: {rank: 4, epochs: 80, batch_size: auto, effective_batch_size: 2, checkpoint_interval: 10000}\n",
            encoding="utf-8",
        )
        data_dir = ("--data-dir", str(tmp_path / "data"))
        process = subprocess.Popen(
            llmlora("train", "--config", str(job_file), "--json", *data_dir),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.wait_for_steps(tmp_path / "data", 3)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate()
        assert process.returncode == 130, errors
        first = json.loads(output.strip().splitlines()[-1])
        assert first["state"] == "cancelled"
        resumed = run("train", "--resume", first["job_id"], "--json", *data_dir)
        assert resumed["state"] == "completed"
        assert resumed["job_id"] != first["job_id"]
        # The base was not here when the job was asked for: the number was chosen once it was, and stays.
        ran = [
            json.loads((Path(one["run_dir"]) / "spec.json").read_bytes())["config"]
            for one in (first, resumed)
        ]
        assert ran[0] == ran[1]
        assert (ran[0]["batch_size"], ran[0]["gradient_accumulation"]) in {(2, 1), (1, 2)}
        assert (Path(resumed["run_dir"]) / "final_model" / "adapter_model.safetensors").is_file()
        assert processes_of(tmp_path) == []

    def test_killed_command_takes_its_trainer_with_it(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        process = subprocess.Popen(
            llmlora(
                "train",
                "--dataset",
                str(LEVEL_1),
                "--base",
                f"path:{tiny_model_dir}",
                "--epochs",
                "10000",
                "--data-dir",
                str(tmp_path / "data"),
            ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.wait_for_steps(tmp_path / "data", 3)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        deadline = time.monotonic() + 30
        while any("llmlora.recipes" in line for line in processes_of(tmp_path)):
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def wait_for_steps(self, data_dir: Path, steps: int) -> None:
        """Until the training child has reported that many steps."""
        while True:
            for events in data_dir.glob("jobs/*/1/events.jsonl"):
                if events.read_text(encoding="utf-8").count('"train/loss"') >= steps:
                    return
            time.sleep(0.1)
