"""Recipes through the HTTP door: a form in either language can be drawn from what is told."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.api import create_app
from llmlora.features.recipes.endpoints import router
from llmlora.features.recipes.titles import titles_of
from llmlora.kit.settings import Settings
from llmlora.recipes import RECIPES

pytestmark = pytest.mark.anyio
JAPANESE = re.compile(r"[぀-ヿ一-鿿]")
SAME_IN_BOTH = {"DoRA", "rsLoRA"}
FORMATS = {"fp32", "bf16", "fp16"}


@pytest.fixture
async def client(settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, services)
    if "/api/recipes" not in app.openapi()["paths"]:
        app.include_router(router)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as opened,
    ):
        yield opened


class TestList:
    async def test_every_recipe_is_told(self, client: httpx.AsyncClient) -> None:
        told = (await client.get("/api/recipes")).json()
        assert [one["name"] for one in told["data"]] == list(RECIPES)
        assert told["next"] is None

    async def test_every_setting_has_titles_and_descriptions_in_both_languages(
        self, client: httpx.AsyncClient
    ) -> None:
        for recipe in (await client.get("/api/recipes")).json()["data"]:
            for name, found in recipe["config_schema"]["properties"].items():
                assert found["title"], name
                assert found["title_ja"] in SAME_IN_BOTH or JAPANESE.search(found["title_ja"]), name
                assert found["description"], name
                assert JAPANESE.search(found["description_ja"]), name

    async def test_every_choice_of_a_training_is_named_in_both_languages_or_names_a_format(
        self, client: httpx.AsyncClient
    ) -> None:
        settings = (await client.get("/api/recipes/text_lora")).json()["config_schema"]["properties"]
        offered = {name: set(found["enum"]) for name, found in settings.items() if "enum" in found}
        assert len(offered) > 3
        for name, values in offered.items():
            named = settings[name].get("choices", {})
            assert values - set(named) <= FORMATS, name
            assert all(JAPANESE.search(words["ja"]) and words["en"] for words in named.values()), name

    async def test_nested_settings_have_titles_too(self, client: httpx.AsyncClient) -> None:
        schema = (await client.get("/api/recipes/deploy_llama_cpp")).json()["config_schema"]
        nested = schema["$defs"]["Thresholds"]["properties"]
        assert all(JAPANESE.search(one["title_ja"]) for one in nested.values())


class TestShow:
    async def test_defaults_make_a_config(self, client: httpx.AsyncClient) -> None:
        for name, spec in RECIPES.items():
            told = (await client.get(f"/api/recipes/{name}")).json()
            assert set(told["defaults"]) | set(told["required"]) == set(spec.config.model_fields)
            if not told["required"]:
                assert spec.config.model_validate(told["defaults"]) == spec.config()

    async def test_text_lora_tells_what_it_needs(self, client: httpx.AsyncClient) -> None:
        told = (await client.get("/api/recipes/text_lora")).json()
        assert told["inputs"].keys() == {"base_model", "dataset"}
        assert told["inputs"]["dataset"]["dataset_kinds"] == told["dataset_kinds"]
        assert told["inputs"]["dataset"]["required"]
        assert told["dataset_kinds"] == ["text.chat", "text.completion", "text.instruction"]
        assert (told["trains"], told["gpu"]) == (True, "optional")
        assert told["config_schema"]["properties"]["rank"]["maximum"] == 512

    async def test_curves_and_parts_of_a_run_have_words_and_a_meaning(
        self, client: httpx.AsyncClient
    ) -> None:
        told = (await client.get("/api/recipes/text_lora")).json()
        loss = next(one for one in told["metrics"] if one["name"] == "train/loss")
        assert (loss["better"], loss["chart"], loss["title"]["ja"]) == ("down", "loss", "学習損失")
        assert [one["name"] for one in told["stages"]] == ["tokenize", "rehearse", "load", "train"]
        assert (told["default"], told["method"], told["family"]) == (True, "supervised", "text")

    async def test_what_deploys_tells_where(self, client: httpx.AsyncClient) -> None:
        told = {one["name"]: one for one in (await client.get("/api/recipes")).json()["data"]}
        targets = {one["deploys"]["name"]: one["deploys"] for one in told.values() if one["deploys"]}
        assert targets.keys() == {"llama_cpp", "ollama", "onnx"}
        assert (targets["ollama"]["has_tags"], targets["llama_cpp"]["has_tags"]) == (True, False)
        asked = told["deploy_llama_cpp"]["inputs"]
        assert [name for name, one in asked.items() if not one["named"]] == ["endpoint"]

    async def test_input_that_a_setting_calls_for_says_which(self, client: httpx.AsyncClient) -> None:
        told = (await client.get("/api/recipes/export_gguf")).json()
        assert told["inputs"]["adapter"]["only_where"] == {"target": ["adapter", "merged"]}

    async def test_unknown_recipe_is_not_found(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/recipes/nope", headers={"accept-language": "en"})
        assert (answer.status_code, answer.json()["code"]) == (404, "recipe_not_found")
        assert "text_lora" in answer.json()["detail"]


class TestPresets:
    async def test_rows_decide_what_they_set(self, client: httpx.AsyncClient) -> None:
        address = "/api/recipes/text_lora/presets"
        few = (await client.get(address, params={"rows": 5})).json()["data"]
        unknown = (await client.get(address)).json()["data"]
        assert [one["name"] for one in few] == [one["name"] for one in unknown]
        assert [one["values"]["epochs"] for one in few] == [12, 8, 24]
        assert [one["values"]["epochs"] for one in unknown] == [1, 3, 6]
        assert few[0]["summary"] != unknown[0]["summary"]

    async def test_recipe_without_any_has_an_empty_page(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/api/recipes/export_gguf/presets")).json() == {"data": [], "next": None}

    @pytest.mark.parametrize(
        ("path", "status", "code"),
        [
            ("nope/presets", 404, "recipe_not_found"),
            ("text_lora/presets?rows=-1", 422, "request_invalid"),
            ("text_lora/presets?rows=many", 422, "request_invalid"),
            ("text_lora/presets?rows=99999999999999999999", 422, "request_invalid"),
        ],
    )
    async def test_wrong_question_is_refused(
        self, client: httpx.AsyncClient, path: str, status: int, code: str
    ) -> None:
        answer = await client.get(f"/api/recipes/{path}")
        assert (answer.status_code, answer.json()["code"]) == (status, code)


class TestTitles:
    async def test_setting_of_a_new_recipe_is_called_by_its_description(self) -> None:
        assert titles_of("image_size", "画像の一辺（画素）。大きいほど遅い。") == ("画像の一辺", "Image size")
