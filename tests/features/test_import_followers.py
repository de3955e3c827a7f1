"""The trainings that wait for one import of a base model: those that were cancelled meanwhile do not keep it from the rest."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete
from sqlmodel import col

from llmlora.contracts.events import Artifact, ArtifactKind
from llmlora.contracts.states import JobState
from llmlora.engine.hosts.running import Outcome
from llmlora.engine.jobs.queue import cancel_waiting, finish_job, lock_owned
from llmlora.features.runs.work import RecipeWork
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.job import JobRow

from tests.features.chat_door import Nowhere
from tests.features.jobs.conftest import base, client, dataset_id, request_body
from tests.features.jobs.door import JOBS, claimed, created

__all__ = ["base", "client", "dataset_id", "request_body"]
pytestmark = pytest.mark.anyio


def imported(reference: str, path: Path) -> Outcome:
    facts: dict[str, Any] = {
        "id": new_id("model"), "source": "path", "revision": None, "architecture": "LlamaForCausalLM", "parameters": 1,
        "context_length": 2048, "licence": None, "weights_digest": new_id("w"), "tokenizer_hash": "t", "template_hash": None,
        "size_bytes": 1, "gguf": None, "files": {}, "ignored_files": [], "gguf_sha256": None, "model_type": "llama",
        "vocab_size": 32, "dtype": "F32", "eos_token": None, "linear_layers": {},
    }  # fmt: skip
    made = Artifact(
        kind=ArtifactKind.BASE_MODEL,
        name=reference,
        path=str(path),
        sha256="0" * 64,
        size_bytes=1,
        facts=facts,
    )
    return Outcome(JobState.COMPLETED, artifacts=[made])


async def complete(database: Database, settings: Settings, job_id: str, epoch: int, outcome: Outcome) -> str:
    """As the engine concludes a run; the id of the base model."""
    async with database.unit_of_work() as session:
        job = await lock_owned(session, job_id, epoch)
        await RecipeWork(database, settings, Nowhere()).completed(session, job, outcome)
        await finish_job(session, job, JobState.COMPLETED)
    return str(outcome.artifacts[0].facts["id"])


@pytest.mark.parametrize("is_in_between", [False, True], ids=["before", "at the same moment"])
async def test_training_that_was_cancelled_does_not_fail_the_import(
    is_in_between: bool,
    client: httpx.AsyncClient,
    request_body: dict[str, Any],
    database: Database,
    settings: Settings,
    tmp_path: Path,
) -> None:
    reference = f"path:{tmp_path}/new"
    asked = {**request_body, "base_model": reference, "deploy": {"target": "llama_cpp"}}
    given_up, wanted = await created(client, asked), await created(client, asked)
    [importing] = given_up["depends_on"]
    epoch = await claimed(database, importing)
    outcome = imported(reference, tmp_path)
    try:
        if is_in_between:
            async with database.unit_of_work() as session:
                job = await session.get(JobRow, given_up["id"], with_for_update=True)
                assert job is not None
                await cancel_waiting(session, job)
                completing = asyncio.create_task(complete(database, settings, importing, epoch, outcome))
                await asyncio.sleep(0.2)  # it waits for the lock of the training that is being cancelled
            kept = await completing
        else:
            (await client.post(f"{JOBS}/{given_up['id']}/cancel")).raise_for_status()
            kept = await complete(database, settings, importing, epoch, outcome)

        states = {
            id_: (await client.get(f"{JOBS}/{id_}")).json()
            for id_ in (given_up["id"], wanted["id"], importing)
        }
        assert [one["state"] for one in states.values()] == ["cancelled", "queued", "completed"]
        assert {key: one["inputs"].get("base_model") for key, one in states.items() if key != importing} == {
            given_up["id"]: reference,
            wanted["id"]: kept,
        }
    finally:
        await client.post(f"{JOBS}/{wanted['id']}/cancel")
        async with database.unit_of_work() as session:
            await session.execute(delete(BaseModelRow).where(col(BaseModelRow.reference) == reference))
