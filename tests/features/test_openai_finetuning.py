"""OpenAI's files and fine-tuning, through OpenAI's own client: its shapes, our jobs behind them."""

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from openai.types.fine_tuning import FineTuningJob
from sqlalchemy import delete, select
from sqlmodel import col

from llmlora.contracts.events import (
    Checkpoint,
    Failure,
    FailureClass,
    JobEventBody,
    LogBatch,
    MetricBatch,
    Progress,
    Report,
)
from llmlora.contracts.states import FINAL_STATES, JobState
from llmlora.engine.capacity import Free
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.event_store import Fact, append_facts
from llmlora.engine.queue import claim_next_job, finish_job, lock_owned
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

from tests.factories import dataset_of, level_1_examples
from tests.features.chat_door import files_of, registered_base, running_app

pytestmark = pytest.mark.anyio

LIMIT_BYTES = 100_000
ALL_FREE = Free(is_idle=True, cpus=64, memory_bytes=1 << 40, light_slots=8, gpus_free=0, gpus_total=0)
LEARNED = {"rows_kept": 2, "tokens": 50, "supervised_tokens": 20}
SUPERVISED = {"type": "supervised"}


@pytest.fixture
def settings(data_dir: Path) -> Settings:
    return Settings(data_dir=data_dir, upload_limit_bytes=LIMIT_BYTES)


@pytest.fixture
async def base(database: Database) -> AsyncIterator[BaseModelRow]:
    """A base model that llama.cpp could serve: trainings on it wait for nothing."""
    async with registered_base(database, Path("/nowhere/base.gguf")) as row:
        yield row


