"""Which base models fit this machine, through the HTTP door."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from llmlora.contracts.forecast import Machine
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.api import create_app
from llmlora.features.discovery.fit import Subject, fit_of, machine_out
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.machine import Accelerator, Memory
from llmlora.kit.settings import Settings
from llmlora.recipes import importing
from llmlora.tables.base_model import BaseModelRow

pytestmark = pytest.mark.anyio
GIB = 1 << 30
SARASHINA = "hf:sbintuitions/sarashina2.2-0.5b-instruct-v0.1"
BY_REFERENCE = {one.reference: one for one in importing()[1].recommended()}


@pytest.fixture
async def client(settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, services)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as opened,
    ):
        yield opened


@pytest.fixture
async def sarashina(database: Database, data_dir: Path) -> AsyncIterator[BaseModelRow]:
    """The recommended one as an import has registered it."""
    id_ = new_id("model")
    row = BaseModelRow(
        id=id_, reference=f"{SARASHINA}@{'a' * 40}", source="hf", path=f"models/{id_}", architecture="LlamaForCausalLM",
        parameters=793_048_320, context_length=8192, weights_digest="0" * 64, tokenizer_hash="1" * 64, size_bytes=1,
        facts={"requested": [SARASHINA]}, created_at=utc_now(),
    )  # fmt: skip
    (data_dir / row.path).mkdir(parents=True)
    config = {"hidden_size": 1280, "num_hidden_layers": 24, "num_attention_heads": 16, "vocab_size": 102400}
    (data_dir / row.path / "config.json").write_text(json.dumps(config))
    async with database.unit_of_work() as session:
        session.add(row)
    yield row
    async with database.unit_of_work() as session:
        await session.execute(text("DELETE FROM base_model WHERE id = :id"), {"id": id_})


def cpu_machine(memory_gib: float, flops: float = 50e9) -> Machine:
    memory = Memory(round(memory_gib * GIB), round(memory_gib * GIB))
    return Machine(memory, (), multiplies_bf16=False, cpu_flops=lambda: flops)


def gpu_machine(memory_gib: int) -> Machine:
    gpu = Accelerator(0, "GPU-0", "A GPU", 0.0, 0, memory_gib * GIB, fp32_flops=60e12)
    memory = Memory(64 * GIB, 64 * GIB)
    return Machine(memory, (gpu,), multiplies_bf16=False, cpu_flops=lambda: 50e9)


def subject(reference: str) -> Subject:
    return Subject(reference, BY_REFERENCE[reference].known.architecture)


class TestFit:
    def test_more_memory_turns_too_large_into_tight_into_fitting(self) -> None:
        verdicts = [fit_of(subject(SARASHINA), cpu_machine(size)).verdict for size in (4, 16, 32)]
        assert verdicts == ["does_not_fit", "tight", "fits"]

    def test_what_is_too_large_as_it_is_fits_with_lighter_settings(self) -> None:
        fit = fit_of(subject(SARASHINA), cpu_machine(7))
        assert fit.verdict == "does_not_fit"
        assert fit.lighter is not None
        assert fit.lighter.memory.verdict == "fits"
        first = next(one for one in fit.presets if one.first)
        assert fit.lighter.memory.needed_bytes < 7 * GIB < first.memory.needed_bytes

    def test_nothing_is_advised_where_nothing_helps(self) -> None:
        fit = fit_of(subject("hf:Qwen/Qwen3-32B"), cpu_machine(16))
        assert (fit.verdict, fit.lighter, fit.serving.verdict) == ("does_not_fit", None, "does_not_fit")

    def test_nothing_is_advised_where_nothing_has_to_change(self) -> None:
        assert fit_of(subject(SARASHINA), cpu_machine(64)).lighter is None

    def test_a_small_preset_may_fit_where_the_usual_does_not(self) -> None:
        fit = fit_of(subject(SARASHINA), cpu_machine(8))
        assert {one.name: one.memory.verdict for one in fit.presets}["quick"] in ("fits", "tight")
        assert fit.verdict == "does_not_fit"

    def test_time_follows_the_processor(self) -> None:
        slow, fast = (fit_of(subject(SARASHINA), cpu_machine(16, flops)).seconds for flops in (50e9, 500e9))
        assert slow is not None
        assert fast is not None
        assert slow == pytest.approx(10 * fast, rel=0.01)

    def test_training_is_judged_by_the_gpu_and_serving_by_the_machine(self) -> None:
        fit = fit_of(subject("hf:Qwen/Qwen3-8B"), gpu_machine(80))
        assert (fit.device, fit.verdict) == ("cuda", "fits")
        assert fit.serving.total_bytes == 64 * GIB
        assert fit_of(subject("hf:Qwen/Qwen3-8B"), gpu_machine(16)).verdict == "does_not_fit"
        assert machine_out(gpu_machine(80), None).name == "A GPU"


class TestRecommended:
    async def test_best_for_this_machine_comes_first(self, client: httpx.AsyncClient) -> None:
        told = (await client.get("/api/models/recommended")).raise_for_status().json()
        order = [
            ("fits", "tight", "unknown", "does_not_fit").index(one["fit"]["verdict"]) for one in told["data"]
        ]
        assert order == sorted(order)
        assert {one["reference"] for one in told["data"]} == set(BY_REFERENCE)
        assert told["machine"]["total_bytes"] >= told["machine"]["free_bytes"] > 0
        assert told["machine"]["name"]

    async def test_one_that_was_brought_in_is_told_with_its_id(
        self, client: httpx.AsyncClient, sarashina: BaseModelRow
    ) -> None:
        told = (await client.get("/api/models/recommended")).raise_for_status().json()
        ids = {one["reference"]: one["id"] for one in told["data"]}
        assert ids[SARASHINA] == sarashina.id
        assert [reference for reference, id_ in ids.items() if id_ is not None] == [SARASHINA]

    async def test_download_is_held_against_the_disk(self, client: httpx.AsyncClient) -> None:
        told = (await client.get("/api/models/recommended")).raise_for_status().json()
        by = {one["reference"]: one for one in told["data"]}
        assert by[SARASHINA]["disk"]["needed_bytes"] == 2 * 793_048_320
        assert by[SARASHINA]["disk"]["free_bytes"] == told["machine"]["disk_free_bytes"]
        assert [one["name"] for one in told["data"] if one["is_bundled"]] == ["SmolLM2 135M"]


class TestFitOfBases:
    async def fits(self, client: httpx.AsyncClient, *references: str) -> list[dict[str, Any]]:
        answer = await client.get("/api/models/fit", params={"reference": references})
        data: list[dict[str, Any]] = answer.raise_for_status().json()["data"]
        return data

    async def test_registered_bundled_and_unknown_ones_in_the_order_of_the_request(
        self, client: httpx.AsyncClient, sarashina: BaseModelRow
    ) -> None:
        asked = [sarashina.id, "hf:nobody/knows", "bundled:smollm2-135m-instruct", "no reference"]
        told = await self.fits(client, *asked)
        assert [one["reference"] for one in told] == asked
        assert [one["fit"] is None for one in told] == [False, True, False, True]

    async def test_model_whose_files_are_gone_is_not_judged(
        self, client: httpx.AsyncClient, sarashina: BaseModelRow, data_dir: Path
    ) -> None:
        (data_dir / sarashina.path / "config.json").unlink()
        [told] = await self.fits(client, sarashina.reference)
        assert told["fit"] is None

    @pytest.mark.parametrize("query", ["", "reference=", "reference=a%00b"])
    async def test_bad_references_are_refused(self, client: httpx.AsyncClient, query: str) -> None:
        assert (await client.get(f"/api/models/fit?{query}")).status_code == 422
