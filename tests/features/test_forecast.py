"""What is forecast is what a run then takes; and a forecast needs no model, no torch and no run."""

import asyncio
import itertools
import json
import platform
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from llmlora.contracts.run import BaseModelInput
from llmlora.contracts.states import JobState
from llmlora.data.token_ledger import Ledger
from llmlora.data.token_previews import LengthBin, TokenLengths
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.hosts.running import run_dir_of, run_recipe
from llmlora.entry.api import create_app
from llmlora.features.datasets.service import add_dataset
from llmlora.features.datasets.tokens import preview_directory
from llmlora.features.forecast.endpoints import router
from llmlora.features.jobs.repository import keep_job
from llmlora.features.models.service import as_input
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.recipes.blocks.bundled_models import SMOLLM2
from llmlora.recipes.blocks.forecast.architecture import from_config
from llmlora.recipes.blocks.forecast.duration import flops_per_token
from llmlora.recipes.blocks.forecast.memory import (
    Load,
    Place,
    activations_as_the_run_sees_them,
    booked,
    forecast_memory,
    will_recompute,
)
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.job import JobRow
from llmlora.tables.metric_point import MetricPointRow
from llmlora.tables.worker import WorkerRow

from tests.factories import LEVEL_1, dataset_of, question, text_lora_run

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
LORA_RANK_8 = 2_442_240  # of SmolLM2-135M, as PEFT counts it
_copies = itertools.count(1000)  # as no other test does
CPU = Place("cpu", "fp32", free_bytes=16 << 30, total_bytes=16 << 30)
LLAMA = {
    "hidden_size": 576, "num_hidden_layers": 30, "num_attention_heads": 9, "num_key_value_heads": 3, "head_dim": 64,
    "intermediate_size": 1536, "vocab_size": 49152, "max_position_embeddings": 8192,
}  # fmt: skip


@pytest.fixture
async def client(settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, services)
    if "/api/training/forecast" not in app.openapi()["paths"]:
        app.include_router(router)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as opened,
    ):
        yield opened


@pytest.fixture
async def base(database: Database, data_dir: Path) -> AsyncIterator[BaseModelRow]:
    """A registered model with SmolLM2's numbers, of which only `config.json` is there."""
    id_ = new_id("model")
    row = BaseModelRow(
        id=id_,
        reference=f"hf:owner/{id_}",
        source="hf",
        path=f"models/{id_}",
        architecture="LlamaForCausalLM",
        parameters=134_515_008,
        context_length=8192,
        weights_digest="0" * 64,
        tokenizer_hash="1" * 64,
        size_bytes=1,
        facts={"linear_layers": dict(SMOLLM2.known.architecture.linear_layers), "requested": []},
        created_at=utc_now(),
    )
    (data_dir / row.path).mkdir(parents=True)
    (data_dir / row.path / "config.json").write_text(json.dumps(LLAMA))
    async with database.unit_of_work() as session:
        session.add(row)
    yield row
    async with database.unit_of_work() as session:
        await session.execute(text("DELETE FROM base_model WHERE id = :id"), {"id": id_})


