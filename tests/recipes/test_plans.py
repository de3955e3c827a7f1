"""What recipes plan from facts: presets, and the steps of a deployment."""

from dataclasses import dataclass
from typing import Any

import pytest

from llmlora.contracts.deployment import DeployFacts, DeployPlan, Quantize, Route
from llmlora.contracts.events import PRODUCTS
from llmlora.contracts.plan import Preset, PresetFacts
from llmlora.contracts.recipe import RecipeSpec
from llmlora.recipes import RECIPES, deploying_to, forecaster_of, importing, plan_of

ROWS = (None, 0, 1, 3, 5, 10, 20, 49, 50, 10**9)
WITH_PRESETS = [name for name in RECIPES if plan_of(name).presets(PresetFacts())]
TARGETS = {one.deploys.name: one for one in RECIPES.values() if one.deploys}
OF_ADAPTERS = {name: spec for name, spec in TARGETS.items() if "adapter" in spec.inputs}


def offered(recipe: str, rows: int | None) -> dict[str, Preset]:
    return {one.name: one for one in plan_of(recipe).presets(PresetFacts(rows))}


@pytest.mark.parametrize("recipe", WITH_PRESETS)
class TestPresets:
    @pytest.mark.parametrize("rows", ROWS)
    def test_every_one_is_a_config_with_words_and_one_is_the_first(
        self, recipe: str, rows: int | None
    ) -> None:
        found = offered(recipe, rows)
        assert [one.first for one in found.values()].count(True) == 1
        for one in found.values():
            assert all((one.title.ja, one.title.en, one.summary.ja, one.summary.en))
            RECIPES[recipe].config.model_validate(one.values)

    def test_names_do_not_depend_on_the_rows(self, recipe: str) -> None:
        assert {tuple(offered(recipe, rows)) for rows in ROWS} == {tuple(offered(recipe, None))}

    def test_what_is_set_for_some_rows_is_set_by_some_preset_for_any(self, recipe: str) -> None:
        """A form that changes the preset clears what presets set, whatever the rows were before."""
        names = {frozenset(n for one in offered(recipe, rows).values() for n in one.values) for rows in ROWS}
        assert len(names) == 1


class TestPresetsOfTheTextTraining:
    def test_few_rows_are_passed_over_often_enough_and_many_as_often_as_is_said(self) -> None:
        def passes(rows: int | None) -> Any:
            return offered("text_lora", rows)["balanced"].values["epochs"]

        assert [passes(rows) for rows in (1, 3, 5, 10, 20, 49, 50, None)] == [24, 12, 8, 6, 3, 3, 3, 3]
        assert offered("text_lora", 5)["balanced"].values["learning_rate"] == 2e-3
        assert offered("text_lora", 50)["balanced"].values["learning_rate"] == 2e-4

    def test_words_say_that_the_data_is_little(self) -> None:
        few, many = offered("text_lora", 5)["quick"], offered("text_lora", 500)["quick"]
        assert "少ない" in few.summary.ja
        assert "20 回" in many.summary.ja

    @pytest.mark.parametrize("rows", ROWS)
    def test_early_stopping_goes_with_rows_that_are_held_out(self, rows: int | None) -> None:
        for one in offered("text_lora", rows).values():
            stops = one.values.get("early_stopping_patience") is not None
            assert stops <= bool(one.values.get("eval_split"))


@dataclass(frozen=True)
class Wish:
    quantization: str = "f16"
    route: Route = "auto"
    quantize: Quantize = "none"
    tag: str | None = None
    replace: bool = False
    name: str | None = None
    context: int | None = None
    max_tokens: int | None = None
    prompts: tuple[str, ...] | None = None


def planned(recipe: RecipeSpec, options: Wish, *, has_gguf: bool = True, number: int = 1) -> DeployPlan:
    deploying = plan_of(recipe.name).deploying
    assert deploying is not None
    facts = DeployFacts(
        options=options,
        training_id="job_0123456789",
        training_name="よくある質問 FAQ",
        config={"max_length": 512},
        has_gguf=has_gguf,
        context_limit=8192,
        number=number,
    )
    return deploying.plan(facts)


def test_every_target_is_planned_by_the_recipe_that_declares_it() -> None:
    for name, spec in TARGETS.items():
        assert deploying_to(name) is spec
        assert plan_of(spec.name).deploying is not None
    assert deploying_to("nowhere") is None
    assert [one.deploys.default for one in TARGETS.values() if one.deploys].count(True) == 1


