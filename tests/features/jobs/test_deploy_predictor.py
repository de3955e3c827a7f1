"""What is made of a training that leaves a model that predicts: an export of its own, and the checks of what serves it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmlora.features.datasets.service import add_dataset
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.recipes.blocks.tasks import ENCODE
from llmlora.tables.base_model import BaseModelRow

from tests.features.chat_door import registered_base
from tests.features.jobs.conftest import client
from tests.features.jobs.door import JOBS, created

__all__ = ["client"]
pytestmark = pytest.mark.anyio


@pytest.fixture
async def encoder(database: Database) -> AsyncIterator[BaseModelRow]:
    facts = {"files": {}, "requested": [], "tasks": [ENCODE]}
    async with registered_base(database, None, architecture="BertModel", facts=facts) as row:
        yield row


@pytest.fixture
async def body(
    settings: Settings, database: Database, encoder: BaseModelRow, tmp_path: Path
) -> dict[str, Any]:
    rows = [{"text": f"{new_id('q')} {n}", "label": ("a", "b")[n % 2]} for n in range(40)]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    dataset = (await add_dataset(database, settings.data_dir, path)).dataset
    return {
        "recipe": "text_classification",
        "name": "faq",
        "dataset_id": dataset.id,
        "base_model": encoder.id,
    }


class TestPredictor:
    async def test_chain_ends_where_such_a_model_can_be_used_though_nobody_named_it(
        self, client: httpx.AsyncClient, body: dict[str, Any]
    ) -> None:
        training = await created(client, {**body, "deploy": {}})
        shown = (await client.get(f"{JOBS}/{training['id']}")).json()
        assert [one["recipe"] for one in shown["stages"]] == [
            "text_classification",
            "export_onnx",
            "deploy_onnx",
        ]
        export, deploy = [(await client.get(f"{JOBS}/{one['id']}")).json() for one in shown["stages"][1:]]
        assert export["inputs"]["training_job_id"] == training["id"]
        assert export["inputs"]["base_model"] is None
        assert deploy["inputs"]["training_job_id"] == training["id"]
        assert deploy["inputs"]["export_job_id"] == export["id"]
        assert deploy["inputs"]["base_model"] == body["base_model"]

    async def test_target_of_another_sort_is_refused(
        self, client: httpx.AsyncClient, body: dict[str, Any]
    ) -> None:
        refused = await client.post(JOBS, json={**body, "deploy": {"target": "llama_cpp"}})
        assert (refused.status_code, refused.json()["code"]) == (422, "target_unfit")
        assert "onnx" in refused.json()["detail"]

    async def test_option_of_conversations_is_refused_by_its_name(
        self, client: httpx.AsyncClient, body: dict[str, Any]
    ) -> None:
        asked = {**body, "deploy": {"context": 2048, "prompts": ["?"]}}
        refused = await client.post(JOBS, json=asked, headers={"accept-language": "en"})
        assert (refused.status_code, refused.json()["code"]) == (422, "deploy_option_unused")
        assert (
            "ONNX Runtime holds no conversations and does not use context, prompts"
            in refused.json()["detail"]
        )

    async def test_export_alone_can_be_asked_for_by_the_fields_that_all_exports_have(
        self, client: httpx.AsyncClient, body: dict[str, Any]
    ) -> None:
        training = await created(client, body)
        job = await created(client, {"recipe": "export_onnx", "training_job_id": training["id"]})
        assert (job["state"], job["inputs"]["training_job_id"]) == ("pending", training["id"])
        named = {"recipe": "export_onnx", "inputs": {"model": training["id"]}}
        assert (await created(client, named))["inputs"]["training_job_id"] == training["id"]
        again = await client.post(JOBS, json={"recipe": "export_onnx"})
        assert (again.status_code, again.json()["code"]) == (422, "job_input_missing")
