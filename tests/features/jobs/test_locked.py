"""A job that is locked is what it is then, not what it was when the same transaction had first read it."""

import httpx
import pytest

from llmlora.contracts.events import StateChange
from llmlora.contracts.states import JobState
from llmlora.engine.event_store import append_state
from llmlora.features.jobs.service import cancel_job, get_job
from llmlora.kit.db import Database

from tests.features.jobs.door import JOBS

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
