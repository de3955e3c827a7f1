"""Jobs through the HTTP door: chains, keys, pages, ends, and what they leave."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmlora.contracts.events import LogBatch, MetricBatch
from llmlora.contracts.states import JobState
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings

from tests.features.jobs.door import JOBS, checkpoint_of, claimed, created, ended, stored

pytestmark = pytest.mark.anyio


class TestCreate:
    async def test_job_is_queued_with_every_setting_filled_in(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        job = await created(client, request_body)
        assert (job["state"], job["config"]["rank"], job["config"]["batch_size"]) == ("queued", 4, 4)
        assert job["head_seq"] == 1
        assert (await client.get(f"{JOBS}/{job['id']}")).json() == job

    async def test_deploy_makes_a_chain_that_waits(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        job = await created(client, {**request_body, "deploy": {"target": "llama_cpp"}})
        stages = [(s["recipe"], s["state"]) for s in job["stages"]]
        assert stages == [
            ("text_lora", "queued"),
            ("export_gguf", "pending"),
            ("deploy_llama_cpp", "pending"),
        ]
        gates = (await client.get(f"{JOBS}/{job['stages'][2]['id']}")).json()
        assert set(gates["depends_on"]) == {job["id"], job["stages"][1]["id"]}
        assert gates["config"]["prompts"] is None  # they lie beside the adapter once it is trained

    async def test_base_that_is_new_is_imported_first(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], tmp_path: Path
    ) -> None:
        reference = f"path:{tmp_path}/new"
        first = await created(client, {**request_body, "base_model": reference})
        second = await created(client, {**request_body, "base_model": reference})
        assert first["state"] == "pending"
        assert first["depends_on"] == second["depends_on"]
        imported = (await client.get(f"{JOBS}/{first['depends_on'][0]}")).json()
        assert (imported["recipe"], imported["config"]["reference"]) == ("import_base_model", reference)

    @pytest.mark.parametrize(
        ("change", "status", "code", "pointer"),
        [
            ({"config": {"rank": 0}}, 422, "config_invalid", "/config/rank"),
            ({"config": {"rnak": 8}}, 422, "config_invalid", "/config/rnak"),
            ({"dataset_id": "ds_none"}, 404, "dataset_not_found", None),
            ({"dataset_id": None}, 422, "job_input_missing", None),
            ({"recipe": "nothing"}, 404, "recipe_not_found", None),
            ({"depends_on": ["job_none"]}, 422, "dependency_unknown", None),
            ({"base_model": "llama2:7b"}, 404, "base_model_unknown", None),
            ({"priority": 101}, 422, "request_invalid", "/priority"),
            ({"surprise": 1}, 422, "request_invalid", "/surprise"),
            ({"threads": 0}, 422, "request_invalid", "/threads"),
            ({"config": {"rank": True}}, 422, "config_invalid", "/config/rank"),
            ({"config": {"rank": "8"}}, 422, "config_invalid", "/config/rank"),
            ({"config": {"learning_rate": "2e-4"}}, 422, "config_invalid", "/config/learning_rate"),
            ({"config": {"packing": 1}}, 422, "config_invalid", "/config/packing"),
            ({"config": {"target_modules": "all-linear"}}, 422, "config_invalid", "/config/target_modules"),
            ({"config": {"num_train_epochs": 3}}, 422, "config_invalid", "/config/num_train_epochs"),
            ({"config": {"early_stopping_patience": 2}}, 422, "config_invalid", "/config/eval_split"),
            ({"threads": True}, 422, "request_invalid", "/threads"),
            ({"priority": "5"}, 422, "request_invalid", "/priority"),
            ({"deploy": {"replace": "yes"}}, 422, "request_invalid", "/deploy/replace"),
            ({"training_job_id": "job_x"}, 422, "job_input_unused", "/training_job_id"),
            ({"export_job_id": "job_x"}, 422, "job_input_unused", "/export_job_id"),
            (
                {"recipe": "import_base_model", "dataset_id": None, "config": {"reference": "path:/x"}},
                422,
                "job_input_unused",
                "/base_model",
            ),
            (
                {"recipe": "export_gguf", "training_job_id": "job_x", "base_model": None, "config": {}},
                422,
                "job_input_unused",
                "/dataset_id",
            ),
            (
                {
                    "recipe": "export_gguf",
                    "training_job_id": "job_x",
                    "dataset_id": None,
                    "config": {},
                    "deploy": {},
                },
                422,
                "job_input_unused",
                "/deploy",
            ),
        ],
    )
    async def test_bad_request_says_what_to_change_and_leaves_nothing(
        self, client: httpx.AsyncClient, request_body: dict[str, Any],
        change: dict[str, Any], status: int, code: str, pointer: str | None,
    ) -> None:  # fmt: skip
        before = len((await client.get(JOBS, params={"q": request_body["name"]})).json()["data"])
        response = await client.post(JOBS, json={**request_body, **change})
        problem = response.json()
        assert (response.status_code, problem["code"]) == (status, code), problem
        assert response.headers["content-type"] == "application/problem+json"
        if pointer:
            assert [e["pointer"] for e in problem["errors"]] == [pointer]
        assert len((await client.get(JOBS, params={"q": request_body["name"]})).json()["data"]) == before

    async def test_problem_speaks_japanese_unless_asked_otherwise(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        body = {**request_body, "config": {"rank": 0}}
        japanese = (await client.post(JOBS, json=body, headers={"accept-language": ""})).json()["detail"]
        english = (await client.post(JOBS, json=body, headers={"accept-language": "en-GB"})).json()["detail"]
        assert "1 以上にしてください" in japanese
        assert "must be at least 1" in english

    @pytest.mark.parametrize(
        "sent",
        [
            {"data": {"dataset_id": "ds_x"}},
            {"files": {"file": b"a,b"}},
            {"content": b'{"dataset_id": "ds_x"}'},
        ],
    )
    async def test_body_that_does_not_call_itself_json_is_told_how_to(
        self, client: httpx.AsyncClient, sent: dict[str, Any]
    ) -> None:
        refused = await client.post(JOBS, **sent)
        assert (refused.status_code, refused.json()["code"]) == (422, "request_invalid")
        assert (
            "body: must be JSON, sent with the header content-type: application/json"
            in refused.json()["detail"]
        )


class TestNumbers:
    async def test_whole_number_may_be_written_with_a_point(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        config = {"rank": 8.0, "epochs": 1, "target_modules": ["q_proj"]}
        assert (await created(client, {**request_body, "config": config}))["config"]["rank"] == 8

    @pytest.mark.parametrize("query", [{"limit": "true"}, {"limit": "5.5"}, {"limit": ""}])
    async def test_query_takes_no_truth_value_for_a_number(
        self, client: httpx.AsyncClient, query: dict[str, str]
    ) -> None:
        problem = (await client.get(JOBS, params=query)).json()
        assert (problem["code"], problem["errors"][0]["pointer"]) == ("request_invalid", "/limit")

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "9" * 400, "9" * 5000, "1e999"])
    async def test_number_without_end_is_refused(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], number: str
    ) -> None:
        body = json.dumps({**request_body, "config": {"learning_rate": 0}}).replace(": 0}", f": {number}}}")
        headers = {"content-type": "application/json"}
        assert (await client.post(JOBS, content=body, headers=headers)).status_code in (400, 422)


class TestIdempotencyKey:
    async def test_same_key_gives_the_same_job_even_at_once(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        headers = {"idempotency-key": new_id("key")}
        answers = await asyncio.gather(
            *(client.post(JOBS, json=request_body, headers=headers) for _ in range(8))
        )
        assert {a.status_code for a in answers} == {201}
        assert len({a.json()["id"] for a in answers}) == 1
        assert sum("idempotency-replayed" in a.headers for a in answers) == 7

    async def test_same_key_with_another_request_is_refused(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        headers = {"idempotency-key": new_id("key")}
        await client.post(JOBS, json=request_body, headers=headers)
        other = await client.post(JOBS, json={**request_body, "priority": 5}, headers=headers)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")

    async def test_refused_request_does_not_use_up_its_key(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        headers = {"idempotency-key": new_id("key")}
        bad = {**request_body, "config": {"rank": 0}}
        assert (await client.post(JOBS, json=bad, headers=headers)).status_code == 422
        assert (await client.post(JOBS, json=request_body, headers=headers)).status_code == 201


class TestList:
    async def test_pages_show_every_job_once_newest_first(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        made = [(await created(client, request_body))["id"] for _ in range(5)]
        seen: list[str] = []
        after: str | None = None
        while True:
            query = {"q": request_body["name"], "limit": 2} | ({"after": after} if after else {})
            page = (await client.get(JOBS, params=query)).json()
            seen += [job["id"] for job in page["data"]]
            after = page["next"]
            if after is None:
                break
        assert seen == made[::-1]

    async def test_filters_by_state(self, client: httpx.AsyncClient, request_body: dict[str, Any]) -> None:
        one, other = await created(client, request_body), await created(client, request_body)
        await client.post(f"{JOBS}/{one['id']}/cancel")
        query: dict[str, Any] = {"q": request_body["name"], "state": ["queued", "running"]}
        found = (await client.get(JOBS, params=query)).json()["data"]
        assert [job["id"] for job in found] == [other["id"]]

    async def test_foreign_cursor_is_refused(self, client: httpx.AsyncClient) -> None:
        response = await client.get(JOBS, params={"after": "nonsense"})
        assert (response.status_code, response.json()["code"]) == (422, "cursor_invalid")


class TestCancel:
    async def test_waiting_chain_is_cancelled_at_once(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        job = await created(client, {**request_body, "deploy": {}})
        response = await client.post(f"{JOBS}/{job['id']}/cancel")
        assert (response.status_code, response.json()["state"]) == (202, "cancelled")
        stages = (await client.get(f"{JOBS}/{job['id']}")).json()["stages"]
        assert {stage["state"] for stage in stages} == {"cancelled"}

    async def test_running_job_is_asked_to_stop(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database
    ) -> None:
        job = await created(client, request_body)
        await claimed(database, job["id"])
        cancelled = await client.post(f"{JOBS}/{job['id']}/cancel", json={"checkpoint": "discard"})
        assert (cancelled.json()["state"], cancelled.json()["desired"]) == ("running", "cancel")

    async def test_completed_job_cannot_be_cancelled(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database
    ) -> None:
        job = await created(client, request_body)
        await ended(database, job["id"], await claimed(database, job["id"]), JobState.COMPLETED)
        response = await client.post(f"{JOBS}/{job['id']}/cancel")
        assert (response.status_code, response.json()["code"]) == (409, "job_over")


class TestDelete:
    async def test_ended_job_goes_with_its_files(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], settings: Settings
    ) -> None:
        job = await created(client, request_body)
        directory = settings.data_dir / "jobs" / job["id"]
        directory.mkdir(parents=True)
        assert (await client.delete(f"{JOBS}/{job['id']}")).json()["code"] == "job_not_over"
        await client.post(f"{JOBS}/{job['id']}/cancel")
        assert (await client.delete(f"{JOBS}/{job['id']}")).status_code == 200
        assert not directory.exists()
        assert (await client.get(f"{JOBS}/{job['id']}")).status_code == 404


class TestMetrics:
    async def test_down_sampling_keeps_peaks_and_zoom_shows_everything(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database
    ) -> None:
        job = await created(client, request_body)
        epoch = await claimed(database, job["id"])
        values = [1000.0 if step == 777 else -5.0 if step == 1234 else 1.0 for step in range(1, 3001)]
        points = [MetricBatch(step=s, values={"train/loss": v}) for s, v in enumerate(values, 1)]
        await stored(database, job["id"], epoch, *points)
        thin = (await client.get(f"{JOBS}/{job['id']}/metrics", params={"width": 100})).json()
        curve = thin["series"]["train/loss"]
        assert len(curve["steps"]) <= 102
        assert (curve["total"], max(curve["values"]), min(curve["values"])) == (3000, 1000.0, -5.0)
        assert (curve["steps"][0], curve["steps"][-1]) == (1, 3000)
        zoom = {"first_step": 770, "last_step": 780, "width": 100}
        full = (await client.get(f"{JOBS}/{job['id']}/metrics", params=zoom)).json()["series"]["train/loss"]
        assert full["steps"] == list(range(770, 781))
        latest = (await client.get(f"{JOBS}/{job['id']}/progress")).json()["latest_metrics"]
        assert latest["train/loss"] == {"step": 3000, "value": 1.0, "not_finite": None}


class TestLogs:
    async def test_lines_come_in_order_by_pages(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database
    ) -> None:
        job = await created(client, request_body)
        epoch = await claimed(database, job["id"])
        lines = [LogBatch(level="info", message=f"行 {n}") for n in range(5)]
        await stored(database, job["id"], epoch, *lines)
        first = (await client.get(f"{JOBS}/{job['id']}/logs", params={"limit": 3})).json()
        rest = (await client.get(f"{JOBS}/{job['id']}/logs", params={"after": first["next"]})).json()
        assert [line["message"] for line in first["data"] + rest["data"]] == [f"行 {n}" for n in range(5)]
        assert rest["next"] is None


class TestArtifacts:
    async def test_file_comes_in_ranges_with_its_hash_and_directory_as_archive(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        job = await created(client, request_body)
        epoch = await claimed(database, job["id"])
        await stored(database, job["id"], epoch, checkpoint_of(settings.data_dir, job["id"], 2))
        page = (await client.get(f"{JOBS}/{job['id']}/artifacts")).json()["data"]
        archive = await client.get(page[0]["download_url"])
        assert archive.headers["etag"] == f'"{"0" * 64}"'
        assert archive.content[:2] == b"PK"
        known = await client.get(page[0]["download_url"], headers={"if-none-match": archive.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")
        (settings.data_dir / "jobs" / job["id"] / "1" / "outside").symlink_to("/etc")
        assert (await client.get("/api/artifacts/art_none/download")).status_code == 404


class TestAge:
    async def test_moments_carry_their_zone(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        from datetime import datetime

        made_at = datetime.fromisoformat((await created(client, request_body))["created_at"])
        assert abs(utc_now() - made_at) < timedelta(minutes=5)


class TestUnstorableText:
    async def test_nul_is_refused_with_words(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        for change in ({"name": "a\0b"}, {"config": {"target_modules": ["q\0"]}}, {"metadata": {"k": "\0"}}):
            response = await client.post(JOBS, json={**request_body, **change})
            assert (response.status_code, response.json()["code"]) == (422, "text_not_storable"), change
