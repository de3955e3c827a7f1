"""Readers of a job's events: replay from any number, then live, each event once and in order.

Cost of a lost hint: a poll of two seconds. PostgreSQL is read again for every page; nothing is kept per reader.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from llmlora.contracts.events import JobEvent
from llmlora.contracts.states import FINAL_STATES
from llmlora.engine.jobs.event_store import read_events, read_tail
from llmlora.engine.jobs.hints import HintHub
from llmlora.features.jobs.service import get_head
from llmlora.kit.db import Database

PAGE = 500
POLL_S = 2.0
IDLE_S = 15.0


@dataclass(frozen=True)
class Batch:
    """Events in order, perhaps none: then it only says where the head is. `over`: no more will ever come.

    `reached`: every event up to this number that was asked for is here or came before.
    """

    events: list[JobEvent]
    head_seq: int
    reached: int
    over: bool


async def follow_job(
    database: Database, hub: HintHub, job_id: str, *, after: int, types: Sequence[str] = ()
) -> AsyncIterator[Batch]:
    """Events (of these types, or all) behind `after` as they come; an empty batch after fifteen silent seconds; ends when the job is over.

    Raises:
        JobNotFoundError: there is no such job, or it was deleted meanwhile.
    """
    clock = asyncio.get_running_loop().time
    with hub.watching(job_id) as hint:
        spoke = clock()
        while True:
            hint.clear()
            batch = await read_batch(database, job_id, after=after, limit=PAGE, types=types)
            if batch.events or batch.over or clock() - spoke >= IDLE_S:
                yield batch
                spoke = clock()
            if batch.over:
                return
            after = batch.reached
            if after < batch.head_seq:
                continue
            try:
                async with asyncio.timeout(POLL_S):
                    await hint.wait()
            except TimeoutError:
                continue


async def read_batch(
    database: Database, job_id: str, *, after: int, limit: int, types: Sequence[str] = ()
) -> Batch:
    """The next events of a job, and whether they are the last.

    Raises:
        JobNotFoundError: there is no such job.
    """
    async with database.unit_of_work() as session:
        head = await get_head(session, job_id)
        events = await read_events(session, job_id, after=after, limit=limit, types=types)
        reached = max(after, events[-1].seq) if events else after
        if len(events) < limit:  # what the head counts was there to be read
            reached = max(reached, head.seq)
        over = head.state in FINAL_STATES and reached >= head.seq
        return Batch(events, head.seq, reached, over)


async def read_last(
    database: Database, job_id: str, *, before: int | None, limit: int, types: Sequence[str] = ()
) -> Batch:
    """The last events of a job that come before a number, in order; `over` as if all before them were known.

    Raises:
        JobNotFoundError: there is no such job.
    """
    async with database.unit_of_work() as session:
        head = await get_head(session, job_id)
        events = await read_tail(session, job_id, before=before, limit=limit, types=types)
        reached = head.seq if before is None else max((event.seq for event in events), default=before - 1)
        return Batch(events, head.seq, reached, head.state in FINAL_STATES and reached >= head.seq)
