"""OpenAI's own client on the API without a socket, and the jobs behind a fine-tuning, worked on by hand."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from openai.types.fine_tuning import FineTuningJob
from sqlalchemy import delete, select
from sqlmodel import col

from llmlora.contracts.events import Checkpoint, Failure, JobEventBody
from llmlora.contracts.states import FINAL_STATES, JobState
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.jobs.capacity import Free
from llmlora.engine.jobs.event_store import Fact, append_facts
from llmlora.engine.jobs.queue import claim_next_job, finish_job, lock_owned
from llmlora.features.deployments import registry
from llmlora.features.openai import files, fine_tuning
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.manifest import write_manifest
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.job import JobRow
from llmlora.tables.job_dependency import JobDependencyRow

from tests.factories import dataset_of, level_1_examples
from tests.features.chat_door import files_of, running_app

ALL_FREE = Free(
    is_idle=True, cpus=64, memory_bytes=1 << 40, light_slots=8, waiting_slots=8, gpus_free=0, gpus_total=0
)
SUPERVISED = {"type": "supervised"}


@asynccontextmanager
async def openai_client(
    settings: Settings, urls: ServiceUrls, database: Database
) -> AsyncIterator[openai.AsyncOpenAI]:
    """OpenAI's client; the jobs and files that were made while the block ran are gone afterwards."""
    begun = utc_now()
    async with (
        running_app(settings, urls, None, files.router, fine_tuning.router) as app,
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app)) as http,
    ):
        yield openai.AsyncOpenAI(
            base_url="http://localhost/v1", api_key="llmlora", http_client=http, max_retries=0
        )
    async with database.unit_of_work() as session:
        mine = select(JobRow).where(col(JobRow.created_at) >= begun).with_for_update()
        for job in list(await session.scalars(mine)):
            await session.refresh(job)
            if job.state not in FINAL_STATES:
                await finish_job(session, job, JobState.CANCELLED)
        await session.execute(delete(JobRow).where(col(JobRow.created_at) >= begun))
        await session.execute(delete(DatasetRow).where(col(DatasetRow.created_at) >= begun))


async def stored_file(database: Database, data_dir: Path) -> str:
    """A file's id, whose rows were not read by the importer: its process costs a second each time."""
    id_ = new_id("ds")
    (data_dir / "datasets" / id_).mkdir(parents=True)
    rows = dataset_of(level_1_examples(), data_dir)
    rows.path.rename(data_dir / "datasets" / id_ / "rows.parquet")
    columns = ("original_sha256", "rows_sha256")
    facts = {"name": "lessons", "original_name": "lessons.jsonl", "source_format": "jsonl", "mapping": {}}
    counts = {"original_size_bytes": 1, "rows_read": 5, "rows_kept": 5, "report": {}}
    row = {"id": id_, "kind": rows.kind, "created_at": utc_now(), **facts, **counts}
    async with database.unit_of_work() as session:
        session.add(DatasetRow.model_validate(row | dict.fromkeys(columns, rows.sha256)))
    return f"file-{id_}"


def lessons(mark: str, rows: int = 2) -> bytes:
    conversations = [
        {
            "messages": [
                {"role": "user", "content": f"{mark} {i}は何ですか？"},
                {"role": "assistant", "content": f"答えは{i}です。"},
            ]
        }
        for i in range(rows)
    ]
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in conversations).encode()


async def uploaded(client: openai.AsyncOpenAI, mark: str) -> str:
    made = await client.files.create(file=("lessons.jsonl", lessons(mark)), purpose="fine-tune")
    return made.id


async def created(client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, **more: Any) -> FineTuningJob:
    asked = {"model": base.reference, "training_file": file_id, "method": SUPERVISED} | more
    return await client.fine_tuning.jobs.create(**asked)


class Chain:
    """The jobs behind a fine-tuning, worked on as a worker would."""

    def __init__(self, database: Database, job: FineTuningJob) -> None:
        self._database = database
        self._root = job.id.removeprefix("ftjob-")

    async def rows(self) -> dict[str, JobRow]:
        """The newest job of every recipe."""
        async with self._database.unit_of_work() as session:
            own = select(col(JobRow.group_id)).where(col(JobRow.id) == self._root).scalar_subquery()
            group = select(JobRow).where(col(JobRow.group_id) == own)
            in_order = group.order_by(col(JobRow.created_at), col(JobRow.id))
            return {job.recipe: job for job in await session.scalars(in_order)}

    async def importing(self) -> JobRow:
        """The import of the base model that the training waits for."""
        async with self._database.unit_of_work() as session:
            wanted = select(JobRow).join(JobDependencyRow, col(JobDependencyRow.depends_on) == col(JobRow.id))
            found = await session.scalars(wanted.where(col(JobDependencyRow.job_id) == self._root))
            return found.one()

    async def start(self, recipe: str) -> JobRow:
        return await self.claim((await self.rows())[recipe])

    async def claim(self, job: JobRow) -> JobRow:
        async with self._database.unit_of_work() as session:
            claimed = await claim_next_job(session, "wk_test", ALL_FREE, only=frozenset({job.id}))
            assert claimed is not None
            return claimed

    async def tell(self, job: JobRow, *bodies: JobEventBody) -> None:
        async with self._database.unit_of_work() as session:
            row = await lock_owned(session, job.id, job.epoch)
            await append_facts(
                session, row, [Fact(utc_now(), b, row.src_head + i) for i, b in enumerate(bodies, 1)]
            )

    async def end(self, job: JobRow, state: JobState, failure: Failure | None = None) -> None:
        async with self._database.unit_of_work() as session:
            row = await lock_owned(session, job.id, job.epoch)
            await finish_job(session, row, state, failure=failure)

    async def complete(self, recipe: str, *bodies: JobEventBody) -> JobRow:
        job = await self.start(recipe)
        await self.tell(job, *bodies)
        await self.end(job, JobState.COMPLETED)
        return job

    async def deploy(self, base: BaseModelRow, name: str) -> None:
        job = await self.start("deploy_llama_cpp")
        async with self._database.unit_of_work() as session:
            await registry.propose_deployment(
                session, job_id=job.id, training_job_id=self._root, name=name,
                base_model_id=base.id, served=files_of(),
            )  # fmt: skip
            await registry.accept_deployment(session, job.id, {"passed": True})
        await self.end(job, JobState.COMPLETED)


def checkpoint_of(job: JobRow, data_dir: Path, step: int) -> Checkpoint:
    path = Path("jobs") / job.id / "1" / "checkpoints" / f"step-{step}"
    (data_dir / path).mkdir(parents=True)
    (data_dir / path / "state.bin").write_bytes(b"state")
    write_manifest(data_dir / path)
    return Checkpoint(step=step, path=str(path), sha256="0" * 64, size_bytes=5)


async def refused(asked: Any) -> openai.BadRequestError:
    with pytest.raises(openai.BadRequestError) as caught:
        await asked
    return caught.value
