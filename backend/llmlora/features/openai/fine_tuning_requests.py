"""From OpenAI's request to ours: the base model a name means, and the settings of the recipe."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.recipe import RecipeSpec
from llmlora.features.datasets import repository as datasets
from llmlora.features.jobs.schemas import DeployRequest, JobCreate
from llmlora.features.models import repository as models
from llmlora.features.models.errors import AmbiguousBaseModelError
from llmlora.features.models.service import find_base_model, parse_reference
from llmlora.features.openai.errors import ParameterUnsupportedError
from llmlora.features.openai.files_schemas import dataset_id_of
from llmlora.features.openai.fine_tuning_errors import (
    FileParameterError,
    HyperparameterInvalidError,
    HyperparameterTwiceError,
    HyperparameterUnknownError,
    ModelUnknownError,
)
from llmlora.features.openai.fine_tuning_schemas import FineTuningJobCreate
from llmlora.features.recipes.configs import nearest_setting, recipe_answering, validate_config
from llmlora.features.recipes.errors import ConfigInvalidError
from llmlora.kit.errors import FieldProblem
from llmlora.kit.validation import sentences
from llmlora.recipes import RECIPES
from llmlora.recipes.blocks.base_model_errors import UnknownBaseModelError
from llmlora.recipes.blocks.base_reference import BUNDLED

SUPERVISED = "supervised"
"""The method of a request that names none, as in OpenAI's API."""
TUNED_PREFIX = "ft:"
AUTO = "auto"
MULTIPLIER = "learning_rate_multiplier"
IN_METHOD, IN_OLD_PLACE = "method.supervised.hyperparameters.", "hyperparameters."
# OpenAI's words, and those that PEFT and its users have for the same settings.
ALIASES = {
    "n_epochs": "epochs",
    "num_epochs": "epochs",
    MULTIPLIER: "learning_rate",
    "lora_rank": "rank",
    "lora_r": "rank",
    "r": "rank",
    "lora_alpha": "alpha",
    "lora_dropout": "dropout",
}


@dataclass(frozen=True)
class _Setting:
    """One setting of the recipe, and the parameter that gave it."""

    param: str
    value: JsonValue


def refuse_unsupported(given: FineTuningJobCreate) -> None:
    """Refuse what would otherwise be silently left out.

    Raises:
        ParameterUnsupportedError: names the parameter.
    """
    recipe_of(given)
    if given.validation_file is not None:
        raise ParameterUnsupportedError(
            "validation_file",
            "外して、hyperparameters の eval_split に評価用の割合（例 0.1）を指定してください。",
            "Leave it out and set eval_split (e.g. 0.1) in hyperparameters to hold out a share of training_file.",
        )
    if given.integrations:
        raise ParameterUnsupportedError("integrations")


def recipe_of(given: FineTuningJobCreate) -> RecipeSpec:
    """The recipe that answers the method that is asked for.

    Raises:
        ParameterUnsupportedError: none does; lists the methods that there are.
    """
    asked = given.method.type if given.method else SUPERVISED
    recipe = recipe_answering(asked)
    if recipe is None:
        known = [one.method for one in RECIPES.values() if one.method]
        raise ParameterUnsupportedError(
            "method.type",
            f"{asked} の学習には対応していません。{'、'.join(known)} を指定してください。",
            f"Training with {asked} is not supported. Use {' or '.join(known)}.",
        )
    return recipe


async def training_request(session: AsyncSession, given: FineTuningJobCreate) -> JobCreate:
    """The chain of jobs that is asked for: train, export, deploy, prove.

    Raises:
        InvalidInputError: a parameter is unknown or has to change; `fields` names it.
    """
    refuse_unsupported(given)
    dataset_id = dataset_id_of(given.training_file)
    if dataset_id is None or await datasets.get(session, dataset_id) is None:
        raise FileParameterError("training_file", given=given.training_file)
    suffix = (given.suffix or "").strip() or None
    return JobCreate(
        recipe=recipe_of(given).name,
        name=suffix,
        dataset_id=dataset_id,
        base_model=await resolve_base_model(session, given.model),
        config=recipe_config(given),
        deploy=DeployRequest(name=suffix),
        metadata=given.metadata or {},
    )


async def resolve_base_model(session: AsyncSession, name: str) -> str:
    """Id or reference of the base model that a name means, in any spelling that means only one.

    Raises:
        ModelUnknownError: it means none or several; lists what is known.
        ParameterUnsupportedError: it is a tuned model.
    """
    asked = name.strip()
    if asked.startswith(TUNED_PREFIX):
        raise ParameterUnsupportedError(
            "model",
            "学習済みのモデルは、さらに学習できません。ベースモデルを指定してください。",
            "A tuned model cannot be trained again. Specify its base model.",
        )
    known = sorted({BUNDLED, *await models.known_references(session)})
    try:
        row = await find_base_model(session, asked)
        return row.id if row is not None else str(await parse_reference(session, asked))
    except UnknownBaseModelError:
        found = [reference for reference in known if _folded(asked) in _spellings(reference)]
    except AmbiguousBaseModelError as error:
        raise ModelUnknownError("model", given=asked, known=str(error.facts["known"])) from error
    if len(found) != 1:
        raise ModelUnknownError("model", given=asked, known=", ".join(found or known))
    return found[0]


