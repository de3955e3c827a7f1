"""A table from the upload's rows to predictions over HTTP, and what the door refuses of rows."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmlora.contracts.states import JobState
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.serving.pool import ServerPool
from llmlora.features.deployments import registry
from llmlora.features.deployments.targets.onnx import predictor_at
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings
from llmlora.tables.deployment import DeploymentRow

from tests.features.chat_door import client_of, job_over, running_app
from tests.plugins.predictors import exported
from tests.recipes.tabular.test_tabular import mixed_rows, predictor_dir, run_of

pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.timeout(600)]
ROW = {"大きさ": 1.5, "色": "赤", "新品": True}


@pytest.fixture
async def client(settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    settings.data_dir.mkdir(exist_ok=True)
    async with (
        ServerPool(settings.data_dir / "pool") as pool,
        running_app(settings, services, pool) as app,
        client_of(app) as opened,
    ):
        yield opened


@pytest.fixture
async def deployed(database: Database, data_dir: Path, client: httpx.AsyncClient) -> DeploymentRow:
    """A model without a base, whose gates are green."""
    assert client is not None  # the database is migrated
    (data_dir / "trained").mkdir()
    spec, outcome = run_of(mixed_rows(), data_dir / "trained", model="linear")
    assert outcome.state is JobState.COMPLETED, outcome.failure
    directory = exported(predictor_dir(spec), data_dir)
    async with database.unit_of_work() as session:
        job_id = await job_over(session)
        row = await registry.propose_deployment(
            session,
            job_id=job_id,
            training_job_id=None,
            name=f"predict:table:{job_id[-8:]}",
            base_model_id=None,
            served=predictor_at(directory, data_dir),
        )
        await registry.accept_deployment(session, job_id, {"passed": True})
    return row


async def test_rows_are_predicted_and_what_does_not_fit_is_refused(
    client: httpx.AsyncClient, deployed: DeploymentRow
) -> None:
    async def asked(*items: Any) -> httpx.Response:
        address = f"/api/deployments/{deployed.id}/predict"
        return await client.post(address, json={"items": items}, headers={"accept-language": "en"})

    shown = (await client.get(f"/api/deployments/{deployed.id}")).json()
    assert shown["base_model_id"] is None
    predictor = shown["predictor"]
    assert (predictor["input"], predictor["target"], predictor["task"]) == ("columns", "結果", "single_label")
    assert [(one["name"], one["type"], one["choices"]) for one in predictor["columns"]] == [
        ("大きさ", "number", []), ("色", "category", ["緑", "赤", "青"]), ("新品", "boolean", []),
    ]  # fmt: skip

    rows = (ROW, {**ROW, "大きさ": "1,500"}, {"大きさ": -3}, {**ROW, "色": "紫", "新品": None})
    answer = (await asked(*({"type": "columns", "columns": one} for one in rows))).json()
    for one in answer["data"]:
        assert sum(label["score"] for label in one["labels"]) == pytest.approx(1, abs=1e-5)
        assert (one["number"], one["is_cut"], one["tokens"]) == (None, False, 0)
    assert answer["data"][0]["labels"][0]["label"] == "買う"
    assert answer["data"][2]["labels"][0]["label"] == "買わない"

    for item, code, word in (
        ({"type": "text", "text": "a"}, "prediction_input_type", "rows of a table"),
        ({"type": "columns", "columns": {"weight": 1}}, "prediction_column_unknown", "weight"),
        ({"type": "columns", "columns": {"大きさ": "large"}}, "prediction_cell_type", "a number"),
        ({"type": "columns", "columns": {"新品": 3}}, "prediction_cell_type", "true or false"),
    ):
        refused = await asked({"type": "columns", "columns": ROW}, item)
        body = refused.json()
        assert (refused.status_code, body["code"]) == (422, code)
        assert word in body["detail"]
        assert body["errors"][0]["pointer"] == "/items/1"
