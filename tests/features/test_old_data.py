"""An installation of before groups were a table is upgraded, and all that it held still works over HTTP."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.serving.pool import ServerPool

from tests.features.chat_door import client_of, events_of, running_app
from tests.old_data import OldData, old_data

pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def old(services: ServiceUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OldData]:
    with old_data(services, tmp_path_factory.mktemp("old")) as upgraded:
        yield upgraded


@pytest.fixture(scope="module")
async def client(old: OldData, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        ServerPool(tmp_path_factory.mktemp("pool")) as pool,
        running_app(old.settings, old.urls, pool) as app,
        client_of(app) as opened,
    ):
        yield opened


@pytest.fixture
def told(old: OldData) -> dict[str, Any]:
    return old.told


async def got(client: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def job_of(client: httpx.AsyncClient, job_id: str) -> Any:
    return await got(client, f"/api/training/jobs/{job_id}")


class TestJobs:
    async def test_all_are_listed_with_their_states(
        self, client: httpx.AsyncClient, told: dict[str, Any]
    ) -> None:
        listed = {
            one["id"]: one["state"] for one in (await got(client, "/api/training/jobs", limit=100))["data"]
        }
        states = {"training": "completed", "resumed": "completed", "halted": "cancelled", "left": "cancelled"}
        states |= {"failed": "failed", "failed_import": "failed", "bereft": "completed"}
        assert {name: listed[told[name]] for name in states} == states
        assert told["deleted_training"] not in listed

    async def test_chain_is_found_by_its_group(self, client: httpx.AsyncClient, told: dict[str, Any]) -> None:
        training = await job_of(client, told["training"])
        assert [one["id"] for one in training["stages"]] == [*told["chain"], told["export"]]
        group = await got(client, "/api/training/jobs", group_id=training["group_id"])
        assert {one["id"] for one in group["data"]} == {*told["chain"], told["export"]}

    async def test_curves_logs_and_files_are_there(
        self, client: httpx.AsyncClient, told: dict[str, Any]
    ) -> None:
        path = f"/api/training/jobs/{told['training']}"
        loss = (await got(client, f"{path}/metrics"))["series"]["train/loss"]
        assert loss["total"] == 150
        assert loss["values"][-1] < loss["values"][0] / 10
        assert (await got(client, f"{path}/logs"))["data"]
        made = {one["kind"]: one for one in (await job_of(client, told["training"]))["artifacts"]}
        assert (await client.get(made["adapter"]["download_url"])).status_code == 200

    async def test_what_went_on_names_what_it_went_on_from(
        self, client: httpx.AsyncClient, told: dict[str, Any]
    ) -> None:
        resumed = await job_of(client, told["resumed"])
        assert resumed["resumes_job_id"] == told["halted"]
        assert [one["state"] for one in resumed["stages"]] == ["completed"] * 3

    async def test_what_went_on_stands_in_the_group_of_what_it_went_on_from(
        self, client: httpx.AsyncClient, told: dict[str, Any]
    ) -> None:
        halted, resumed = [await job_of(client, told[name]) for name in ("halted", "resumed")]
        assert resumed["group_id"] == halted["group_id"] == told["halted"]
        assert [one["state"] for one in halted["stages"]] == ["cancelled"] * 3
        tuned = told["resumed_fine_tuning"].removeprefix("ftjob-")
        group = (await got(client, "/api/training/jobs", group_id=tuned))["data"]
        assert sorted(one["state"] for one in group) == ["cancelled"] * 3 + ["completed"] * 3

    async def test_name_what_is_gone(self, client: httpx.AsyncClient, told: dict[str, Any]) -> None:
        bereft = await job_of(client, told["bereft"])
        gone = {"dataset_id": told["deleted_dataset"], "base_model": told["deleted_base_model"]}
        assert {name: bereft["inputs"][name] for name in gone} == gone

    async def test_one_that_was_left_goes_on(self, client: httpx.AsyncClient, told: dict[str, Any]) -> None:
        made = await client.post(f"/api/training/jobs/{told['left']}/resume")
        assert made.status_code == 201, made.text
        resumed = await job_of(client, made.json()["id"])
        assert [one["state"] for one in resumed["stages"]] == ["queued", "pending", "pending"]
        assert resumed["group_id"] == told["left"]
        for one in resumed["stages"]:
            await client.post(f"/api/training/jobs/{one['id']}/cancel")


class TestData:
    async def test_datasets_are_read_and_say_who_used_them(
        self, client: httpx.AsyncClient, told: dict[str, Any]
    ) -> None:
        rows = (await got(client, f"/api/datasets/{told['table']}/rows"))["data"]
        assert [one["messages"][1]["content"] for one in rows] == ["The porter.", "Room nine."]
        used = {one["id"]: one["jobs"] for one in (await got(client, "/api/datasets"))["data"]}
        assert used[told["dataset"]] >= 5
        assert used[told["table"]] == 0

    async def test_base_model_keeps_its_files(self, client: httpx.AsyncClient, told: dict[str, Any]) -> None:
        base = await got(client, f"/api/base-models/{told['base_model']}")
        assert base["source"] == "path"
        used = await client.delete(f"/api/base-models/{told['base_model']}")
        assert used.status_code == 409
        assert used.json()["code"] == "base_model_in_use"


class TestServing:
    async def test_deployments_are_as_their_gates_left_them(
        self, client: httpx.AsyncClient, told: dict[str, Any]
    ) -> None:
        listed = {one["name"]: one for one in (await got(client, "/api/deployments"))["data"]}
        assert sorted(one["state"] for one in listed.values()) == ["ready"] * 4 + ["rejected"]
        ready = listed[told["deployment"]["name"]]
        assert (ready["id"], ready["training_job_id"]) == (told["deployment"]["id"], told["training"])

    async def test_conversation_goes_on(self, client: httpx.AsyncClient, told: dict[str, Any]) -> None:
        path = f"/api/chat/sessions/{told['chat']}"
        assert (await got(client, path))["messages"] == told["messages"]
        question = {"content": told["messages"][0]["content"]}
        answer = await client.post(f"{path}/messages", json=question)
        assert answer.status_code == 200, answer.text
        messages = (await got(client, path))["messages"]
        assert [one["role"] for one in messages] == ["user", "assistant"] * 2, events_of(answer.text)
        assert messages[-1]["content"]

    async def test_deployment_answers_as_it_learned(
        self, client: httpx.AsyncClient, told: dict[str, Any]
    ) -> None:
        asked = [{"role": "user", "content": told["messages"][0]["content"]}]
        body = {"model": told["deployment"]["name"], "messages": asked, "temperature": 0, "max_tokens": 16}
        answer = await client.post("/v1/chat/completions", json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["choices"][0]["message"]["content"] == told["messages"][1]["content"]

    async def test_training_that_is_served_is_not_deleted(
        self, client: httpx.AsyncClient, told: dict[str, Any]
    ) -> None:
        refused = await client.delete(f"/api/training/jobs/{told['training']}")
        assert (refused.status_code, refused.json()["code"]) == (409, "job_in_use")
        assert told["deployment"]["name"] in refused.json()["detail"]


class TestFineTunings:
    @pytest.mark.parametrize("name", ["fine_tuning", "resumed_fine_tuning"])
    async def test_are_whole(self, client: httpx.AsyncClient, told: dict[str, Any], name: str) -> None:
        path = f"/v1/fine_tuning/jobs/{told[name]}"
        job = await got(client, path)
        assert (job["status"], job["fine_tuned_model"]) == ("succeeded", told[f"{name}_model"])
        events = (await got(client, f"{path}/events", limit=100))["data"]
        assert events
        assert (await got(client, f"{path}/checkpoints"))["data"]

    async def test_lists_only_what_was_asked_for(
        self, client: httpx.AsyncClient, told: dict[str, Any]
    ) -> None:
        listed = (await got(client, "/v1/fine_tuning/jobs"))["data"]
        assert [one["id"] for one in listed] == [told["resumed_fine_tuning"], told["fine_tuning"]]