async def forecast(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await client.post("/api/training/forecast", json={"device": "cpu", **body})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def level_1(database: Database, data_dir: Path) -> str:
    """The first course's rows, in a file of the test's own: the same bytes would be the same dataset."""
    data_dir.mkdir(parents=True, exist_ok=True)
    own = data_dir / f"{new_id('level1')}.json"
    blanks = " \n" * next(_copies)
    own.write_text(LEVEL_1.read_text(encoding="utf-8") + blanks, encoding="utf-8")
    return (await add_dataset(database, data_dir, own)).dataset.id


async def keep_past_job(database: Database, base: BaseModelRow, host: str, tokens_per_s: float) -> None:
    job_id, worker_id, now = new_id("job"), new_id("worker"), utc_now()
    async with database.unit_of_work() as session:
        session.add(WorkerRow(id=worker_id, host=host, pid=1, capacity={}, started_at=now, seen_at=now))
        await keep_job(
            session,
            JobRow(
                id=job_id,
                name="past",
                recipe="text_lora",
                state="pending",
                config={"rank": 8},
                inputs={"base_model": base.id},
                device="cpu",
                worker_id=worker_id,
                next_run_at=now,
                created_at=now,
                started_at=now,
            ),
            (),
        )
        await session.flush()
        for step, value in enumerate((tokens_per_s / 9, tokens_per_s, tokens_per_s), 1):
            session.add(
                MetricPointRow(
                    job_id=job_id, name="train/tokens_per_s", step=step, epoch=1, value=value, at=now
                )
            )
    async with database.unit_of_work() as session:
        await session.execute(text("UPDATE job SET state = 'cancelled' WHERE id = :id"), {"id": job_id})


class TestMemory:
    async def test_works_before_the_bundled_model_was_imported(self, client: httpx.AsyncClient) -> None:
        told = await forecast(client)
        memory = told["memory"]
        assert told["base_model"] == "bundled:smollm2-135m-instruct"
        assert {part["name"] for part in memory["parts"]} == {
            "weights", "adapters", "optimizer", "gradients", "activations", "logits", "libraries",
        }  # fmt: skip
        assert memory["peak_bytes"] == sum(part["size_bytes"] for part in memory["parts"])
        assert all(part["ja"] != part["en"] for part in memory["parts"])

    async def test_imported_model_is_read_from_its_config(
        self, client: httpx.AsyncClient, base: BaseModelRow
    ) -> None:
        own, bundled = await forecast(client, base_model=base.id), await forecast(client)
        assert own["base_model"] == base.reference
        assert own["memory"]["parts"] == bundled["memory"]["parts"]

    async def test_more_rows_a_pass_take_more(self, client: httpx.AsyncClient) -> None:
        small = await forecast(client, config={"batch_size": 1, "max_length": 256})
        large = await forecast(client, config={"batch_size": 2, "max_length": 256})
        assert small["memory"]["longest_pass_tokens"] == 256
        assert small["memory"]["peak_bytes"] < large["memory"]["peak_bytes"]

    async def test_what_cannot_fit_is_said(self, client: httpx.AsyncClient) -> None:
        config = {"batch_size": 4096, "max_length": 8192, "gradient_checkpointing": "off"}
        assert (await forecast(client, config=config))["memory"]["verdict"] == "does_not_fit"

    async def test_recomputation_follows_the_rule_of_the_run(self) -> None:
        assert not will_recompute("auto", SMOLLM2.known.architecture, CPU, 512)
        assert will_recompute("auto", SMOLLM2.known.architecture, CPU, 16_384)
        assert not will_recompute("off", SMOLLM2.known.architecture, CPU, 16_384)
        assert will_recompute("on", SMOLLM2.known.architecture, CPU, 1)

    async def test_formulas_are_those_of_the_recipe(self, tiny_model_dir: Path) -> None:
        from transformers import AutoModelForCausalLM

        from llmlora.recipes.blocks.adapter import add_adapter, trainable_parameters
        from llmlora.recipes.blocks.base_model import linear_layers
        from llmlora.recipes.blocks.memory import activation_bytes

        model = AutoModelForCausalLM.from_pretrained(tiny_model_dir)
        config = json.loads((tiny_model_dir / "config.json").read_bytes())
        known = from_config(config, model.num_parameters(), linear_layers(model))
        assert activations_as_the_run_sees_them(known, CPU, 77) == activation_bytes(model, 77, 4)
        for targets, dora in ((None, False), (["q_proj", "down_proj"], False), (["k_proj"], True)):
            copy = AutoModelForCausalLM.from_pretrained(tiny_model_dir)
            adapted = add_adapter(
                copy, rank=4, alpha=8, dropout=0, target_modules=targets, rslora=False, dora=dora
            )
            learned = sum(p.numel() for p in trainable_parameters(adapted).values())
            assert known.lora_weights(4, targets, dora=dora) == learned

    async def test_bundled_model_has_the_numbers_it_really_has(self, bundled_model: BaseModelInput) -> None:
        config = json.loads((bundled_model.path / "config.json").read_bytes())
        assert from_config(config, SMOLLM2.known.architecture.parameters, None) == SMOLLM2.known.architecture
        assert SMOLLM2.known.architecture.lora_weights(8, None, dora=False) == LORA_RANK_8


class TestAgainstReality:
    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("batch_size", "max_length"), [(1, 64), pytest.param(4, 128, marks=pytest.mark.long)]
    )
    async def test_peak_is_within_half_of_the_forecast(
        self, bundled_model: BaseModelInput, tmp_path: Path, batch_size: int, max_length: int
    ) -> None:
        rows = [question(i, f"Q{i}?", "The quick brown fox jumps over the dog. " * 30) for i in range(1, 9)]
        rows.append(
            question(9, "Q?", "A.")
        )  # one that keeps its end: without any, nothing would teach to stop
        config = {"batch_size": batch_size, "max_length": max_length, "max_steps": 2, "precision": "fp32"}
        spec = text_lora_run(dataset_of(rows, tmp_path), bundled_model, tmp_path, **config)
        peak = PeakOf(run_dir_of(spec) / "pid")
        with peak:
            outcome = await run_recipe(spec, lambda _event: None)
        assert outcome.state is JobState.COMPLETED, outcome.failure
        tokens = batch_size * max_length
        supervised = int(str(outcome.reports["ledger"]["supervised_tokens"])) // len(rows) * batch_size
        told = forecast_memory(
            SMOLLM2.known.architecture, CPU, Load(tokens, supervised, 8, LORA_RANK_8), recompute=False
        )
        assert told.peak_bytes / 1.5 < peak.peak_bytes < told.peak_bytes * 1.5


