"""What every recipe promises, checked over all of them."""

import importlib
import json
from pathlib import Path

import pytest

from llmlora.contracts.recipe import RecipeSpec
from llmlora.recipes import RECIPES

ROOM = Path(importlib.import_module("llmlora.recipes").__file__ or "").parent
FOLDERS = {p.parent.name for p in ROOM.glob("*/spec.py")}


@pytest.fixture(params=sorted(RECIPES), ids=str)
def spec(request: pytest.FixtureRequest) -> RecipeSpec:
    return RECIPES[request.param]


def test_every_folder_is_a_registered_recipe() -> None:
    assert {p.name for p in ROOM.iterdir() if p.is_dir()} - {"blocks", "__pycache__"} == FOLDERS
    assert set(RECIPES) == FOLDERS


class TestDeclaration:
    def test_config_survives_its_own_json(self, spec: RecipeSpec) -> None:
        required = {
            "reference": "bundled:smollm2-135m-instruct",
            "prompts": ["こんにちは"],
            "name": "faq:f16",
        }
        known = {k: v for k, v in required.items() if k in spec.config.model_fields}
        config = spec.config.model_validate(known)
        assert spec.config.model_validate_json(config.model_dump_json()) == config
        json.dumps(spec.config.model_json_schema())

    def test_unknown_settings_are_refused(self, spec: RecipeSpec) -> None:
        assert spec.config.model_config.get("extra") == "forbid"

    def test_every_setting_is_described_in_both_languages(self, spec: RecipeSpec) -> None:
        for name, field in spec.config.model_json_schema()["properties"].items():
            assert field.get("description"), name
            assert field.get("description_ja"), name

    def test_every_number_and_list_is_bounded(self, spec: RecipeSpec) -> None:
        for name, field in spec.config.model_json_schema()["properties"].items():
            for option in field.get("anyOf", [field]):
                if option.get("type") in {"integer", "number"}:
                    assert {"maximum", "exclusiveMaximum"} & option.keys(), name
                    assert {"minimum", "exclusiveMinimum"} & option.keys(), name
                if option.get("type") == "array":
                    assert "maxItems" in option, name

    def test_words_and_read_me_are_there(self, spec: RecipeSpec) -> None:
        assert spec.title.ja
        assert spec.title.en
        assert len((ROOM / spec.name / "README.md").read_text(encoding="utf-8")) > 300

    def test_run_takes_config_and_context(self, spec: RecipeSpec) -> None:
        run = importlib.import_module(f"llmlora.recipes.{spec.name}.run").run
        assert list(run.__annotations__)[:2] == ["config", "ctx"]

    def test_trainer_ships_ten_rows_that_it_trains_on(self, spec: RecipeSpec) -> None:
        if spec.trains:
            lines = (ROOM / spec.name / "example.jsonl").read_text(encoding="utf-8").splitlines()
            assert len(lines) == 10
