"""What pydantic finds wrong, in words for a person, in both languages."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from pydantic_core import PydanticCustomError

from llmlora.kit.errors import FieldProblem, InvalidInputError

SHOWN = 60
# By pydantic's own error types; what is not here is shown with pydantic's words.
_WORDS: dict[str, tuple[str, str]] = {
    "greater_than": ("{gt} より大きくしてください", "must be greater than {gt}"),
    "greater_than_equal": ("{ge} 以上にしてください", "must be at least {ge}"),
    "less_than": ("{lt} より小さくしてください", "must be less than {lt}"),
    "less_than_equal": ("{le} 以下にしてください", "must be at most {le}"),
    "too_short": ("{min_length} 個以上にしてください", "must have at least {min_length} items"),
    "too_long": ("{max_length} 個以下にしてください", "must have at most {max_length} items"),
    "literal_error": ("{expected} のいずれかにしてください", "must be one of {expected}"),
    "extra_forbidden": ("この名前の設定はありません", "is not a setting"),
    "missing": ("値を指定してください", "is required"),
    "int_parsing": ("整数にしてください", "must be a whole number"),
    "int_type": ("整数にしてください", "must be a whole number"),
    "int_from_float": ("整数にしてください", "must be a whole number"),
    "float_parsing": ("数にしてください", "must be a number"),
    "float_type": ("数にしてください", "must be a number"),
    "int_parsing_size": ("もっと小さい整数にしてください", "must be a smaller number"),
    "finite_number": ("有限の数にしてください", "must be a finite number"),
    "bool_parsing": ("true か false にしてください", "must be true or false"),
    "bool_type": ("true か false にしてください", "must be true or false"),
    "enum": ("{expected} のいずれかにしてください", "must be one of {expected}"),
    "string_type": ("文字列にしてください", "must be text"),
    "json_invalid": ("正しい JSON にしてください", "must be valid JSON"),
    "dict_type": ("オブジェクトにしてください", "must be an object"),
    "model_type": ("オブジェクトにしてください", "must be an object"),
    "model_attributes_type": ("オブジェクトにしてください", "must be an object"),
    "string_too_short": ("{min_length} 文字以上にしてください", "must have at least {min_length} characters"),
    "string_too_long": ("{max_length} 文字以下にしてください", "must have at most {max_length} characters"),
    "list_type": ("リストにしてください", "must be a list"),
    "string_pattern_mismatch": ("{pattern} に合う文字列にしてください", "must match {pattern}"),
    "string_unicode": ("UTF-8 の文字列にしてください", "must be UTF-8 text"),
    "union_tag_invalid": ("{expected_tags} のいずれかにしてください", "must be one of {expected_tags}"),
    "union_tag_not_found": ("{discriminator} を指定してください", "must have {discriminator}"),
}

# Of what tells the shapes of a union apart; pydantic gives the place of the whole.
_WRONG_TAGS = ("union_tag_invalid", "union_tag_not_found")

_SEND_JSON = (
    "JSON で送り、ヘッダーに content-type: application/json を付けてください",
    "must be JSON, sent with the header content-type: application/json",
)
_IN_BOTH = "in_both_languages"


class RequestInvalidError(InvalidInputError):
    """What was asked for does not fit the API's description; `fields` names what has to change."""

    code = "request_invalid"
    ja = "リクエストが正しくありません。{problems_ja}"
    en = "The request is not valid. {problems_en}"


def request_invalid(problems: tuple[FieldProblem, ...]) -> RequestInvalidError:
    """The refusal of a request with these problems."""
    refused = RequestInvalidError(**sentences(problems, whole="body"))
    refused.fields = problems
    return refused


def goes_not_together(field: str, *, ja: str, en: str) -> PydanticCustomError:
    """What a validator of several fields raises: words in both languages, and the field to change."""
    return PydanticCustomError(_IN_BOTH, "{en}", {"ja": ja, "en": en, "field": field})


def not_taken(*, ja: str, en: str) -> PydanticCustomError:
    """What a validator of one field raises: words in both languages."""
    return PydanticCustomError(_IN_BOTH, "{en}", {"ja": ja, "en": en})


# Fields whose value no error quotes, however wrong it is.
_SECRETS = frozenset({
    "token", "api_token", "hf_token", "inference_token", "webhook_secret", "api_key",
    "LLMLORA_API_TOKEN", "LLMLORA_HF_TOKEN", "LLMLORA_INFERENCE_TOKEN", "LLMLORA_WEBHOOK_SECRET", "HF_TOKEN",
})  # fmt: skip


