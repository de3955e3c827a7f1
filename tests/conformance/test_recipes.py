"""What every recipe promises, checked over all of them."""

import importlib
import json
import re
from pathlib import Path

import pytest

from llmlora.contracts.recipe import RecipeSpec
from llmlora.recipes import DEFAULT, RECIPES

ROOM = Path(importlib.import_module("llmlora.recipes").__file__ or "").parent
FOLDERS = {p.parent.name for p in ROOM.glob("*/spec.py")}


@pytest.fixture(params=sorted(RECIPES), ids=str)
def spec(request: pytest.FixtureRequest) -> RecipeSpec:
    return RECIPES[request.param]


def test_every_folder_is_a_registered_recipe() -> None:
    assert {p.name for p in ROOM.iterdir() if p.is_dir()} - {"blocks", "__pycache__"} == FOLDERS
    assert set(RECIPES) == FOLDERS


def test_exactly_one_recipe_is_what_a_request_without_one_means() -> None:
    assert [spec.name for spec in RECIPES.values() if spec.default] == [DEFAULT.name]


def test_no_two_recipes_answer_one_method_or_deploy_to_one_target() -> None:
    methods = [spec.method for spec in RECIPES.values() if spec.method]
    targets = [spec.deploys.name for spec in RECIPES.values() if spec.deploys]
    assert len(set(methods)) == len(methods) > 0
    assert len(set(targets)) == len(targets) > 0


def test_parts_of_a_run_are_called_the_same_everywhere() -> None:
    words: dict[str, set[tuple[str, str]]] = {}
    for spec in RECIPES.values():
        for one in (*spec.stages, *spec.metrics):
            words.setdefault(one.name, set()).add((one.title.ja, one.title.en))
    assert {name for name, said in words.items() if len(said) > 1} == set()


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

    def test_every_input_says_what_it_may_be(self, spec: RecipeSpec) -> None:
        for name, accepts in spec.inputs.items():
            kinds = (accepts.dataset_kinds, accepts.base_model_tasks, accepts.artifacts)
            assert sum(map(bool, kinds)) + accepts.endpoint + accepts.group == 1, name
            assert accepts.title.ja, name
            assert accepts.title.en, name
            assert accepts.only_where.keys() <= spec.config.model_fields.keys(), name

    def test_every_curve_and_part_of_a_run_is_named_once(self, spec: RecipeSpec) -> None:
        for declared in (spec.metrics, spec.stages):
            names = [one.name for one in declared]
            assert len(set(names)) == len(names)
            assert all(one.title.ja and one.title.en for one in declared)
        assert bool(spec.metrics) == spec.trains

    def test_every_part_of_a_run_that_it_tells_of_is_declared(self, spec: RecipeSpec) -> None:
        """Stages that its own files write as they are; those of shared code are seen by the tests that run it."""
        told = {
            found
            for file in (ROOM / spec.name).glob("*.py")
            for found in re.findall(
                r'(?:stage=f?|byte_counter\(ctx, |_progress\(ctx, )"(\w+)', file.read_text("utf-8")
            )
        }
        assert told <= {stage.name for stage in spec.stages}

    def test_run_takes_config_and_context(self, spec: RecipeSpec) -> None:
        run = importlib.import_module(f"llmlora.recipes.{spec.name}.run").run
        assert list(run.__annotations__)[:2] == ["config", "ctx"]

    def test_trainer_ships_ten_rows_that_it_trains_on(self, spec: RecipeSpec) -> None:
        if spec.trains:
            lines = (ROOM / spec.name / "example.jsonl").read_text(encoding="utf-8").splitlines()
            assert len(lines) == 10
