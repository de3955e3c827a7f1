"""What a job works on, by reference: a recipe's inputs by name, as they are asked for, stored and shown.

How they are stored is known to `read_references` and `stored_references` alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from llmlora.contracts.events import PRODUCTS, ArtifactKind
from llmlora.contracts.recipe import Accepts, RecipeSpec
from llmlora.features.jobs.errors import InputContradictedError, InputUnknownError, InputUnusedError
from llmlora.features.jobs.schemas import JobCreate
from llmlora.kit.errors import AppError, FieldProblem

FIELDS = {
    "dataset": "dataset_id",
    "base_model": "base_model",
    "adapter": "training_job_id",
    "model": "training_job_id",
    "adapter_gguf": "export_job_id",
    "onnx": "export_job_id",
    "base_gguf": "base_export_job_id",
}
"""Inputs that have a field of their own in requests, in answers and where jobs are stored; others stand by their name. What
two recipes name differently, and is the same to a reader, has one field: what a training left, what an export made of it."""
PRODUCT_INPUTS = tuple(name for name, field in FIELDS.items() if field == "training_job_id")
"""Inputs that take what a training has left."""

Kind = Literal["dataset", "base_model", "job", "group"]


@dataclass(frozen=True)
class Reference:
    """What an input is. `id` of a data set, of the job that makes it, of a group, or of a base model, which is named by
    its reference until it is imported."""

    kind: Kind
    id: str


References = Mapping[str, Reference]


def read_references(recipe: RecipeSpec, stored: Mapping[str, str]) -> dict[str, Reference]:
    """The inputs of a job as it is stored, by their names."""
    named = {_name_of(recipe, key): value for key, value in stored.items()}
    return {
        name: Reference(kind_of(recipe.inputs[name]), value)
        for name, value in named.items()
        if name in recipe.inputs
    }


def _name_of(recipe: RecipeSpec, key: str) -> str:
    """The input of a recipe that a field stands for; without one, what is called so itself."""
    meant = [name for name, field in FIELDS.items() if field == key]
    return next((name for name in meant if name in recipe.inputs), meant[0] if meant else key)


def product_input(recipe: RecipeSpec, made: Collection[ArtifactKind]) -> str | None:
    """The input of a recipe that takes what a training which leaves these kinds has made."""
    takes = PRODUCTS.intersection(made)
    return next((name for name, accepts in recipe.inputs.items() if accepts.artifacts & takes), None)


def stored_references(references: References) -> dict[str, str]:
    """The same as a job is stored with them."""
    return {FIELDS.get(name, name): one.id for name, one in references.items()}


def kind_of(accepts: Accepts) -> Kind:
    """What a reference to such an input names."""
    if accepts.dataset_kinds:
        return "dataset"
    if accepts.base_model_tasks:
        return "base_model"
    return "group" if accepts.group else "job"


def asked_references(request: JobCreate, recipe: RecipeSpec) -> tuple[dict[str, Reference], JobCreate]:
    """What a request names, in fields of its own or under `inputs`; and the request with that in its fields, as far as
    there are such: so there is one place to change it later. A chain may be asked for behind a training alone.

    Raises:
        InputContradictedError: both name the same input, and another thing.
        InputUnknownError: the recipe has no such input; lists those it has.
        InputUnusedError: names all fields that would be ignored.
    """
    known = {name: accepts for name, accepts in recipe.inputs.items() if accepts.is_named}
    fields = dict.fromkeys(FIELDS.values())
    given = {
        _name_of(recipe, field): value for field in fields if (value := getattr(request, field)) is not None
    }
    for name, value in request.inputs.items():
        if name not in known:
            listed = ", ".join(known) or "-"
            raise _pointing(
                InputUnknownError(recipe=recipe.name, unknown=name, known=listed), f"/inputs/{name}"
            )
        if given.setdefault(name, value) != value:
            field = FIELDS[name]
            raise _pointing(InputContradictedError(field=field, name=name), f"/{field}", f"/inputs/{name}")
    unused = [FIELDS[name] for name in given if name not in known]
    if request.deploy is not None and not recipe.trains:
        unused.append("deploy")
    if unused:
        refused = InputUnusedError(recipe=recipe.name, unused=", ".join(unused))
        raise _pointing(refused, *(f"/{field}" for field in unused))
    named: dict[str, Any] = {FIELDS[name]: value for name, value in given.items() if name in FIELDS}
    named["inputs"] = {name: value for name, value in request.inputs.items() if name not in FIELDS}
    references = {name: Reference(kind_of(known[name]), value) for name, value in given.items()}
    return references, request.model_copy(update=named)


def _pointing(refused: AppError, *pointers: str) -> AppError:
    words = {language: refused.detail(language) for language in ("ja", "en")}
    refused.fields = tuple(FieldProblem(pointer, words["ja"], words["en"]) for pointer in pointers)
    return refused
