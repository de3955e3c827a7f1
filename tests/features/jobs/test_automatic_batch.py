"""A job whose batch size is `auto`: a number by the time it is planned, or once its base model is here; the same ever after."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from llmlora.contracts.events import MetricBatch
from llmlora.contracts.states import JobState
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.job import JobRow

from tests.features.jobs.door import JOBS, checkpoint_of, claimed, created, ended, stored
from tests.features.test_import_followers import complete, imported

pytestmark = pytest.mark.anyio
AUTO = {"rank": 4, "batch_size": "auto", "effective_batch_size": 8, "max_length": 64}
KNOWN = "bundled:smollm2-135m-instruct"


@pytest.fixture
def body(request_body: dict[str, Any]) -> dict[str, Any]:
    """Of the base that comes with the product, whose numbers are known before it was imported."""
    return {**request_body, "base_model": KNOWN, "device": "cpu", "config": AUTO}


async def test_job_has_the_number_that_the_forecast_told(
    client: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    about = {key: body[key] for key in ("dataset_id", "base_model", "device", "config")}
    told = (await client.post("/api/training/forecast", json=about)).json()
    job = await created(client, body)
    size, passes = job["config"]["batch_size"], job["config"]["gradient_accumulation"]
    assert size * passes == 8
    assert told["chosen"] == {"batch_size": size, "gradient_accumulation": passes}
    assert job["forecast"]["chosen"] == told["chosen"]
    assert job["forecast"]["memory"]["peak_bytes"] == told["memory"]["peak_bytes"]
    for id_ in (job["id"], *job["depends_on"]):  # or every later row of that reference is needed
        await client.post(f"{JOBS}/{id_}/cancel")


async def test_resume_and_duplicate_keep_it(
    client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
) -> None:
    job = await created(client, {**request_body, "config": AUTO})
    epoch = await claimed(database, job["id"])
    point = MetricBatch(step=1, values={"train/loss": 1.0})
    await stored(database, job["id"], epoch, point, checkpoint_of(settings.data_dir, job["id"], 1))
    await ended(database, job["id"], epoch, JobState.CANCELLED)
    resumed = (await client.post(f"{JOBS}/{job['id']}/resume")).json()
    again = (await client.post(f"{JOBS}/{job['id']}/duplicate", json={})).json()
    for other in (resumed, again):
        assert other["config"] == job["config"]
        assert other["forecast"]["chosen"] == job["forecast"]["chosen"]
    assert job["forecast"]["chosen"] == {
        key: job["config"][key] for key in ("batch_size", "gradient_accumulation")
    }
    other = (
        await client.post(f"{JOBS}/{job['id']}/duplicate", json={"config": {"effective_batch_size": 2}})
    ).json()
    assert other["config"]["batch_size"] * other["config"]["gradient_accumulation"] == 2


async def test_what_waits_for_its_base_model_is_decided_when_that_is_here(
    client: httpx.AsyncClient,
    request_body: dict[str, Any],
    database: Database,
    settings: Settings,
    tmp_path: Path,
) -> None:
    reference = f"path:{tmp_path}/new"
    job = await created(client, {**request_body, "base_model": reference, "config": AUTO})
    assert (job["config"]["batch_size"], job["forecast"]["chosen"]) == ("auto", {})
    [importing] = job["depends_on"]
    epoch = await claimed(database, importing)
    try:
        await complete(database, settings, importing, epoch, imported(reference, tmp_path))
        job = (await client.get(f"{JOBS}/{job['id']}")).json()
        assert job["state"] == "queued"
        size, passes = job["config"]["batch_size"], job["config"]["gradient_accumulation"]
        assert size * passes == 8
        assert job["forecast"]["chosen"] == {"batch_size": size, "gradient_accumulation": passes}
    finally:
        await client.post(f"{JOBS}/{job['id']}/cancel")
        async with database.unit_of_work() as session:
            await session.execute(delete(BaseModelRow).where(col(BaseModelRow.reference) == reference))


@pytest.mark.parametrize("value", ["many", "AUTO", "8", "", 0, 4097, 2.5, True, None])
async def test_anything_else_is_refused_with_what_it_may_be(
    value: object, client: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    answer = await client.post(JOBS, json={**body, "config": {"batch_size": value}})
    assert (answer.status_code, answer.json()["code"]) == (422, "config_invalid")
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/config/batch_size"]


@pytest.mark.parametrize("state", ["queued", "running"])
async def test_what_is_queued_never_changes(
    state: str, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database
) -> None:
    job = await created(client, request_body)
    if state == "running":
        await claimed(database, job["id"])
    with pytest.raises(IntegrityError, match="what it does cannot change"):
        async with database.unit_of_work() as session:
            (await session.get_one(JobRow, job["id"])).config = {**job["config"], "batch_size": 1}
