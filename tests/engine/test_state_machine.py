"""Any order of claims, facts, ends, sweeps and late writes against the real queue and its trigger."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import Failure, FailureClass, MetricBatch
from llmlora.contracts.states import FINAL_STATES, TRANSITIONS, JobState
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.jobs.capacity import Slots
from llmlora.engine.jobs.event_store import Fact
from llmlora.engine.jobs.queue import (
    MAX_ATTEMPTS,
    FencedError,
    claim_next_job,
    finish_job,
    heartbeat,
    lock_owned,
    requeue_job,
    store_facts,
    sweep_dead_worker,
    sweep_lapsed,
)
from llmlora.features.jobs.errors import JobOverError
from llmlora.features.jobs.service import cancel_job
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database

from tests.fakes.work import HEAVY, LIGHT, capacity_of, make_job

T = TypeVar("T")
EXAMPLES, STEPS = 25, 30
WORKERS = ("wk_a", "wk_b", "wk_c")
FAILURE = Failure(failure_class=FailureClass.INFRASTRUCTURE, code="child_died", ja="x", en="x")
ROWS = text("SELECT id, to_jsonb(job) AS row FROM job")
EVENTS = text(
    "SELECT job_id, count(*), min(seq), max(seq), count(DISTINCT (epoch, src_seq)) FILTER (WHERE src_seq > 0),"
    " count(*) FILTER (WHERE src_seq > 0), array_agg(epoch ORDER BY seq) AS epochs,"
    " array_agg(body->>'state' ORDER BY seq) FILTER (WHERE type = 'state') AS states FROM event GROUP BY job_id"
)


@dataclass
class Claim:
    """One claim that some worker once made, and how far its child has come."""

    job_id: str
    epoch: int
    sent: int = 0


@dataclass
class Seen:
    """What the last look at the tables showed."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)


