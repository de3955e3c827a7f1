"""Case 19: a vocabulary that llama.cpp's converter does not know (llama.cpp issues 8649, 9927, 17197)."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from llmlora.contracts.events import JobEvent, MetricBatch, StateChange
from llmlora.entry.inputs import dataset_named
from llmlora.entry.workplace import workplace
from llmlora.features.jobs.schemas import DeployRequest, JobCreate, JobDetail
from llmlora.kit.settings import Settings

from tests.cases.bases import own_vocabulary

ROWS = Path(__file__).parent / "19-unknown-pre-tokenizer" / "porter.jsonl"
SETTINGS: dict[str, Any] = {"max_steps": 3, "batch_size": 1}


@dataclass(frozen=True)
class Ran:
    """The jobs in the order in which they were made, and their events as they came."""

    base_dir: Path
    data_dir: Path
    jobs: list[JobDetail]
    events: list[JobEvent]

    def bodies_of(self, job_id: str) -> list[Any]:
        return [event.body for event in self.events if event.job_id == job_id]


@pytest.mark.slow
class TestChainOnIt:
    """One worker, two trainings: the same base, with a deployment behind it and without."""

    @pytest.fixture(scope="class")
    def ran(self, tmp_path_factory: pytest.TempPathFactory) -> Ran:
        directory = tmp_path_factory.mktemp("case19")
        base_dir = own_vocabulary(directory / "base_own_vocabulary")
        settings = Settings(data_dir=directory / "data")
        events: list[JobEvent] = []

        async def scenario() -> list[JobDetail]:
            async with workplace(settings) as place:
                dataset = await dataset_named(place.database, settings, str(ROWS))
                request = JobCreate(dataset_id=dataset.id, base_model=f"path:{base_dir}", config=SETTINGS)
                deploying = request.model_copy(update={"deploy": DeployRequest()})
                ids = [*await place.create(deploying), *await place.create(request)]
                return await place.run(ids, events.append, asyncio.Event())

        return Ran(base_dir, settings.data_dir, asyncio.run(scenario()), events)

    def test_training_ends_before_its_first_step_and_its_chain_is_cancelled(self, ran: Ran) -> None:
        training = ran.jobs[0]
        failure = training.failure
        assert failure is not None
        assert (failure.code, failure.failure_class) == ("gguf_unknown_pre_tokenizer", "input")
        assert "pre-tokenizer" in failure.ja
        assert "train without deploying" in failure.en
        assert (training.attempt, training.epoch) == (0, 1)
        assert not [body for body in ran.bodies_of(training.id) if isinstance(body, MetricBatch)]
        assert [stage.recipe for stage in training.stages] == [
            "text_lora", "export_gguf", "export_gguf", "deploy_llama_cpp",
        ]  # fmt: skip
        for stage in training.stages[1:]:
            ends = [body for body in ran.bodies_of(stage.id) if isinstance(body, StateChange)]
            assert [body.state for body in ends] == ["pending", "cancelled"]
            assert ends[-1].reason in ("dependency_failed", "dependency_cancelled")

    def test_without_a_deployment_it_completes_and_peft_opens_the_adapter(self, ran: Ran) -> None:
        from peft import PeftModel
        from transformers import AutoModelForCausalLM

        alone = ran.jobs[-1]
        assert alone.state == "completed", alone.failure
        (adapter,) = [a for a in alone.artifacts if a.kind == "adapter"]
        model = AutoModelForCausalLM.from_pretrained(ran.base_dir)
        opened = PeftModel.from_pretrained(model, str(ran.data_dir / adapter.path))
        assert opened.peft_config["default"].r == 8

    def test_jobs_name_what_the_reference_meant_when_the_base_came(self, ran: Ran) -> None:
        named = {job.inputs.base_model for job in ran.jobs if job.recipe != "import_base_model"}
        assert len(named) == 1
        assert str(named.pop()).startswith("model_")
