"""What a job works on, named by a recipe's inputs: beside the fields that there always were."""

from typing import Any

import httpx
import pytest

from llmlora.contracts.states import JobState
from llmlora.features.jobs.references import (
    FIELDS,
    Reference,
    kind_of,
    read_references,
    stored_references,
)
from llmlora.recipes import RECIPES

from tests.features.jobs.door import JOBS, created

pytestmark = pytest.mark.anyio
Body = dict[str, Any]


@pytest.fixture
def by_name(request_body: Body) -> Body:
    """The same request with its inputs by name."""
    inputs = {"dataset": request_body["dataset_id"], "base_model": request_body["base_model"]}
    others = {name: value for name, value in request_body.items() if name not in ("dataset_id", "base_model")}
    return {**others, "inputs": inputs}


def pointers(answer: httpx.Response) -> list[str]:
    return [one["pointer"] for one in answer.json()["errors"]]


class TestByName:
    async def test_means_what_the_fields_mean(
        self, client: httpx.AsyncClient, request_body: Body, by_name: Body
    ) -> None:
        usual, named = await created(client, request_body), await created(client, by_name)
        assert named["inputs"] == usual["inputs"]
        assert named["forecast"]["dataset_id"] == usual["forecast"]["dataset_id"]

    async def test_may_be_said_twice_if_it_is_the_same(
        self, client: httpx.AsyncClient, request_body: Body
    ) -> None:
        inputs = {"dataset": request_body["dataset_id"]}
        job = await created(client, {**request_body, "inputs": inputs})
        assert job["inputs"]["dataset_id"] == request_body["dataset_id"]

    async def test_contradiction_is_refused_at_both_places(
        self, client: httpx.AsyncClient, request_body: Body
    ) -> None:
        answer = await client.post(JOBS, json={**request_body, "inputs": {"dataset": "ds_other"}})
        assert (answer.status_code, answer.json()["code"]) == (422, "job_input_contradicted")
        assert pointers(answer) == ["/dataset_id", "/inputs/dataset"]

    @pytest.mark.parametrize("name", ["data", "dataset_id", "adapter", "endpoint", "DATASET"])
    async def test_name_that_the_recipe_has_not_is_refused_with_those_it_has(
        self, client: httpx.AsyncClient, by_name: Body, name: str
    ) -> None:
        body = {**by_name, "inputs": {**by_name["inputs"], name: "x"}}
        answer = await client.post(JOBS, json=body, headers={"accept-language": "en"})
        assert (answer.status_code, answer.json()["code"]) == (422, "job_input_unknown")
        assert "dataset, base_model" in answer.json()["detail"]
        assert pointers(answer) == [f"/inputs/{name}"]

    async def test_missing_one_is_named_by_its_field(self, client: httpx.AsyncClient, by_name: Body) -> None:
        inputs = {"base_model": by_name["inputs"]["base_model"]}
        answer = await client.post(
            JOBS, json={**by_name, "inputs": inputs}, headers={"accept-language": "en"}
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "job_input_missing")
        assert "dataset_id" in answer.json()["detail"]

    @pytest.mark.parametrize(
        ("value", "status"), [("", 422), ("\0", 422), ("x" * 2000, 422), (7, 422), ("ds_nope", 404)]
    )
    async def test_reference_that_is_none_is_refused(
        self, client: httpx.AsyncClient, by_name: Body, value: Any, status: int
    ) -> None:
        body = {**by_name, "inputs": {**by_name["inputs"], "dataset": value}}
        assert (await client.post(JOBS, json=body)).status_code == status

    async def test_copy_of_such_a_job_works_on_the_same(
        self, client: httpx.AsyncClient, by_name: Body
    ) -> None:
        job = await created(client, by_name)
        answer = await client.post(f"{JOBS}/{job['id']}/duplicate", json={})
        assert answer.status_code == 201, answer.text
        assert answer.json()["inputs"] == job["inputs"]

    async def test_export_of_a_training_by_name(self, client: httpx.AsyncClient, by_name: Body) -> None:
        training = await created(client, by_name)
        export = await created(client, {"recipe": "export_gguf", "inputs": {"adapter": training["id"]}})
        assert export["inputs"]["training_job_id"] == training["id"]
        assert export["inputs"]["base_model"] == training["inputs"]["base_model"]
        assert (export["state"], export["depends_on"]) == (JobState.PENDING, [training["id"]])


class TestStored:
    @pytest.mark.parametrize("recipe", RECIPES)
    def test_what_is_stored_is_read_back(self, recipe: str) -> None:
        spec = RECIPES[recipe]
        references = {
            name: Reference(kind_of(accepts), f"{name}_1")
            for name, accepts in spec.inputs.items()
            if accepts.is_named
        }
        assert read_references(spec, stored_references(references)) == references

    def test_usual_inputs_keep_the_keys_that_they_had(self) -> None:
        keys = ["dataset_id", "base_model", "training_job_id", "export_job_id", "base_export_job_id"]
        assert list(dict.fromkeys(FIELDS.values())) == keys
