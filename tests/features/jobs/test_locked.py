"""A row that is locked is what it is then, not what it was when the same transaction had first read it."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import Report, StateChange
from llmlora.contracts.states import JobState
from llmlora.engine.jobs.event_store import Fact, append_state
from llmlora.engine.jobs.queue import store_facts, sweep_dead_worker
from llmlora.features.deployments import registry, repository
from llmlora.features.deployments.schemas import RegisteredTag
from llmlora.features.jobs.schemas import JobCreate
from llmlora.features.jobs.service import cancel_job, create_job, get_job
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.deployment import DeploymentRow

from tests.features.chat_door import job_over
from tests.features.jobs.door import JOBS, claimed, ended

pytestmark = pytest.mark.anyio


async def test_job_that_told_something_between_reading_and_cancelling_is_cancelled(
    client: httpx.AsyncClient, request_body: dict[str, object], database: Database
) -> None:
    job_id = (await client.post(JOBS, json=request_body)).json()["id"]
    async with database.unit_of_work() as session:
        read = await get_job(session, job_id)
        before = read.head_seq
        async with database.unit_of_work() as other:
            told = await get_job(other, job_id, lock=True)
            await append_state(other, told, StateChange(state=JobState.QUEUED))
        cancelled = await cancel_job(session, job_id, keep_checkpoint=True)
        assert cancelled is read
        assert (cancelled.state, cancelled.head_seq) == (JobState.CANCELLED, before + 2)


async def test_dependency_that_completed_between_reading_and_locking_is_not_waited_for(
    client: httpx.AsyncClient, request_body: dict[str, object], database: Database, settings: Settings
) -> None:
    training = (await client.post(JOBS, json=request_body)).json()["id"]
    wish = JobCreate(recipe="export_gguf", training_job_id=training)
    async with database.unit_of_work() as session:
        read = await get_job(session, training)
        assert read.state == JobState.QUEUED
        await ended(database, training, await claimed(database, training), JobState.COMPLETED)
        (export, *_) = await create_job(session, settings.data_dir, wish)
        assert export.state == JobState.QUEUED
        assert read.state == JobState.COMPLETED


async def test_events_that_were_stored_between_reading_and_locking_are_not_stored_again(
    client: httpx.AsyncClient, request_body: dict[str, object], database: Database
) -> None:
    job_id = (await client.post(JOBS, json=request_body)).json()["id"]
    epoch = await claimed(database, job_id)
    fact = Fact(utc_now(), Report(name="seal", body={}), 1)
    async with database.unit_of_work() as session:
        read = await get_job(session, job_id)
        async with database.unit_of_work() as other:
            first = await store_facts(other, job_id, epoch, [fact])
        assert (await store_facts(session, job_id, epoch, [fact])).head_seq == first.head_seq
        assert read.head_seq == first.head_seq


async def test_run_whose_cancellation_was_wished_between_reading_and_sweeping_ends_cancelled(
    client: httpx.AsyncClient, request_body: dict[str, object], database: Database
) -> None:
    job_id = (await client.post(JOBS, json=request_body)).json()["id"]
    await claimed(database, job_id)
    async with database.unit_of_work() as session:
        read = await get_job(session, job_id)
        worker = read.worker_id
        assert worker is not None
        async with database.unit_of_work() as other:
            await cancel_job(other, job_id, keep_checkpoint=True)
        assert job_id in await sweep_dead_worker(session, worker)
        assert read.state == JobState.CANCELLED


async def test_deployment_that_was_judged_between_reading_and_locking_is_what_it_became(
    database: Database, base: BaseModelRow
) -> None:
    job_id, tag = new_id("job"), f"me/{new_id('t')}:1".replace("_", "-")
    served = RegisteredTag(tag=tag, route="auto", quantize="none", num_ctx=2048)
    async with database.unit_of_work() as session:
        await job_over(session, job_id)
        made = await registry.propose_deployment(
            session, job_id=job_id, training_job_id=None, name=tag, base_model_id=base.id, served=served
        )
        id_ = made.id
    locks: tuple[Callable[[AsyncSession], Awaitable[Any]], ...] = (
        lambda session: repository.list_named(session, tag),
        lambda session: repository.find_by_job(session, job_id),
    )
    for lock in locks:
        async with database.unit_of_work() as session:
            read = await session.get_one(DeploymentRow, id_)
            before = read.state
            async with database.unit_of_work() as other:
                verdict = registry.accept_deployment if before == "checking" else registry.reject_deployment
                await verdict(other, job_id, {"passed": before == "checking"})
            await lock(session)
            assert read.state != before
