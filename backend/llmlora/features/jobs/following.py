"""Readers of a job's events: replay from any number, then live, each event once and in order.

Cost of a lost hint: a poll of two seconds. PostgreSQL is read again for every page; nothing is kept per reader.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from llmlora.contracts.events import JobEvent
from llmlora.contracts.states import FINAL_STATES
from llmlora.engine.event_store import read_events
from llmlora.engine.hints import HintHub
from llmlora.features.jobs import repository
from llmlora.features.jobs.errors import JobNotFoundError
from llmlora.kit.db import Database

PAGE = 500
POLL_S = 2.0
IDLE_S = 15.0


@dataclass(frozen=True)
class Batch:
    """Events in order, perhaps none: then it only says where the head is. `over`: no more will ever come."""

    events: list[JobEvent]
    head_seq: int
    over: bool


async def follow_job(database: Database, hub: HintHub, job_id: str, *, after: int) -> AsyncIterator[Batch]:
    """Events behind `after` as they come; an empty batch after fifteen silent seconds; ends when the job is over.

    Raises:
        JobNotFoundError: there is no such job, or it was deleted meanwhile.
    """
    clock = asyncio.get_running_loop().time
    with hub.watching(job_id) as hint:
        spoke = clock()
        while True:
            hint.clear()
            batch = await read_batch(database, job_id, after=after, limit=PAGE)
            if batch.events or batch.over or clock() - spoke >= IDLE_S:
                yield batch
                spoke = clock()
            if batch.over:
                return
            if batch.events:
                after = batch.events[-1].seq
            if after < batch.head_seq:
                continue
            try:
                async with asyncio.timeout(POLL_S):
                    await hint.wait()
            except TimeoutError:
                continue


async def read_batch(
    database: Database, job_id: str, *, after: int, limit: int, types: tuple[str, ...] = ()
) -> Batch:
    """The next events of a job, and whether they are the last.

    Raises:
        JobNotFoundError: there is no such job.
    """
    async with database.unit_of_work() as session:
        job = await repository.find_job(session, job_id)
        if job is None:
            raise JobNotFoundError(job_id=job_id)
        events = await read_events(session, job_id, after=after, limit=limit, types=types)
        reached = events[-1].seq if events else after
        over = job.state in FINAL_STATES and (reached >= job.head_seq or bool(types and len(events) < limit))
        return Batch(events, job.head_seq, over)