def test_every_recipe_that_plans_a_deployment_declares_its_target() -> None:
    deploying = {name for name in RECIPES if plan_of(name).deploying is not None}
    assert deploying == {spec.name for spec in TARGETS.values()}


@pytest.mark.parametrize("spec", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("has_gguf", [True, False])
class TestDeployment:
    def test_every_step_is_a_valid_job_and_fills_an_input(self, spec: RecipeSpec, has_gguf: bool) -> None:
        plan = planned(spec, Wish(prompts=("だれ？",), max_tokens=32), has_gguf=has_gguf)
        config = spec.config.model_validate(plan.config).model_dump()
        asked = {"prompts": ["だれ？"], "max_tokens": 32}
        assert {name: config[name] for name in asked if name in config} == (
            asked if spec in OF_ADAPTERS.values() else {}
        )
        for one in plan.before:
            RECIPES[one.recipe].config.model_validate(one.config)
            assert set(RECIPES[one.recipe].artifacts) <= spec.inputs[one.fills].artifacts

    def test_what_is_needed_beforehand_is_planned(self, spec: RecipeSpec, has_gguf: bool) -> None:
        plan = planned(spec, Wish(), has_gguf=has_gguf)
        made = {one.fills for one in plan.before}
        needed = {
            name
            for name, one in spec.inputs.items()
            if one.is_named and one.required and name != "base_model" and not one.artifacts & PRODUCTS
        }
        assert needed <= made


@pytest.mark.parametrize("spec", OF_ADAPTERS.values(), ids=OF_ADAPTERS)
@pytest.mark.parametrize("has_gguf", [True, False])
def test_base_without_a_gguf_is_exported_beside_the_adapter(spec: RecipeSpec, has_gguf: bool) -> None:
    steps = {one.fills: one for one in planned(spec, Wish(), has_gguf=has_gguf).before}
    assert ("base_gguf" in steps) is not has_gguf
    assert steps["adapter_gguf"].of_training
    assert all(not one.of_training for name, one in steps.items() if name == "base_gguf")


class TestMergedDeployment:
    @pytest.mark.parametrize(
        "options", [Wish(route="merged"), Wish(quantize="q4_K_M"), Wish(quantize="q8_0")]
    )
    def test_is_one_export_of_both(self, options: Wish) -> None:
        for spec in TARGETS.values():
            if spec.deploys is not None and spec.deploys.merges:
                (one,) = planned(spec, options, has_gguf=False).before
                assert (one.config["target"], one.of_training) == ("merged", True)


class TestTags:
    def test_default_is_numbered_and_a_chosen_one_is_not(self) -> None:
        spec = TARGETS["ollama"]
        first, second = (planned(spec, Wish(), number=number) for number in (1, 2))
        assert first.is_tag_open
        assert second.tag == f"{first.tag}-2"
        chosen = planned(spec, Wish(tag="me/faq:v1", replace=True), number=2)
        assert (chosen.tag, chosen.is_tag_open, chosen.replaces) == ("me/faq:v1", False, True)

    def test_forms_of_one_adapter_have_names_of_their_own(self) -> None:
        forms = (
            Wish(), Wish(quantization="q8_0"), Wish(route="adapter"), Wish(route="merged"), Wish(quantize="q8_0"),
        )  # fmt: skip
        tags = {planned(TARGETS["ollama"], options).tag for options in forms}
        assert len(tags) == len(forms)

    def test_target_without_tags_asks_for_none(self) -> None:
        assert planned(TARGETS["llama_cpp"], Wish()).tag is None


class TestImporting:
    @pytest.mark.parametrize(
        ("reference", "has_gguf"),
        [
            ("bundled:smollm2-135m-instruct", True),
            ("ollama:smollm2:135m", True),
            ("path:/models/a.GGUF", True),
            ("path:/models/a", False),
            ("hf:owner/name@main", False),
        ],
    )
    def test_what_comes_from_a_gguf_keeps_it(self, reference: str, has_gguf: bool) -> None:
        _, how = importing()
        assert how.has_gguf(reference) is has_gguf

    def test_only_the_bundled_model_is_known_beforehand(self) -> None:
        _, how = importing()
        known = how.known("bundled:smollm2-135m-instruct")
        assert known is not None
        assert known.architecture.context == 8192
        assert how.known("hf:owner/name") is None

    def test_its_setting_is_one_of_its_config(self) -> None:
        spec, how = importing()
        assert how.setting in spec.config.model_fields


def test_every_curve_that_a_forecast_reads_is_declared() -> None:
    for name, spec in RECIPES.items():
        speed = forecaster_of(name).speed
        assert speed is None or speed in {metric.name for metric in spec.metrics}
