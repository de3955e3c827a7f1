"""What pydantic finds wrong, in words for a person, in both languages."""

from collections.abc import Iterable, Mapping
from typing import Any

from llmlora.kit.errors import FieldProblem

# By pydantic's own error types; what is not here is shown in pydantic's words.
_WORDS: dict[str, tuple[str, str]] = {
    "greater_than": ("{gt} より大きくしてください", "has to be greater than {gt}"),
    "greater_than_equal": ("{ge} 以上にしてください", "has to be at least {ge}"),
    "less_than": ("{lt} より小さくしてください", "has to be less than {lt}"),
    "less_than_equal": ("{le} 以下にしてください", "has to be at most {le}"),
    "too_short": ("{min_length} 個以上にしてください", "needs at least {min_length} items"),
    "too_long": ("{max_length} 個以下にしてください", "takes at most {max_length} items"),
    "literal_error": ("{expected} のいずれかにしてください", "has to be one of {expected}"),
    "extra_forbidden": ("という設定はありません", "is not a setting"),
    "missing": ("を指定してください", "is required"),
    "int_parsing": ("整数にしてください", "has to be a whole number"),
    "int_type": ("整数にしてください", "has to be a whole number"),
    "int_from_float": ("整数にしてください", "has to be a whole number"),
    "float_parsing": ("数にしてください", "has to be a number"),
    "float_type": ("数にしてください", "has to be a number"),
    "finite_number": ("有限の数にしてください", "has to be a finite number"),
    "bool_parsing": ("true か false にしてください", "has to be true or false"),
    "string_type": ("文字列にしてください", "has to be text"),
    "json_invalid": ("正しい JSON ではありません", "is not valid JSON"),
    "dict_type": ("オブジェクトにしてください", "has to be an object"),
    "model_attributes_type": ("オブジェクトにしてください", "has to be an object"),
    "string_too_short": ("{min_length} 文字以上にしてください", "needs at least {min_length} characters"),
    "string_too_long": ("{max_length} 文字以下にしてください", "takes at most {max_length} characters"),
    "list_type": ("リストにしてください", "has to be a list"),
}


def field_problems(
    errors: Iterable[Mapping[str, Any]], prefix: tuple[str, ...] = ()
) -> tuple[FieldProblem, ...]:
    """One problem a field, of `ValidationError.errors()`; `prefix` leads from the request to the validated part."""
    return tuple(_problem(one, prefix) for one in errors)


def sentences(problems: Iterable[FieldProblem]) -> dict[str, str]:
    """All problems as `problems_ja` and `problems_en`, each with the name of its field."""
    named = [(p.pointer.strip("/").replace("/", ".") or "config", p) for p in problems]
    return {
        "problems_ja": "、".join(f"{name}: {p.ja}" for name, p in named),
        "problems_en": "; ".join(f"{name}: {p.en}" for name, p in named),
    }


def _problem(error: Mapping[str, Any], prefix: tuple[str, ...]) -> FieldProblem:
    pointer = "".join(f"/{_escaped(part)}" for part in (*prefix, *error["loc"]))
    context = error.get("ctx", {})
    if error["type"] not in _WORDS:
        words = str(error["msg"]).removeprefix("Value error, ")
        return FieldProblem(pointer, words, words)
    ja, en = _WORDS[error["type"]]
    given = f"{error.get('input')!r:.60}"
    return FieldProblem(
        pointer,
        f"{ja.format(**context)}（指定: {given}）",
        f"{en.format(**context)} (given: {given})",
    )


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
