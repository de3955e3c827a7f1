"""A fine-tuning's course through OpenAI's own client: status, cancel, pause, resume, events, checkpoints."""

from pathlib import Path

import openai
import pytest
from sqlalchemy import select
from sqlmodel import col

from llmlora.contracts.events import Failure, FailureClass, LogBatch, MetricBatch, Progress, Report
from llmlora.contracts.states import JobState
from llmlora.kit.db import Database
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.job import JobRow

from tests.features.openai.door import Chain, checkpoint_of, created, refused

pytestmark = pytest.mark.anyio

LEARNED = {"rows_kept": 2, "tokens": 50, "supervised_tokens": 20}


class TestStatus:
    async def test_succeeds_when_the_model_is_deployed(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, database: Database
    ) -> None:
        job = await created(client, base, file_id)
        chain = Chain(database, job)
        training = await chain.start("text_lora")
        await chain.tell(training, Progress(stage="train", done=1, total=4, unit="steps", eta_s=60))
        now = await client.fine_tuning.jobs.retrieve(job.id)
        assert now.status == "running"
        assert now.estimated_finish is not None
        assert now.estimated_finish > now.created_at
        await chain.tell(
            training,
            Report(name="ledger", body=LEARNED),
            MetricBatch(step=4, values={"train/loss": 0.5, "train/epoch": 3.0}),
        )
        await chain.end(training, JobState.COMPLETED)
        await chain.complete("export_gguf")
        assert (await client.fine_tuning.jobs.retrieve(job.id)).status == "running"
        await chain.deploy(base, f"ft:tiny:llmlora:faq:{job.id[-8:]}")
        over = await client.fine_tuning.jobs.retrieve(job.id)
        assert (over.status, over.fine_tuned_model) == (
            "succeeded",
            f"ft:tiny:llmlora:faq:{job.id[-8:]}",
        )
        assert over.trained_tokens == 150
        assert over.finished_at is not None
        assert over.estimated_finish is None
        events = (await client.fine_tuning.jobs.list_events(job.id)).data
        assert over.fine_tuned_model in events[0].message
        error = await refused(client.fine_tuning.jobs.cancel(job.id))
        assert "succeeded" in error.message

    async def test_failure_of_any_stage_is_told(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, database: Database
    ) -> None:
        job = await created(client, base, file_id)
        chain = Chain(database, job)
        failure = Failure(failure_class=FailureClass.INPUT, code="nothing_to_learn", ja="無", en="Nothing.")
        await chain.end(await chain.start("text_lora"), JobState.FAILED, failure)
        over = await client.fine_tuning.jobs.retrieve(job.id)
        assert over.status == "failed"
        assert over.finished_at is not None
        assert over.error is not None
        assert (over.error.code, over.error.message, over.error.param) == (
            "nothing_to_learn", "Nothing.", "training_file",
        )  # fmt: skip
        levels = [event.level for event in (await client.fine_tuning.jobs.list_events(job.id)).data]
        assert "error" in levels

    async def test_base_model_that_cannot_be_imported_is_the_reason(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, database: Database, tmp_path: Path
    ) -> None:
        job = await created(client, base, file_id, model=f"path:{tmp_path}")
        chain = Chain(database, job)
        importing = await chain.claim(await chain.importing())
        assert (await client.fine_tuning.jobs.retrieve(job.id)).status == "validating_files"
        failure = Failure(failure_class=FailureClass.INPUT, code="base_model_x", ja="無", en="No weights.")
        await chain.end(importing, JobState.FAILED, failure)
        over = await client.fine_tuning.jobs.retrieve(job.id)
        assert over.status == "failed"
        assert over.error is not None
        assert (over.error.message, over.error.param) == ("No weights.", "model")