def field_problems(
    errors: Iterable[Mapping[str, Any]], prefix: tuple[str, ...] = (), *, body: object = None
) -> tuple[FieldProblem, ...]:
    """One problem a field, of `ValidationError.errors()`; `prefix` leads from the request to the validated part.

    `body`: what was validated as FastAPI's body. Pointers below `/body` then name its fields alone, and where a value
    could have several shapes, only the shape that comes nearest is told of.
    """
    told = list(errors) if body is None else _nearest([_placed(one, body) for one in errors])
    return tuple(_problem(one, prefix) for one in told)


def _placed(error: Mapping[str, Any], body: object) -> dict[str, Any]:
    """The error at its place in the body: pydantic also names the branch of a union, which nobody wrote."""
    first, *rest = error["loc"] or ("",)
    if first != "body":
        return dict(error)
    place, value = [first], cast("Any", body)
    for number, part in enumerate(rest):
        if _holds(value, part):
            value = value[part]
        elif error["type"] != "missing" or number < len(rest) - 1:
            continue
        place.append(part)
    if error["type"] in _WRONG_TAGS:
        place.append(error["ctx"]["discriminator"].strip("'"))
    return {**error, "loc": tuple(place)}


def _holds(value: object, part: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(part, int) and part < len(value)
    return isinstance(value, Mapping) and part in value


def _nearest(errors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the wrong types of values of which another shape fits but for a part or a bound; one a field."""
    kept = dict[tuple[Any, ...], dict[str, Any]]()
    for error in errors:
        place, is_type = error["loc"], str(error["type"]).endswith("_type")
        others = [one for one in errors if one is not error and one["loc"][: len(place)] == place]
        if is_type and any(one["loc"] != place or not one["type"].endswith("_type") for one in others):
            continue
        kept.setdefault(place, error)
    return list(kept.values())


def sentences(
    problems: Iterable[FieldProblem], places: Mapping[str, str] | None = None, *, whole: str = "config"
) -> dict[str, str]:
    """All problems as `problems_ja` and `problems_en`, each with the name of its field.

    `places`: by pointer, where a field was written (`job.yaml:4`), to be said beside its name. `whole`: what is called
    wrong where it is no field of it.
    """
    named = [(_named(p.pointer, places or {}, whole), p) for p in problems]
    return {
        "problems_ja": "、".join(f"{name}: {p.ja}" for name, p in named),
        "problems_en": "; ".join(f"{name}: {p.en}" for name, p in named),
    }


def _named(pointer: str, places: Mapping[str, str], whole: str) -> str:
    name = pointer.strip("/").replace("/", ".") or whole
    return f"{name} ({places[pointer]})" if pointer in places else name


def _problem(error: Mapping[str, Any], prefix: tuple[str, ...]) -> FieldProblem:
    context = error.get("ctx", {})
    if error["type"] == _IN_BOTH:
        field = (context["field"],) if "field" in context else ()
        return FieldProblem(pointer_of(*prefix, *error["loc"], *field), context["ja"], context["en"])
    pointer = pointer_of(*prefix, *error["loc"])
    if isinstance(error.get("input"), bytes):  # FastAPI hands on what does not call itself JSON
        return FieldProblem(pointer, *_SEND_JSON)
    if error["type"] not in _WORDS:
        words = str(error["msg"]).removeprefix("Value error, ")
        return FieldProblem(pointer, f"値が正しくありません（{words}）", words)
    ja, en = _WORDS[error["type"]]
    if error["type"] == "missing":  # what was given is all the rest
        return FieldProblem(pointer, ja, en)
    given = "***" if error["loc"] and error["loc"][-1] in _SECRETS else _shown(error.get("input"))
    return FieldProblem(
        pointer,
        f"{ja.format(**_listed(context))}（指定: {given}）",
        f"{en.format(**context)} (given: {given})",
    )


def _listed(context: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a problem for Japanese: pydantic writes “'a', 'b' or 'c'”."""
    return {k: v.replace(" or ", ", ") if k == "expected" else v for k, v in context.items()}


def pointer_of(*parts: object) -> str:
    """A JSON Pointer (RFC 6901)."""
    return "".join(f"/{_escaped(part)}" for part in parts)


def _shown(value: object) -> str:
    """The beginning of a value as JSON writes it."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):  # more digits than Python writes out, or no end
        text = "…"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
