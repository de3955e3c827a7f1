"""The file of `train --config`: what is to be trained on which data and with which settings."""

import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, JsonValue, StringConstraints, ValidationError

from llmlora.contracts.recipe import RecipeSpec
from llmlora.entry.yaml_file import YamlProblem, full_width_hint, read_yaml
from llmlora.features.recipes.configs import config_invalid, validate_config
from llmlora.features.recipes.errors import ConfigInvalidError
from llmlora.kit.errors import FieldProblem, InvalidInputError
from llmlora.kit.typed import Typed
from llmlora.kit.validation import field_problems
from llmlora.recipes import DEFAULT, RECIPES

LARGEST_BYTES = 1 << 20
# What YAML 1.1 reads as truth values, and 1.2 as words: meant where a setting is one or the other.
YES, NO = frozenset({"yes", "on", "y"}), frozenset({"no", "off", "n"})
Name = Annotated[str, StringConstraints(min_length=1, max_length=1024, strip_whitespace=True)]


class JobFileInvalidError(InvalidInputError):
    """The file given to `--config` cannot be used."""

    code = "job_file_invalid"
    ja = "設定ファイル {path} を使えません。{problems_ja}。書ける項目は dataset、base_model、recipe、config です。"
    en = "The job file {path} cannot be used: {problems_en}. It can contain dataset, base_model, recipe and config."


class _Shape(Typed):
    model_config = ConfigDict(extra="forbid")

    dataset: Name | None = None
    base_model: Name | None = None
    recipe: Name | None = None
    config: dict[str, JsonValue] | None = None


@dataclass(frozen=True)
class JobFile:
    """What a file asks for; what it leaves out is None. `lines`: by pointer, where each key stands."""

    path: Path | None = None
    dataset: str | None = None
    base_model: str | None = None
    recipe: str = DEFAULT.name
    config: dict[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)


def read_job_file(path: Path | None) -> JobFile:
    """What a job file asks for; nothing without a file.

    Raises:
        JobFileInvalidError: unreadable, not of that shape, or of a recipe that does not train; names every key and line.
    """
    if path is None:
        return JobFile()
    try:
        text = _text_of(path)
        document = read_yaml(text)
    except YamlProblem as problem:
        raise _refused(path, [(problem.line, "", problem.ja, problem.en)]) from problem
    if not isinstance(document.value, dict):
        raise _refused(path, [(None, "", *_no_mapping(document.value, text))])
    lines = document.lines
    try:
        shape = _Shape.model_validate(document.value)
    except ValidationError as error:
        problems = [_worded(one) for one in error.errors(include_url=False)]
        told = [(lines.get(p.pointer), p.pointer.strip("/").replace("/", "."), p.ja, p.en) for p in problems]
        raise _refused(path, told) from error
    recipe = shape.recipe or DEFAULT.name
    if recipe not in RECIPES or not RECIPES[recipe].trains:
        known = ", ".join(name for name, spec in RECIPES.items() if spec.trains)
        words = (
            f"{recipe} は学習のレシピではありません（{known}）",
            f"{recipe} is not a training recipe; choose {known}",
        )
        raise _refused(path, [(lines.get("/recipe"), "recipe", *words)])
    config = _as_meant(RECIPES[recipe], shape.config or {})
    return JobFile(path, shape.dataset, shape.base_model, recipe, config, lines)


def checked_config(file: JobFile, flags: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe's config by a file and by flags, which win; with every default filled in.

    Raises:
        ConfigInvalidError: names every setting that is wrong, those of the file with their lines.
    """
    try:
        return validate_config(RECIPES[file.recipe], {**file.config, **flags})
    except ConfigInvalidError as error:
        if file.path is None:
            raise
        wrong = [FieldProblem(p.pointer.removeprefix("/config"), p.ja, p.en) for p in error.fields]
        places = {
            pointer.removeprefix("/config"): f"{file.path.name}:{line}"
            for pointer, line in file.lines.items()
            if pointer.startswith("/config/") and pointer.split("/")[2] not in flags
        }
        raise config_invalid(wrong, places) from error


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise YamlProblem(None, f"読めません（{reason}）", f"it cannot be read ({reason})") from error
    if len(content) > LARGEST_BYTES:
        raise YamlProblem(None, "1 MiB を超えています", "it is larger than 1 MiB")
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise YamlProblem(
            line, "UTF-8 ではありません。UTF-8 で保存し直してください", "it is not UTF-8. Save it as UTF-8"
        ) from error


def _no_mapping(value: JsonValue, text: str) -> tuple[str, str]:
    if value is None:
        return "空です", "it is empty"
    ja, en = full_width_hint(text)
    return f"「dataset: data.jsonl」のように書いてください{ja}", f"write it as “dataset: data.jsonl”{en}"


def _worded(error: Mapping[str, Any]) -> FieldProblem:
    """One problem of the file's own keys; one that stands in the wrong place is told the right one."""
    problem = field_problems([error])[0]
    key = str(error["loc"][0])
    settings = DEFAULT
    if error["type"] == "extra_forbidden":
        if key.strip() != key:
            return FieldProblem(
                problem.pointer, "前後の空白（全角も）を消してください", "remove the spaces around it"
            )
        if key in settings.config.model_fields or key in settings.other_names:
            name = settings.other_names.get(key, key)
            return FieldProblem(
                problem.pointer,
                f"config: の下に {name} として書いてください",
                f"write it as {name} under config:",
            )
        return FieldProblem(problem.pointer, "この名前のキーはありません", "is not a key of this file")
    if error["type"] == "dict_type":
        return FieldProblem(
            problem.pointer,
            "リストではなく「rank: 8」の形で書いてください",
            "must contain lines like “rank: 8”, not a list or a single value",
        )
    return problem


def _as_meant(recipe: RecipeSpec, config: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The config with `yes`, `no`, `on` and `off` as truth values where a setting is one."""
    return {name: _truth(recipe.config, name, value) for name, value in config.items()}


def _truth(config: type[BaseModel], name: str, value: JsonValue) -> JsonValue:
    known = config.model_fields.get(name)
    if known is None or not isinstance(value, str) or not _is_truth(known.annotation):
        return value
    word = value.lower()
    return True if word in YES else False if word in NO else value


def _is_truth(annotation: Any) -> bool:
    options = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    return bool in options


def _refused(path: Path, told: list[tuple[int | None, str, str, str]]) -> JobFileInvalidError:
    """`told`: line, key, and what is wrong with it in both languages."""
    ja = [
        f"{f'{line} 行目 ' if line else ''}{f'{key}: ' if key else ''}{words}" for line, key, words, _ in told
    ]
    en = [
        f"{f'line {line}, ' if line else ''}{f'{key}: ' if key else ''}{words}"
        for line, key, _, words in told
    ]
    return JobFileInvalidError(path=path, problems_ja="、".join(ja), problems_en="; ".join(en))