def recipe_config(given: FineTuningJobCreate) -> dict[str, Any]:
    """The recipe's config: only what was asked for, checked.

    Raises:
        HyperparameterUnknownError: no setting has that name.
        HyperparameterTwiceError: two names of one setting disagree.
        HyperparameterInvalidError: names every value that is wrong.
    """
    recipe = recipe_of(given)
    settings: dict[str, _Setting] = {}
    for param, key, value in _asked(given):
        name = ALIASES.get(key, key)
        if name not in recipe.config.model_fields:
            known = ", ".join([*list(ALIASES)[:3], *recipe.config.model_fields])
            raise HyperparameterUnknownError(param, nearest=nearest_setting(recipe, key), known=known)
        if value is None or value == AUTO:
            continue
        if not _is_storable(value):
            raise _invalid(
                (
                    _problem(
                        param, "使えない文字が含まれています", "contains characters that cannot be stored"
                    ),
                )
            )
        if key == MULTIPLIER:
            value = _scaled(param, value, recipe.config.model_fields[name].default)
        earlier = settings.setdefault(name, _Setting(param, value))
        if earlier.value != value or isinstance(earlier.value, bool) is not isinstance(value, bool):
            raise HyperparameterTwiceError(param, other=earlier.param)
    config = {name: setting.value for name, setting in settings.items()}
    try:
        validate_config(recipe, config)
    except ConfigInvalidError as error:
        raise _as_asked(error, settings) from error
    return config


def hyperparameters_of(given: FineTuningJobCreate) -> dict[str, JsonValue]:
    """What was asked for, by the names it was asked by; OpenAI's three are always there."""
    shown: dict[str, JsonValue] = dict.fromkeys(("n_epochs", "batch_size", MULTIPLIER), AUTO)
    shown.update({key: value for _, key, value in _asked(given) if value is not None and key != "seed"})
    return shown


def _asked(given: FineTuningJobCreate) -> Iterator[tuple[str, str, JsonValue]]:
    """Parameter, name and value of every setting, wherever it stands."""
    in_method = given.method.supervised.hyperparameters if given.method and given.method.supervised else None
    places: tuple[tuple[str, Mapping[str, JsonValue]], ...] = (
        (IN_METHOD, in_method or {}),
        (IN_OLD_PLACE, given.hyperparameters or {}),
        ("", {**given.__pydantic_extra__, "seed": given.seed}),
    )
    for prefix, settings in places:
        for key, value in settings.items():
            yield f"{prefix}{key}", key, value


def _scaled(param: str, multiplier: JsonValue, learning_rate: float) -> float:
    is_number = isinstance(multiplier, int | float) and not isinstance(multiplier, bool)
    if not is_number or not 0 < multiplier <= 1 / learning_rate:  # type: ignore[operator]
        words = (
            "auto か、0 より大きく {} 以下の数にしてください",
            "must be auto or a number above 0 and at most {}",
        )
        raise _invalid((_problem(param, *(text.format(round(1 / learning_rate)) for text in words)),))
    return float(multiplier) * learning_rate  # type: ignore[arg-type]


def _is_storable(value: JsonValue) -> bool:
    """PostgreSQL keeps neither NUL nor half a surrogate pair."""
    try:
        return b"\\u0000" not in json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False


def _problem(param: str, ja: str, en: str) -> FieldProblem:
    return FieldProblem(f"/{param.replace('.', '/')}", ja, en)


def _as_asked(error: ConfigInvalidError, settings: Mapping[str, _Setting]) -> HyperparameterInvalidError:
    """The recipe's complaint under the names that the client used."""
    renamed = []
    for field in error.fields:
        name, _, rest = field.pointer.removeprefix("/config").lstrip("/").partition("/")
        param = settings[name].param if name in settings else name
        pointer = "/".join(["", *param.split("."), *([rest] if rest else [])])
        renamed.append(FieldProblem(pointer, field.ja, field.en))
    return _invalid(tuple(renamed))


def _invalid(problems: tuple[FieldProblem, ...]) -> HyperparameterInvalidError:
    refused = HyperparameterInvalidError(**sentences(problems))
    refused.fields = problems
    return refused


def _spellings(reference: str) -> set[str]:
    """`hf:Owner/Name@rev` → itself, `owner/name`, `name`."""
    bare = reference.partition(":")[2].partition("@")[0]
    place = PurePosixPath(bare)
    return {_folded(one) for one in (reference, bare, place.name, place.name.removesuffix(".gguf"))}


def _folded(name: str) -> str:
    return name.strip().lower().replace("_", "-").replace(" ", "-")