class PeakOf:
    """The largest resident size that the kernel saw of a process whose id a file will hold."""

    def __init__(self, pid_file: Path) -> None:
        self.peak_bytes = 0
        self._pid_file = pid_file
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            try:
                status = Path(f"/proc/{int(self._pid_file.read_text())}/status").read_text()
            except (OSError, ValueError):
                continue
            found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
            self.peak_bytes = max([self.peak_bytes, *(int(kib) * 1024 for kib in found)])


class TestLengths:
    async def test_characters_give_tokens_within_a_third(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path, bundled_model: BaseModelInput
    ) -> None:
        from llmlora.data.mask import tokenize_example
        from llmlora.recipes.blocks.tokenizer import load_tokenizer

        from tests.factories import level_1_examples

        tokenizer = load_tokenizer(bundled_model.path)
        rows = [
            one
            for example in level_1_examples()
            for one in tokenize_example(example, tokenizer, loss_on="auto")
        ]
        told = await forecast(client, dataset_id=await level_1(database, data_dir))
        assert told["lengths"]["basis"] == "estimated"
        assert told["lengths"]["rows"] == 5
        real, supervised = sum(len(row.ids) for row in rows), sum(int(row.mask.sum()) for row in rows)
        assert real / 1.33 < told["lengths"]["tokens_per_epoch"] < real * 1.33
        assert supervised / 1.33 < told["lengths"]["supervised_tokens_per_epoch"] < supervised * 1.33

    async def test_token_preview_is_believed(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path, base: BaseModelRow
    ) -> None:
        dataset_id = await level_1(database, data_dir)
        async with database.unit_of_work() as session:
            dataset = await session.get(DatasetRow, dataset_id)
            assert dataset is not None
        ledger = Ledger(
            rows_read=5, rows_kept=5, rows_truncated=0, rows_dropped=0, dropped_by_reason={}, first_dropped=[],
            training_rows=5, tokens=300, supervised_tokens=100, longest=90, longest_before_truncation=90,
            length_quantiles={}, max_length=1024, end_of_turn=None, ends_of_turn={}, rows_end_cut=0, rows_not_rendered={},
        )  # fmt: skip
        bins = [
            LengthBin(first_tokens=1, last_tokens=64, rows=3),
            LengthBin(first_tokens=65, last_tokens=128, rows=2),
        ]
        kept = preview_directory(dataset, as_input(base, data_dir), 1024, data_dir)
        kept.mkdir(parents=True)
        (kept / "lengths.json").write_text(TokenLengths(bins=bins, ledger=ledger).model_dump_json())
        told = await forecast(client, dataset_id=dataset_id, base_model=base.id, config={"batch_size": 3})
        assert told["lengths"]["basis"] == "tokenized"
        assert told["lengths"]["tokens_per_epoch"] == 300
        assert told["memory"]["longest_pass_tokens"] == 90 + 90 + 64


class TestTime:
    async def test_steps_follow_batches_and_epochs(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path
    ) -> None:
        config = {"batch_size": 2, "gradient_accumulation": 2, "epochs": 3}
        told = await forecast(client, dataset_id=await level_1(database, data_dir), config=config)
        assert (told["time"]["steps_per_epoch"], told["time"]["steps"]) == (2, 6)
        assert told["time"]["tokens"] == pytest.approx(3 * told["lengths"]["tokens_per_epoch"], abs=2)

    async def test_cpu_is_timed_where_nothing_ran_yet(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path, base: BaseModelRow
    ) -> None:
        told = await forecast(client, dataset_id=await level_1(database, data_dir), base_model=base.id)
        assert told["time"]["basis"] == "measured_cpu"
        assert told["time"]["seconds"] > 0
        assert told["time"]["flops_per_token"] == pytest.approx(0.5e9, rel=0.2)

    async def test_past_jobs_on_this_machine_are_believed(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path, base: BaseModelRow
    ) -> None:
        await keep_past_job(database, base, platform.node(), 1000.0)
        await keep_past_job(database, base, "elsewhere", 9.0)
        told = await forecast(client, dataset_id=await level_1(database, data_dir), base_model=base.id)
        assert told["time"]["basis"] == "past_jobs"
        assert told["time"]["tokens_per_s"] == pytest.approx(1000)

    async def test_no_dataset_gives_no_time(self, client: httpx.AsyncClient) -> None:
        told = await forecast(client)
        assert told["time"]["seconds"] is None
        assert told["lengths"]["basis"] == "max_length"

    async def test_recomputation_costs_half_as_much_again(self) -> None:
        def flops(*, recompute: bool) -> float:
            return flops_per_token(
                SMOLLM2.known.architecture,
                supervised_share=1,
                mean_length=64,
                lora_weights=0,
                recompute=recompute,
            )

        assert flops(recompute=False) == pytest.approx(0.54e9, rel=0.05)
        assert (
            flops(recompute=True) - flops(recompute=False) == 2 * SMOLLM2.known.architecture.block_weights()
        )


