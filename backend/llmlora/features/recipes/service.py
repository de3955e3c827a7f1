"""Describes recipes: their config as JSON Schema with titles and descriptions in both languages."""

from typing import Any

from llmlora.contracts.plan import PresetFacts
from llmlora.contracts.recipe import Accepts, RecipeSpec, Step
from llmlora.contracts.text import Text
from llmlora.features.recipes.configs import find_recipe
from llmlora.features.recipes.schemas import (
    InputOut,
    MetricOut,
    PresetOut,
    RecipeOut,
    RunStepOut,
    StageOut,
    TargetOut,
    Words,
)
from llmlora.features.recipes.titles import choices_of, titles_of
from llmlora.recipes import RECIPES, plan_of


def list_recipes() -> list[RecipeOut]:
    """All recipes, in their own order."""
    return [describe(spec) for spec in RECIPES.values()]


def get_recipe(name: str) -> RecipeOut:
    """One recipe.

    Raises:
        RecipeNotFoundError: there is none of that name; lists those that there are.
    """
    return describe(find_recipe(name))


def list_presets(name: str, rows: int | None) -> list[PresetOut]:
    """What a recipe offers to begin with, for so many rows.

    Raises:
        RecipeNotFoundError: there is none of that name.
    """
    found = plan_of(find_recipe(name).name).presets(PresetFacts(rows))
    return [
        PresetOut(**vars(one) | {"title": _words(one.title), "summary": _words(one.summary)}) for one in found
    ]


def describe(spec: RecipeSpec) -> RecipeOut:
    """A recipe as the wire shows it."""
    fields = spec.config.model_fields
    return RecipeOut(
        name=spec.name,
        title=_words(spec.title),
        summary=_words(spec.summary),
        family=spec.family,
        inputs={name: _input(accepts) for name, accepts in spec.inputs.items()},
        dataset_kinds=sorted(spec.dataset_kinds),
        artifacts=list(spec.artifacts),
        metrics=[MetricOut(**vars(one) | {"title": _words(one.title)}) for one in spec.metrics],
        stages=[StageOut(**vars(one) | {"title": _words(one.title)}) for one in spec.stages],
        default=spec.default,
        method=spec.method,
        deploys=TargetOut(**vars(spec.deploys) | {"title": _words(spec.deploys.title)})
        if spec.deploys
        else None,
        pulls=spec.pulls,
        short=_words(spec.short or spec.title),
        steps=[_step(one) for one in _steps_of(spec)],
        charts=_charts_of(spec),
        facts=list(spec.facts),
        reports={name: _words(title) for name, title in spec.reports.items()},
        lane=spec.lane,
        resumable=spec.resumable,
        gpu=spec.gpu,
        trains=spec.trains,
        config_schema=config_schema(spec),
        defaults=spec.defaults,
        required=[name for name, info in fields.items() if info.is_required()],
    )


def _words(text: Text) -> Words:
    return Words(ja=text.ja, en=text.en)


def _steps_of(spec: RecipeSpec) -> tuple[Step, ...]:
    return spec.steps or (Step("run", spec.short or spec.title, spec.summary),)


def _step(step: Step) -> RunStepOut:
    varying = {
        setting: {value: _words(text) for value, text in by.items()}
        for setting, by in step.does_where.items()
    }
    words = {"title": _words(step.title), "does": _words(step.does), "does_where": varying}
    return RunStepOut(**vars(step) | words)


def _charts_of(spec: RecipeSpec) -> dict[str, Words]:
    """What each chart is called: one of a single curve as that."""
    titles = {metric.chart: metric.title for metric in reversed(spec.metrics)} | dict(spec.charts)
    return {name: _words(titles[name]) for name in dict.fromkeys(metric.chart for metric in spec.metrics)}


def _input(accepts: Accepts) -> InputOut:
    return InputOut(
        title=_words(accepts.title),
        dataset_kinds=sorted(accepts.dataset_kinds),
        base_model_tasks=sorted(accepts.base_model_tasks),
        artifacts=sorted(accepts.artifacts),
        endpoint=accepts.endpoint,
        group=accepts.group,
        required=accepts.required,
        only_where={name: sorted(values) for name, values in accepts.only_where.items()},
        named=accepts.is_named,
    )


def config_schema(spec: RecipeSpec) -> dict[str, Any]:
    """JSON Schema of the config, with `title` and `title_ja` on every property, nested ones included.

    A property that offers a few values has `choices`: what those are called, by value and language.
    """
    schema = spec.config.model_json_schema()
    for part in (schema, *schema.get("$defs", {}).values()):
        for name, found in part.get("properties", {}).items():
            ja, en = titles_of(name, found.get("description_ja"))
            found |= {"title": en, "title_ja": ja}
            forms = (found, *found.get("anyOf", []))
            offered = [value for form in forms for value in (*form.get("enum", []), form.get("const", ""))]
            if named := choices_of(offered):
                found["choices"] = named
    return schema