class TestCancelAndResume:
    async def test_import_goes_on_for_the_next_job(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, database: Database, tmp_path: Path
    ) -> None:
        job = await created(client, base, file_id, model=f"path:{tmp_path}")
        assert (await client.fine_tuning.jobs.cancel(job.id)).status == "cancelled"
        assert (await Chain(database, job).importing()).state == JobState.QUEUED
        assert (await client.fine_tuning.jobs.resume(job.id)).status == "validating_files"

    async def test_waiting_job_is_cancelled_at_once(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, database: Database
    ) -> None:
        job = await created(client, base, file_id)
        over = await client.fine_tuning.jobs.cancel(job.id)
        assert over.status == "cancelled"
        assert over.finished_at is not None
        assert over.error is None
        assert (await client.fine_tuning.jobs.cancel(job.id)).status == "cancelled"
        rows = await Chain(database, job).rows()
        assert {row.state for row in rows.values()} == {JobState.CANCELLED}

    async def test_cancelled_job_that_never_began_begins_with_resume(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str
    ) -> None:
        job = await created(client, base, file_id)
        await client.fine_tuning.jobs.cancel(job.id)
        again = await client.fine_tuning.jobs.resume(job.id)
        assert (again.id, again.status) == (job.id, "queued")
        assert (await client.fine_tuning.jobs.retrieve(job.id)).status == "queued"
        assert [one.id for one in (await client.fine_tuning.jobs.list(limit=1)).data] == [job.id]

    async def test_paused_training_goes_on_under_its_id(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, database: Database, data_dir: Path
    ) -> None:
        job = await created(client, base, file_id)
        chain = Chain(database, job)
        training = await chain.start("text_lora")
        await chain.tell(training, MetricBatch(step=2, values={"train/loss": 0.25}))
        paused = await client.fine_tuning.jobs.pause(job.id)
        assert (paused.status, paused.finished_at) == ("cancelled", None)
        with pytest.raises(openai.ConflictError):
            await client.fine_tuning.jobs.resume(job.id)  # it still saves
        await chain.tell(training, checkpoint_of(training, data_dir, 2))
        await chain.end(training, JobState.CANCELLED)
        assert (await client.fine_tuning.jobs.resume(job.id)).status == "queued"
        async with database.unit_of_work() as session:
            resumed = await session.scalar(select(JobRow).where(col(JobRow.resumes_job_id) == training.id))
        assert resumed is not None
        await chain.complete("text_lora", Report(name="ledger", body=LEARNED))
        await chain.complete("export_gguf")
        await chain.deploy(base, f"ft:again:{job.id[-8:]}")
        over = await client.fine_tuning.jobs.retrieve(job.id)
        assert (over.status, over.fine_tuned_model) == ("succeeded", f"ft:again:{job.id[-8:]}")
        assert "succeeded" in (await refused(client.fine_tuning.jobs.resume(job.id))).message
        checkpoints = (await client.fine_tuning.jobs.checkpoints.list(job.id)).data
        assert [one.step_number for one in checkpoints] == [2]

    async def test_failed_deployment_alone_is_tried_again(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, database: Database
    ) -> None:
        job = await created(client, base, file_id)
        chain = Chain(database, job)
        await chain.complete("text_lora")
        await chain.complete("export_gguf")
        failure = Failure(failure_class=FailureClass.RECIPE, code="gate_failed", ja="赤", en="Red.")
        await chain.end(await chain.start("deploy_llama_cpp"), JobState.FAILED, failure)
        again = await client.fine_tuning.jobs.resume(job.id)
        assert (again.status, again.error) == ("running", None)


class TestHistory:
    async def test_events_are_pages_of_what_happened(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, database: Database
    ) -> None:
        job = await created(client, base, file_id)
        chain = Chain(database, job)
        training = await chain.start("text_lora")
        await chain.tell(
            training,
            LogBatch(level="warning", message="one row was cut"),
            MetricBatch(step=1, values={"train/loss": 1.5, "train/learning_rate": 0.1}),
        )
        first = await client.fine_tuning.jobs.list_events(job.id, limit=2)
        assert first.has_more
        metrics, log = first.data
        assert (metrics.object, metrics.type, metrics.level) == ("fine_tuning.job.event", "metrics", "info")
        assert metrics.data == {"step": 1, "train_loss": 1.5, "train_learning_rate": 0.1}
        assert "1.5" in metrics.message
        assert (log.type, log.level, log.message) == ("message", "warn", "one row was cut")
        every = [event async for event in client.fine_tuning.jobs.list_events(job.id, limit=1)]
        assert every[:2] == [metrics, log]
        assert every[-1].message == f"Created fine-tuning job: {job.id}"
        assert len({event.id for event in every}) == len(every) == 4

    async def test_event_of_another_job_is_no_cursor(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str
    ) -> None:
        one, other = (
            await created(client, base, file_id),
            await created(client, base, file_id),
        )
        event = (await client.fine_tuning.jobs.list_events(other.id)).data[0]
        for after in (event.id, "ftevent-x-1", "nothing"):
            asked = client.fine_tuning.jobs.list_events(one.id, after=after)
            assert (await refused(asked)).param == "after"

    async def test_checkpoints_carry_the_metrics_of_their_step(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, database: Database, data_dir: Path
    ) -> None:
        job = await created(client, base, file_id)
        chain = Chain(database, job)
        training = await chain.start("text_lora")
        for step in (5, 10):
            await chain.tell(
                training,
                MetricBatch(step=step, values={"train/loss": 1 / step, "eval/loss": 2 / step}),
                checkpoint_of(training, data_dir, step),
            )
        newest = await client.fine_tuning.jobs.checkpoints.list(job.id, limit=1)
        assert newest.has_more
        shown = newest.data[0]
        assert (shown.object, shown.fine_tuning_job_id) == ("fine_tuning.job.checkpoint", job.id)
        assert (shown.step_number, shown.metrics.step) == (10, 10)
        assert (shown.metrics.train_loss, shown.metrics.full_valid_loss) == (0.1, 0.2)
        steps = [c.step_number async for c in client.fine_tuning.jobs.checkpoints.list(job.id, limit=1)]
        assert steps == [10, 5]