class TestDisk:
    async def test_only_checkpoints_that_will_be_kept_count(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path
    ) -> None:
        dataset_id = await level_1(database, data_dir)
        sizes = {}
        for steps in (10, 100, 1000):
            config = {"max_steps": steps, "checkpoint_interval": 50, "keep_checkpoints": 2}
            parts = (await forecast(client, dataset_id=dataset_id, config=config))["disk"]["parts"]
            sizes[steps] = next(part["size_bytes"] for part in parts if part["name"] == "checkpoints")
        assert sizes == {10: 0, 100: 2 * 12 * LORA_RANK_8, 1000: 2 * 12 * LORA_RANK_8}

    async def test_export_of_a_model_takes_its_weights(self, client: httpx.AsyncClient) -> None:
        told = await forecast(client, recipe="export_gguf", config={"target": "merged", "outtype": "f16"})
        assert told["disk"]["size_bytes"] == 2 * SMOLLM2.known.architecture.parameters
        assert told["time"]["basis"] == "none"

    @pytest.mark.parametrize(
        ("config", "numbers", "maybe"),
        [
            ({"route": "adapter"}, 0, False),
            ({"route": "auto"}, 6, True),
            ({"route": "auto", "quantize": "q8_0"}, 6, False),
            ({"route": "merged"}, 6, False),
        ],
    )
    async def test_registration_may_merge_where_the_server_decides(
        self, client: httpx.AsyncClient, config: dict[str, Any], numbers: int, maybe: bool
    ) -> None:
        config = {"name": "me/faq:v1", "prompts": ["?"], **config}
        told = await forecast(client, recipe="deploy_ollama", config=config)
        assert told["disk"]["size_bytes"] == numbers * SMOLLM2.known.architecture.parameters
        assert any("only if" in part["en"] for part in told["disk"]["parts"]) is maybe

    async def test_size_of_a_download_is_not_invented(self, client: httpx.AsyncClient) -> None:
        config = {"reference": "hf:owner/unknown"}
        told = await forecast(client, recipe="import_base_model", config=config)
        assert (told["memory"], told["disk"]["size_bytes"], told["disk"]["verdict"]) == (
            None,
            None,
            "unknown",
        )


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({"recipe": "nope"}, 404, "recipe_not_found"),
            ({"config": {"rank": 0}}, 422, "config_invalid"),
            ({"dataset_id": "ds_nope"}, 404, "dataset_not_found"),
            ({"base_model": "llama2:7b"}, 404, "base_model_unknown"),
            ({"surprise": 1}, 422, "request_invalid"),
            ({"base_model": "path:\0"}, 422, "request_invalid"),
            ({"recipe": "import_base_model", "config": {"reference": "path:\0"}}, 404, "base_model_unknown"),
        ],
    )
    async def test_wrong_request_names_what_to_change(
        self, client: httpx.AsyncClient, body: dict[str, Any], status: int, code: str
    ) -> None:
        answer = await client.post("/api/training/forecast", json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    async def test_wrong_setting_is_pointed_at(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/api/training/forecast", json={"config": {"rank": 0}})
        assert [one["pointer"] for one in answer.json()["errors"]] == ["/config/rank"]


class TestProcess:
    async def test_forecasting_loads_no_learning_library(self) -> None:
        code = (
            "import sys, llmlora.features.forecast.endpoints, llmlora.features.system.endpoints\n"
            "from llmlora.features.forecast.machine import machine_now\n"
            "from llmlora.recipes.blocks.forecast.memory import choose_place\n"
            "choose_place('auto', 'auto', machine_now())\n"
            "print(sorted({'torch', 'transformers', 'peft', 'safetensors'} & set(sys.modules)))"
        )
        done = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("device", ["cpu", "mps", "cuda"])
async def test_what_a_device_needs_is_not_booked_as_the_machines_memory(device: Any) -> None:
    place = Place(device, "bf16", free_bytes=64 << 30, total_bytes=80 << 30)
    load = Load(tokens=2048, supervised=512, rank=8, lora_weights=LORA_RANK_8)
    memory = forecast_memory(SMOLLM2.known.architecture, place, load, recompute=False)
    machine, accelerator = booked(memory)
    if device == "cuda":
        assert (accelerator, 0 < machine < memory.peak_bytes) == (memory.peak_bytes, True)
    else:
        assert (machine, accelerator) == (memory.peak_bytes, 0)
