"""Fine-tuning through OpenAI's own client: what may be asked for, what it becomes, and how it is listed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openai
import pytest
from openai.types.fine_tuning import FineTuningJob

from llmlora.kit.db import Database
from llmlora.tables.base_model import BaseModelRow

from tests.features.openai.door import Chain, created, refused

pytestmark = pytest.mark.anyio


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
            ({"extra_body": {"rank": True}}, "rank"),
            ({"extra_body": {"rank": 1, "lora_rank": True}}, "lora_rank"),
            ({"extra_body": {"packing": "yes"}}, "packing"),
            ({"hyperparameters": {"n_epochs": True}}, "hyperparameters.n_epochs"),
            ({"hyperparameters": {"n_epochs": "3"}}, "hyperparameters.n_epochs"),
            ({"hyperparameters": {"batch_size": [4]}}, "hyperparameters.batch_size"),
            ({"hyperparameters": {"num_train_epochs": 3}}, "hyperparameters.num_train_epochs"),
            ({"hyperparameters": {"learning_rate_multiplier": True}}, "hyperparameters.learning_rate_multiplier"),
            ({"extra_body": {"early_stopping_patience": 2}}, "eval_split"),
            ({"seed": True}, "seed"),
            ({"seed": "7"}, "seed"),
            ({"extra_body": {"learning_rate_multiplier": 10**400}}, "learning_rate_multiplier"),
            ({"extra_body": {"target_modules": ["q\0"]}}, "target_modules"),
            ({"extra_body": {"gradient_\0": 1}}, "gradient_\0"),
            ({"metadata": {"a\0": "b"}}, "metadata.a\0"),
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
