"""From the configuration of a training, as the orchestrator takes it, to what the API is asked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from llmlora.client.errors import ClientError, said
from llmlora.client.generated.models import RecipeOut, ResourcesOut, SystemOut

Config = Mapping[str, Any]
# What a configuration says about a training beside the settings of its recipe.
_HEADS = ("recipe", "data_path", "dataset", "base_model", "hyperparameters", "params", "deploy", "metadata")
_SECTIONS = ("data", "training", "resources")
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


@dataclass(frozen=True)
class Training:
    """What is to be trained. `data_path`: a file on this machine that is uploaded; `dataset`: the id of one that is there."""

    recipe: str | None
    model: str | None
    data_path: str | None
    dataset: str | None
    base_model: str | None
    settings: dict[str, Any]
    resources: Config
    more: dict[str, Any]


@dataclass(frozen=True)
class Machine:
    """What a job is given of the machine. `notes`: what was asked for and is not there."""

    device: str = "auto"
    threads: int | None = None
    notes: tuple[str, ...] = field(default=())


def training_of(config: Config) -> Training:
    """A configuration, flat as in a call or in the sections of a file (model, data, training, resources).

    Settings of the recipe stand in `hyperparameters` (or `params`), in `training`, or beside them.
    """
    model = config.get("model")
    sections = {name: config[name] for name in _SECTIONS if isinstance(config.get(name), Mapping)}
    data: Config = sections.get("data", {})
    settings: dict[str, Any] = {}
    if isinstance(model, Mapping):
        settings |= model.get("hyperparameters", {})
        model = model.get("type")
    settings |= {name: one for name, one in data.items() if name not in ("train_path", "val_path")}
    settings |= sections.get("training", {})
    settings |= config.get("hyperparameters", {}) | dict(config.get("params", {}))
    settings |= {k: v for k, v in config.items() if k not in (*_HEADS, *sections, "model")}
    stopping = settings.get("early_stopping") or config.get("early_stopping")
    if isinstance(stopping, Mapping):
        settings.pop("early_stopping", None)
        settings |= {f"early_stopping_{name}": _setting(value) for name, value in stopping.items()}
    if "val_path" in data:
        raise _unusable(
            "val_path",
            ja="評価用のファイルは指定できません。データの一部を評価に使います（eval_split）",
            en="a file of its own for validation cannot be given: a part of the data is held out (eval_split)",
        )
    return Training(
        recipe=config.get("recipe"),
        model=None if model is None else str(model),
        data_path=_path(config.get("data_path") or data.get("train_path")),
        dataset=config.get("dataset"),
        base_model=config.get("base_model"),
        settings=settings,
        resources=sections.get("resources", {}),
        more={name: config[name] for name in ("deploy", "metadata") if name in config},
    )


def recipe_of(training: Training, recipes: Iterable[RecipeOut]) -> RecipeOut:
    """The recipe that a training names, or the one that learns its model, or the usual one.

    Raises:
        ClientError: there is none.
    """
    listed = list(recipes)
    if training.recipe is not None:
        found = [one for one in listed if one.name == training.recipe]
    elif training.model is not None:
        found = [one for one in listed if training.model in models_of(one)]
    else:
        found = [one for one in listed if one.default]
    if found:
        return found[0]
    models = sorted({model for one in listed for model in models_of(one)})
    named = training.recipe or training.model or ""
    known = ", ".join([*models, *(one.name for one in listed if one.trains)])
    raise _unusable(
        named,
        ja=f"そのモデルやレシピはありません。使えるもの: {known}",
        en=f"there is no such model or recipe. There are: {known}",
    )


def models_of(recipe: RecipeOut) -> tuple[str, ...]:
    """The models among which a recipe's setting `model` chooses."""
    properties = recipe.config_schema.get("properties")
    one = properties.get("model") if isinstance(properties, Mapping) else None
    choices = one.get("enum") if isinstance(one, Mapping) else None
    return tuple(str(choice) for choice in choices) if isinstance(choices, list) else ()


def takes(recipe: RecipeOut, setting: str) -> bool:
    """Whether a recipe has a setting."""
    properties = recipe.config_schema.get("properties")
    return isinstance(properties, Mapping) and setting in properties


def machine_of(resources: Config, system: SystemOut, now: ResourcesOut) -> Machine:
    """What a job is given: what was asked for, as far as it is there."""
    notes: list[str] = []
    cores = resources.get("cpu")
    there = system.devices.cpu_cores
    if cores is not None and int(cores) > there:
        notes.append(said(ja=f"CPU を {cores} コア求めましたが、{there} コアで実行します。", en=f"{cores} CPU cores were asked for; it runs on {there}."))  # fmt: skip
    wanted = int(resources.get("gpu") or resources.get("gpus") or 0)
    gpus = len(system.devices.gpus)
    if wanted > gpus:
        notes.append(said(ja=f"GPU を {wanted} 枚求めましたが、このマシンにあるのは {gpus} 枚です。", en=f"{wanted} GPUs were asked for; this machine has {gpus}."))  # fmt: skip
    memory = resources.get("memory")
    if memory is not None and bytes_of(memory) > now.memory_total_bytes:
        total = amount(now.memory_total_bytes)
        notes.append(said(ja=f"メモリを {memory} 求めましたが、このマシンのメモリは {total} です。", en=f"{memory} of memory was asked for; this machine has {total}."))  # fmt: skip
    threads = None if cores is None else max(1, min(int(cores), there))
    device = "auto" if wanted or ("gpu" not in resources and "gpus" not in resources) else "cpu"
    return Machine(device, threads, tuple(notes))


def bytes_of(written: object) -> int:
    """`8GB` or `512 MiB` as bytes (powers of 1024); a number is bytes.

    Raises:
        ClientError: it is no amount.
    """
    text = str(written).upper().replace(" ", "").removesuffix("B").removesuffix("I")
    number, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS and text[-1:] else (text, "")
    try:
        return int(float(number) * _UNITS[unit])
    except ValueError:
        raise _unusable(
            "memory", ja=f"「{written}」は量として読めません", en=f"“{written}” is not an amount"
        ) from None


def amount(size_bytes: float) -> str:
    """Bytes for a person: 6.0GB."""
    return f"{size_bytes / (1 << 30):.1f}GB"


def duration(seconds: float | None) -> str | None:
    """A time that is left for a person: 45s, 10min, 2.5h; None while nobody knows."""
    if seconds is None:
        return None
    if seconds < 90:
        return f"{seconds:.0f}s"
    return f"{seconds / 60:.0f}min" if seconds < 5400 else f"{seconds / 3600:.1f}h"


def _setting(value: object) -> object:
    return (
        {"val_loss": "eval_loss", "loss": "train_loss"}.get(value, value) if isinstance(value, str) else value
    )


def _path(value: object) -> str | None:
    return None if value is None else str(value)


def _unusable(pointer: str, *, ja: str, en: str) -> ClientError:
    return ClientError(code="config_unusable", detail=said(ja=f"{pointer}: {ja}。", en=f"{pointer}: {en}."))