@pytest.fixture
async def client(
    settings: Settings, services: ServiceUrls, database: Database
) -> AsyncIterator[openai.AsyncOpenAI]:
    """OpenAI's client on the API; the jobs and files it made are gone afterwards."""
    begun = utc_now()
    async with (
        running_app(settings, services, None, files.router, fine_tuning.router) as app,
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


@pytest.fixture
async def file_id(client: openai.AsyncOpenAI, database: Database, data_dir: Path) -> str:
    """A file whose rows were not read by the importer: its process costs a second each time."""
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

    async def rows(self, root: str | None = None) -> dict[str, JobRow]:
        async with self._database.unit_of_work() as session:
            group = select(JobRow).where(col(JobRow.group_id) == (root or self._root))
            return {job.recipe: job for job in await session.scalars(group)}

    async def start(self, recipe: str, root: str | None = None) -> JobRow:
        job = (await self.rows(root))[recipe]
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

    async def complete(self, recipe: str, *bodies: JobEventBody, root: str | None = None) -> JobRow:
        job = await self.start(recipe, root)
        await self.tell(job, *bodies)
        await self.end(job, JobState.COMPLETED)
        return job

    async def deploy(self, base: BaseModelRow, name: str, root: str | None = None) -> None:
        job = await self.start("deploy_llama_cpp", root)
        async with self._database.unit_of_work() as session:
            await registry.propose_deployment(
                session, job_id=job.id, training_job_id=self._root, name=name,
                base_model_id=base.id, files=files_of(),
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


class TestFiles:
    async def test_upload_is_found_listed_and_read_back(self, client: openai.AsyncOpenAI) -> None:
        content = lessons("読み戻し")
        made = await client.files.create(file=("質問.jsonl", content), purpose="fine-tune")
        assert made.id.startswith("file-ds_")
        assert (made.object, made.purpose, made.status) == ("file", "fine-tune", "processed")
        assert (made.bytes, made.filename, made.expires_at) == (len(content), "質問.jsonl", None)
        assert await client.files.retrieve(made.id) == made
        assert made in (await client.files.list(purpose="fine-tune")).data
        assert (await client.files.content(made.id)).content == content

    async def test_same_bytes_are_the_same_file(self, client: openai.AsyncOpenAI) -> None:
        assert await uploaded(client, "同じ") == await uploaded(client, "同じ")

    async def test_pages_go_both_ways(self, client: openai.AsyncOpenAI) -> None:
        made = [await uploaded(client, f"頁{i}") for i in range(3)]
        newest = await client.files.list(limit=2)
        assert [one.id for one in newest.data] == made[:0:-1]
        assert newest.has_more
        assert (await client.files.list(limit=2, after=newest.data[-1].id)).data[0].id == made[0]
        behind = [one.id async for one in client.files.list(limit=1, order="asc", after=made[0])]
        assert behind == made[1:]
        assert (await client.files.list(purpose="batch")).data == []

    async def test_deleted_file_is_gone(self, client: openai.AsyncOpenAI) -> None:
        file_id = await uploaded(client, "削除")
        deleted = await client.files.delete(file_id)
        assert (deleted.id, deleted.deleted, deleted.object) == (file_id, True, "file")
        for gone in (client.files.retrieve(file_id), client.files.content(file_id)):
            with pytest.raises(openai.NotFoundError):
                await gone

    async def test_file_of_an_unfinished_job_stays(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str
    ) -> None:
        job = await created(client, base, file_id)
        with pytest.raises(openai.ConflictError, match="Jobs that are not over"):
            await client.files.delete(job.training_file)

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ('{"messages": [{"role": "user"', "not valid JSON"),
            ('{"messages": [{"role": "user", "content": "?"}]}', "no assistant turn"),
            ('{"messages": [{"role": "boss", "content": "?"}]}', "unknown role"),
        ],
    )
    async def test_bad_row_is_named_with_its_reason(
        self, client: openai.AsyncOpenAI, line: str, words: str
    ) -> None:
        content = lessons("不正") + b"\n" + line.encode()
        error = await refused(client.files.create(file=("bad.jsonl", content), purpose="fine-tune"))
        assert (error.type, error.param, error.code) == (
            "invalid_request_error",
            "file",
            "invalid_training_file",
        )
        assert "Row 3" in error.message
        assert words in error.message
        assert all(one.filename != "bad.jsonl" for one in (await client.files.list()).data)

    @pytest.mark.parametrize("content", [b"", b"just words\nand more", b'{"messages": "none"}'])
    async def test_what_is_no_training_data_is_refused(
        self, client: openai.AsyncOpenAI, content: bytes
    ) -> None:
        error = await refused(client.files.create(file=("bad.jsonl", content), purpose="fine-tune"))
        assert (error.type, error.param) == ("invalid_request_error", "file")

    async def test_other_purposes_are_refused(self, client: openai.AsyncOpenAI) -> None:
        error = await refused(client.files.create(file=("a.jsonl", lessons("用途")), purpose="batch"))
        assert error.param == "purpose"
        more = {"anchor": "created_at", "seconds": 3600}
        asked = client.files.create(
            file=("a.jsonl", lessons("用途")), purpose="fine-tune", expires_after=more
        )
        assert (await refused(asked)).param == "expires_after"

    async def test_too_large_file_is_refused(self, client: openai.AsyncOpenAI) -> None:
        with pytest.raises(openai.APIStatusError) as caught:
            await client.files.create(file=("big.jsonl", b"x" * (LIMIT_BYTES + 1)), purpose="fine-tune")
        assert caught.value.status_code == 413


