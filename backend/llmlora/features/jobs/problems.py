"""What pydantic finds wrong with a config, in words for a person, in both languages."""

from typing import Any

from pydantic import ValidationError

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
    "list_type": ("リストにしてください", "has to be a list"),
}


def problems_of(error: ValidationError) -> dict[str, str]:
    """Every problem as `problems_ja` and `problems_en`: the setting, what it has to be, what was given."""
    told = [_tell(dict(one)) for one in error.errors(include_url=False)]
    return {
        "problems_ja": "、".join(ja for ja, _ in told),
        "problems_en": "; ".join(en for _, en in told),
    }


def _tell(problem: dict[str, Any]) -> tuple[str, str]:
    where = ".".join(map(str, problem["loc"])) or "config"
    context = problem.get("ctx", {})
    if problem["type"] not in _WORDS:
        words = str(problem["msg"]).removeprefix("Value error, ")
        return f"{where}: {words}", f"{where}: {words}"
    ja, en = _WORDS[problem["type"]]
    given = f"{problem['input']!r:.60}"
    return (
        f"{where}: {ja.format(**context)}（指定: {given}）",
        f"{where}: {en.format(**context)} (given: {given})",
    )