class Queue(RuleBasedStateMachine):
    """A few jobs, three workers, and every mistake that a network allows."""

    def __init__(self, runner: asyncio.Runner, database: Database) -> None:
        super().__init__()
        self.runner, self.database = runner, database
        self.waits_for: dict[str, list[str]] = {}
        self.claims: list[Claim] = []
        self.seen = Seen()

    def do(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """One transaction."""

        async def transaction() -> T:
            async with self.database.unit_of_work() as session:
                return await work(session)

        return self.runner.run(transaction())

    def sql(self, statement: str, **values: Any) -> None:
        self.do(lambda session: session.execute(text(statement), values))

    def row(self, job_id: str) -> dict[str, Any]:
        return self.seen.rows[job_id]

    def owns(self, claim: Claim) -> bool:
        row = self.row(claim.job_id)
        return bool(row["state"] == JobState.RUNNING and row["epoch"] == claim.epoch)

    def fenced(self, claim: Claim, work: Callable[[AsyncSession], Awaitable[T]]) -> T | None:
        """Do it; it has to be refused exactly where the claim is not the newest of a running job."""
        if self.owns(claim):
            return self.do(work)
        with pytest.raises(FencedError):
            self.do(work)
        return None

    @initialize()
    def empty(self) -> None:
        self.sql("TRUNCATE job, worker CASCADE")

    @rule(data=st.data(), recipe=st.sampled_from([HEAVY, LIGHT]), priority=st.integers(-1, 1))
    def create(self, data: st.DataObject, recipe: str, priority: int) -> None:
        alive = [
            i for i, r in self.seen.rows.items() if r["state"] not in (JobState.FAILED, JobState.CANCELLED)
        ]
        after = data.draw(st.lists(st.sampled_from(alive), unique=True, max_size=3)) if alive else []
        # An id of its own choosing: dependencies may sort before or behind the jobs that wait for them.
        number = data.draw(st.integers(0, 10**6).filter(lambda n: f"job_{n}" not in self.waits_for))
        job_id = self.runner.run(
            make_job(self.database, after=after, recipe=recipe, priority=priority, cpus=1, id=f"job_{number}")
        )
        self.waits_for[job_id] = after

    @rule(worker=st.sampled_from(WORKERS))
    def claim(self, worker: str) -> None:
        free = Slots(capacity_of(99)).free()
        ready = [r for r in self.seen.rows.values() if r["state"] == JobState.QUEUED]
        job = self.do(lambda session: claim_next_job(session, worker, free))
        if job is not None:
            before = self.row(job.id)
            assert before["state"] == JobState.QUEUED
            assert job.epoch == before["epoch"] + 1
            self.claims.append(Claim(job.id, job.epoch))
        else:
            assert all(row["attempt"] > 0 for row in ready), "only a back-off keeps a worker from a job"

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def beat(self, data: st.DataObject) -> None:
        claim = data.draw(st.sampled_from(self.claims))
        heard = self.fenced(claim, lambda session: heartbeat(session, claim.job_id, claim.epoch))
        if heard is not None:
            row = self.row(claim.job_id)
            assert (heard.cancel, heard.head_seq) == (row["desired"] == "cancel", row["head_seq"])

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), new=st.integers(0, 5), again=st.integers(0, 3))
    def store(self, data: st.DataObject, new: int, again: int) -> None:
        """A batch that begins with what was sent before: its acknowledgement was lost."""
        claim = data.draw(st.sampled_from(self.claims))
        first = max(1, claim.sent + 1 - again)
        numbers = range(first, claim.sent + new + 1)
        facts = [Fact(utc_now(), MetricBatch(step=n, values={"loss": 1 / n}), n) for n in numbers]
        before = self.row(claim.job_id)["head_seq"]
        heard = self.fenced(claim, lambda session: store_facts(session, claim.job_id, claim.epoch, facts))
        if heard is not None:
            assert heard.head_seq == before + new
            claim.sent += new

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), state=st.sampled_from(sorted(FINAL_STATES)))
    def finish(self, data: st.DataObject, state: JobState) -> None:
        claim = data.draw(st.sampled_from(self.claims))

        async def end(session: AsyncSession) -> list[str]:
            return await finish_job(session, await lock_owned(session, claim.job_id, claim.epoch), state)

        changed = self.fenced(claim, end)
        assert changed is None or len(changed) == len(set(changed)), "each changed job is named once"

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), failed=st.booleans())
    def requeue(self, data: st.DataObject, failed: bool) -> None:
        claim = data.draw(st.sampled_from(self.claims))

        async def give_back(session: AsyncSession) -> None:
            job = await lock_owned(session, claim.job_id, claim.epoch)
            await requeue_job(session, job, reason="test", failure=FAILURE if failed else None)

        self.fenced(claim, give_back)

    @precondition(lambda self: self.seen.rows)
    @rule(data=st.data(), keep=st.booleans())
    def cancel(self, data: st.DataObject, keep: bool) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.seen.rows)))
        state = self.row(job_id)["state"]
        if state in (JobState.COMPLETED, JobState.FAILED):
            with pytest.raises(JobOverError):
                self.do(lambda session: cancel_job(session, job_id, keep_checkpoint=keep))
            return
        job = self.do(lambda session: cancel_job(session, job_id, keep_checkpoint=keep))
        asked = JobState.RUNNING if state == JobState.RUNNING else JobState.CANCELLED
        assert (job.state, job.desired) == (asked, "cancel")

    @rule()
    def let_leases_lapse_and_sweep(self) -> None:
        self.sql("UPDATE job SET lease_until = now() - interval '1 second' WHERE state = 'running'")
        before = self.seen.rows
        changed = self.do(sweep_lapsed)
        running = {i for i, row in before.items() if row["state"] == JobState.RUNNING}
        assert running <= set(changed)
        self.see()
        for job_id in running:
            row, old = self.row(job_id), before[job_id]
            tired = old["attempt"] >= MAX_ATTEMPTS
            end = JobState.FAILED if tired else JobState.QUEUED
            assert row["state"] == (JobState.CANCELLED if old["desired"] == "cancel" else end)

    @rule(worker=st.sampled_from(WORKERS))
    def bury(self, worker: str) -> None:
        self.do(lambda session: sweep_dead_worker(session, worker))

    @rule()
    def let_time_pass(self) -> None:
        self.sql("UPDATE job SET next_run_at = now() WHERE state = 'queued'")

    @invariant()
    def tables_are_sound(self) -> None:
        before = self.seen.rows
        self.see()
        rows, events = self.seen.rows, {r[0]: r for r in self.do(lambda s: s.execute(EVENTS))}
        for job_id, row in rows.items():
            self.row_is_sound(row)
            _, count, first, last, distinct, sourced, epochs, states = events[job_id]
            assert (count, first, last) == (row["head_seq"], 1, row["head_seq"])
            assert distinct == sourced
            assert epochs == sorted(epochs)
            assert states[-1] == row["state"]
            assert all(new in TRANSITIONS[JobState(old)] for old, new in pairwise(states))
            if job_id in before:
                self.change_is_sound(before[job_id], row)

    def see(self) -> None:
        self.seen = Seen({found.id: found.row for found in self.do(lambda s: s.execute(ROWS))})

    def row_is_sound(self, row: dict[str, Any]) -> None:
        running = row["state"] == JobState.RUNNING
        assert (row["worker_id"] is not None) == running
        assert (row["lease_until"] is not None) == running
        assert (row["finished_at"] is not None) == (row["state"] in FINAL_STATES)
        needed = [self.row(other)["state"] for other in self.waits_for.get(row["id"], [])]
        if row["state"] == JobState.PENDING:
            assert needed
            assert any(state not in FINAL_STATES for state in needed)
            assert all(state not in (JobState.FAILED, JobState.CANCELLED) for state in needed)
        elif row["state"] != JobState.CANCELLED:
            assert all(state == JobState.COMPLETED for state in needed)

    def change_is_sound(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        if old["state"] in FINAL_STATES:
            assert new == old
        assert new["epoch"] - old["epoch"] in (0, 1)
        assert new["head_seq"] >= old["head_seq"]
        assert new["attempt"] <= MAX_ATTEMPTS or new["attempt"] == old["attempt"] + 1


@pytest.mark.slow
def test_every_order_of_events_keeps_the_tables_sound(own_urls: ServiceUrls) -> None:
    bounds = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    with asyncio.Runner() as runner:
        database = Database(own_urls.database_url)
        try:
            run_state_machine_as_test(lambda: Queue(runner, database), settings=bounds)
        finally:
            runner.run(database.close())
