"""A backup while a training runs, by commands in processes of their own; restored elsewhere, the training goes on."""

import asyncio
import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from llmlora.contracts.states import JobState
from llmlora.engine.embedded.services import running_services
from llmlora.engine.serving.pool_client import InferenceClient
from llmlora.entry.worker import work
from llmlora.kit.db import Database
from llmlora.kit.files import sha256_of_file
from llmlora.kit.settings import Settings

from tests.e2e.test_main_job import llmlora, processes_of, run
from tests.factories import LEVEL_1
from tests.fakes.work import events_of, job_of, until

pytestmark = pytest.mark.slow


def begun(base: Path, directory: Path) -> "subprocess.Popen[str]":
    """A training of the tiny model that takes minutes, with checkpoints all the time."""
    job_file = directory / "job.yaml"
    job_file.write_text(
        f"dataset: {LEVEL_1}\nbase_model: path:{base}\n"
        "config: {rank: 4, epochs: 5000, batch_size: 1, checkpoint_interval: 10}\n",
        encoding="utf-8",
    )
    arguments = ("train", "--config", str(job_file), "--json", "--data-dir", str(directory / "data"))
    return subprocess.Popen(llmlora(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for_checkpoint(data_dir: Path, step: int) -> None:
    while not list(data_dir.glob(f"jobs/*/1/checkpoints/step-{step:08d}*")):
        time.sleep(0.1)


async def goes_on(data_dir: Path, job_id: str) -> list[int]:
    """Steps that the restored job reports in its second epoch, before it is stopped."""
    settings, stop = Settings(data_dir=data_dir), asyncio.Event()
    async with running_services(settings) as urls:
        database = Database(urls.database_url)
        working = asyncio.create_task(
            work(settings, urls, InferenceClient(settings), stop, only=frozenset({job_id}))
        )

        async def steps() -> list[int]:
            events = await events_of(database, job_id)
            return [event.body.step for event in events if event.epoch == 2 and event.body.type == "metrics"]

        found = await until(steps, timeout_s=180)
        stop.set()
        await working
        assert (await job_of(database, job_id)).state == JobState.QUEUED
        await database.close()
    return found


@pytest.mark.long
def test_training_that_ran_goes_on_where_it_was_saved(tiny_model_dir: Path, tmp_path: Path) -> None:
    data, file, new = tmp_path / "data", tmp_path / "saved.tar", tmp_path / "new"
    training = begun(tiny_model_dir, tmp_path)
    try:
        wait_for_checkpoint(data, 20)
        made = run("backup", str(file), "--json", "--data-dir", str(data))
        assert training.poll() is None
    finally:
        training.send_signal(signal.SIGKILL)
        training.wait()
    subprocess.run(llmlora("services", "stop", "--data-dir", str(data)), check=False)
    assert (made["rows"]["job"], made["rows"]["dataset"]) == (
        2,
        1,
    )  # the base model's import, and the training
    assert made["rows"]["metric_point"] > 20
    assert made["outside"] == [str(tiny_model_dir)]
    manifest = json.loads(
        subprocess.run(["tar", "xOf", file, "manifest.json"], capture_output=True, check=True).stdout
    )
    saved = [one["path"] for one in manifest["files"] if "/checkpoints/" in one["path"]]
    newest = max(int(path.split("/step-")[1][:8]) for path in saved)
    shutil.rmtree(data)  # nothing of what comes now may need it

    restored = run("restore", str(file), "--json", "--data-dir", str(new))
    (job_id,) = restored["requeued"]
    assert processes_of(new) == []
    for one in manifest["files"]:
        if not one["path"].endswith("spec.json"):
            assert sha256_of_file(new / one["path"]) == one["sha256"]
    refused = subprocess.run(
        llmlora("restore", str(file), "--json", "--data-dir", str(new)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (refused.returncode, json.loads(refused.stderr.splitlines()[-1])["code"]) == (
        4,
        "restore_target_not_empty",
    )
    steps = asyncio.run(goes_on(new, job_id))
    assert newest < min(steps) <= newest + 10
    assert processes_of(tmp_path) == []