class TestCreate:
    async def test_answers_in_openais_shape(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, database: Database
    ) -> None:
        hyperparameters = {
            "n_epochs": 8, "batch_size": 1, "learning_rate_multiplier": 2, "lora_rank": 4, "alpha": 8,
        }  # fmt: skip
        job = await created(
            client, base, file_id, suffix="faq", seed=7, metadata={"team": "a"},
            method={"type": "supervised", "supervised": {"hyperparameters": hyperparameters}},
        )  # fmt: skip
        assert job.id.startswith("ftjob-job_")
        assert (job.object, job.status, job.model) == ("fine_tuning.job", "queued", base.reference)
        assert (job.fine_tuned_model, job.finished_at, job.trained_tokens) == (None, None, None)
        assert (job.estimated_finish, job.error, job.result_files) == (None, None, [])
        assert (job.seed, job.metadata) == (7, {"team": "a"})
        assert job.hyperparameters.model_dump() == hyperparameters
        assert job.method is not None
        assert job.method.supervised is not None
        assert job.method.supervised.model_dump()["hyperparameters"] == hyperparameters
        chain = await Chain(database, job).rows()
        training = chain["text_lora"]
        wanted = {"epochs": 8, "batch_size": 1, "rank": 4, "alpha": 8, "seed": 7, "learning_rate": 4e-4}
        assert {name: training.config[name] for name in wanted} == pytest.approx(wanted)
        assert set(chain) == {"text_lora", "export_gguf", "deploy_llama_cpp"}
        assert chain["deploy_llama_cpp"].name == "faq"

    async def test_settings_are_taken_wherever_clients_put_them(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, database: Database
    ) -> None:
        job = await created(
            client, base, file_id, hyperparameters={"n_epochs": 2, "batch_size": "auto"},
            extra_body={"rank": 4, "learning_rate": 0.01, "packing": True},
        )  # fmt: skip
        config = (await Chain(database, job).rows())["text_lora"].config
        assert [config[name] for name in ("epochs", "batch_size", "rank", "learning_rate", "packing")] == [
            2, 4, 4, 0.01, True,
        ]  # fmt: skip
        assert job.hyperparameters.learning_rate_multiplier == "auto"

    @pytest.mark.parametrize(
        ("more", "param"),
        [
            ({"extra_body": {"ranc": 4}}, "ranc"),
            ({"hyperparameters": {"epocs": "auto"}}, "hyperparameters.epocs"),
            ({"hyperparameters": {"n_epochs": 0}}, "hyperparameters.n_epochs"),
            ({"hyperparameters": {"learning_rate_multiplier": -1}}, "hyperparameters.learning_rate_multiplier"),
            ({"hyperparameters": {"learning_rate_multiplier": "fast"}}, "hyperparameters.learning_rate_multiplier"),
            ({"extra_body": {"rank": 4, "lora_rank": 8}}, "lora_rank"),
            ({"extra_body": {"rank": True, "lora_rank": 1.5}}, "lora_rank"),
            ({"extra_body": {"rank": "many"}}, "rank"),
            ({"extra_body": {"learning_rate_multiplier": 10**400}}, "learning_rate_multiplier"),
            ({"extra_body": {"target_modules": ["q\0"]}}, "target_modules"),
            ({"extra_body": {"gradient_\0": 1}}, "gradient_\0"),
            ({"metadata": {"a\0": "b"}}, "metadata.a\0.[key]"),
            ({"method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1}}}}, "method.type"),
            ({"method": {"type": "reinforcement"}}, "method.type"),
            ({"suffix": "x" * 65}, "suffix"),
            ({"seed": -1}, "seed"),
            ({"training_file": "file-nothing"}, "training_file"),
            ({"training_file": "nothing"}, "training_file"),
            ({"validation_file": "file-ds_1"}, "validation_file"),
            ({"integrations": [{"type": "wandb", "wandb": {"project": "p"}}]}, "integrations"),
            ({"metadata": {str(i): "" for i in range(17)}}, "metadata"),
        ],
    )  # fmt: skip
    async def test_wrong_parameter_is_named(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, more: dict[str, Any], param: str
    ) -> None:
        error = await refused(created(client, base, file_id, **more))
        assert (error.type, error.param) == ("invalid_request_error", param)

    @pytest.mark.parametrize("place", ["model", "suffix", "training_file", "metadata", "target_modules"])
    async def test_half_a_surrogate_pair_is_refused(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, place: str
    ) -> None:
        half: dict[str, Any] = {"metadata": {"a": "\ud800"}, "target_modules": ["\ud800"]}
        body = {"model": base.reference, "training_file": file_id} | {place: half.get(place, "\ud800")}
        asked = client.post(
            "/fine_tuning/jobs",
            cast_to=FineTuningJob,
            content=json.dumps(body).encode(),
            options={"headers": {"content-type": "application/json"}},
        )
        assert (await refused(asked)).type == "invalid_request_error"

    async def test_model_is_known_in_every_unambiguous_spelling(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, database: Database
    ) -> None:
        bare = base.reference.removeprefix("hf:")
        for name in (base.id, base.reference, bare, bare.upper(), bare.rpartition("/")[2]):
            job = await created(client, base, file_id, model=name)
            assert job.model == name
            assert (await Chain(database, job).rows())["text_lora"].inputs["base_model"] in (
                base.id,
                base.reference,
            )

    async def test_bundled_model_needs_no_prefix(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, database: Database
    ) -> None:
        job = await created(client, base, file_id, model="SmolLM2-135M-Instruct")
        row = (await Chain(database, job).rows())["text_lora"]
        async with database.unit_of_work() as session:
            known = await session.get(BaseModelRow, row.inputs["base_model"])
        assert (known.reference if known else row.inputs["base_model"]) == "bundled:smollm2-135m-instruct"

    @pytest.mark.parametrize("name", ["gpt-4o-mini", "HuggingFaceTB/Unheard-Of", "hf:../x"])
    async def test_unknown_model_lists_what_is_known(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, name: str
    ) -> None:
        error = await refused(created(client, base, file_id, model=name))
        assert (error.code, error.param) == ("model_not_found", "model")
        assert "bundled:smollm2-135m-instruct" in error.message
        assert base.reference in error.message

    async def test_tuned_model_is_refused_by_name(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str
    ) -> None:
        assert "base model" in (await refused(created(client, base, file_id, model="ft:a:b:c:d"))).message

    async def test_new_base_model_is_imported_first(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, tmp_path: Path
    ) -> None:
        job = await created(client, base, file_id, model=f"path:{tmp_path}")
        assert job.status == "validating_files"

    async def test_repeated_key_creates_one_job(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str
    ) -> None:
        headers = {"Idempotency-Key": base.id}
        jobs = [await created(client, base, file_id, extra_headers=headers) for _ in range(2)]
        assert jobs[0].id == jobs[1].id


class TestList:
    async def test_pages_and_filters(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str
    ) -> None:
        marks: Sequence[dict[str, str]] = ({"run": base.id}, {}, {"run": base.id, "n": "2"})
        made = [(await created(client, base, file_id, metadata=mark)).id for mark in marks]
        page = await client.fine_tuning.jobs.list(limit=2)
        assert [job.id for job in page.data] == made[:0:-1]
        assert page.has_more
        behind = await client.fine_tuning.jobs.list(after=made[1], limit=1)
        assert [job.id for job in behind.data] == made[:1]
        mine = [job.id async for job in client.fine_tuning.jobs.list(metadata={"run": base.id}, limit=1)]
        assert mine == [made[2], made[0]]
        bare = await client.fine_tuning.jobs.list(extra_query={"metadata": "null"})
        assert made[1] in [job.id for job in bare.data]
        assert made[0] not in [job.id for job in bare.data]

    async def test_hyphenated_address_is_the_same(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str
    ) -> None:
        job = await created(client, base, file_id)
        found = await client.get(f"/fine-tuning/jobs/{job.id}", cast_to=FineTuningJob)
        assert found == job

    @pytest.mark.parametrize("job_id", ["ftjob-nothing", "nothing", "job_1"])
    async def test_unknown_job_is_not_found(self, client: openai.AsyncOpenAI, job_id: str) -> None:
        for asked in (client.fine_tuning.jobs.retrieve, client.fine_tuning.jobs.cancel):
            with pytest.raises(openai.NotFoundError):
                await asked(job_id)
        assert (await refused(client.fine_tuning.jobs.list(after=job_id))).param == "after"


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


class TestCancelAndResume:
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
        await chain.complete("text_lora", Report(name="ledger", body=LEARNED), root=resumed.id)
        await chain.complete("export_gguf", root=resumed.id)
        await chain.deploy(base, f"ft:again:{job.id[-8:]}", root=resumed.id)
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
