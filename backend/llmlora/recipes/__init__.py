"""Recipes: a folder and a line here each, and the folders that `LLMLORA_RECIPES` names. This module stays free of torch;
`run.py` files do not."""

import importlib
import importlib.util
from functools import cache
from pathlib import Path
from typing import TypeVar

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.forecast import Expected, Facts, Forecaster
from llmlora.contracts.plan import Importing, Plan
from llmlora.contracts.recipe import RecipeSpec
from llmlora.kit.settings import recipe_directories
from llmlora.recipes.blocks.forecast.conversions import no_data, no_time
from llmlora.recipes.deploy_llama_cpp.spec import SPEC as DEPLOY_LLAMA_CPP
from llmlora.recipes.deploy_ollama.spec import SPEC as DEPLOY_OLLAMA
from llmlora.recipes.deploy_onnx.spec import SPEC as DEPLOY_ONNX
from llmlora.recipes.export_coreml.spec import SPEC as EXPORT_COREML
from llmlora.recipes.export_gguf.spec import SPEC as EXPORT_GGUF
from llmlora.recipes.export_onnx.spec import SPEC as EXPORT_ONNX
from llmlora.recipes.external import recipes_in
from llmlora.recipes.import_base_model.spec import SPEC as IMPORT_BASE_MODEL
from llmlora.recipes.pull_ollama_model.spec import SPEC as PULL_OLLAMA_MODEL
from llmlora.recipes.tabular.spec import SPEC as TABULAR
from llmlora.recipes.text_classification.spec import SPEC as TEXT_CLASSIFICATION
from llmlora.recipes.text_lora.spec import SPEC as TEXT_LORA

RECIPES: dict[str, RecipeSpec] = {
    spec.name: spec
    for spec in (
        IMPORT_BASE_MODEL,
        PULL_OLLAMA_MODEL,
        TEXT_LORA,
        TEXT_CLASSIFICATION,
        TABULAR,
        EXPORT_GGUF,
        DEPLOY_LLAMA_CPP,
        DEPLOY_OLLAMA,
        EXPORT_ONNX,
        DEPLOY_ONNX,
        EXPORT_COREML,
    )
}

BUILT_IN = frozenset(RECIPES)
"""Names of those that come with the product."""
EXTERNAL_DIRECTORIES: list[Path] = []
"""Directories with recipes of others, for the children of runs."""


def add_recipes(directory: Path) -> None:
    """Let the recipes of a directory's folders be used by this process, and by the children that it starts from now on.

    Raises:
        ExternalRecipeError: it cannot be used as it is; none of its recipes is known then.
    """
    RECIPES.update(recipes_in(directory, RECIPES, __path__))
    EXTERNAL_DIRECTORIES.append(directory)


for _directory in recipe_directories():
    add_recipes(_directory)

DEFAULT = next(spec for spec in RECIPES.values() if spec.default)
"""What a request means that names no recipe."""

_Declared = TypeVar("_Declared", Plan, Forecaster)


@cache
def plan_of(name: str) -> Plan:
    """What a recipe's `plan.py` says; nothing, where there is none."""
    return _declared(name, "plan", Plan())


@cache
def forecaster_of(name: str) -> Forecaster:
    """What a recipe's `forecast.py` says; where there is none, nothing is known of what it takes."""
    return _declared(name, "forecast", Forecaster(_unknown))


def deploying_to(target: str) -> RecipeSpec | None:
    """The recipe that makes a model available there."""
    return next((one for one in RECIPES.values() if one.deploys and one.deploys.name == target), None)


def making(kind: ArtifactKind) -> RecipeSpec:
    """The recipe that leaves an artifact of that kind; of several, the first."""
    for spec in RECIPES.values():
        if kind in spec.artifacts:
            return spec
    raise LookupError(f"no recipe makes a {kind}")


def importing() -> tuple[RecipeSpec, Importing]:
    """The recipe that brings base models in."""
    for spec in RECIPES.values():
        how = plan_of(spec.name).importing
        if ArtifactKind.BASE_MODEL in spec.artifacts and how is not None:
            return spec, how
    raise LookupError("no recipe brings base models in")


def _declared(name: str, file: str, otherwise: _Declared) -> _Declared:
    """The constant of a recipe's file that is named like the file."""
    place = f"{__name__}.{name}.{file}"
    if importlib.util.find_spec(place) is None:
        return otherwise
    found = getattr(importlib.import_module(place), file.upper())
    assert isinstance(found, type(otherwise)), f"{place} declares no {type(otherwise).__name__}"
    return found


def _unknown(_facts: Facts) -> Expected:
    return Expected(no_data(), None, no_time(), None)
