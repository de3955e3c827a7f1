"""Reasons to refuse a row that only tables have."""

REFUSALS: dict[str, tuple[str, str]] = {
    "no_target": (
        "目的変数の値がありません。値を入れるか、行を除いてください",
        "there is no value to predict; fill it in, or leave the row out",
    ),
    "nested_value": (
        "{found}です。表のセルは、数値、文字列、真偽値のいずれかにしてください",
        "it is {found}; a cell of a table must be a number, text, or true or false",
    ),
    "target_too_long": (
        "目的変数の値が {limit} 文字を超えています。列を取り違えていないか確かめてください",
        "the value to predict has more than {limit} characters; check that it is the right column",
    ),
}
REFUSAL_NAMES: dict[str, tuple[str, str]] = {
    "no_target": ("目的変数の値がない", "no value to predict"),
    "nested_value": ("表にできない値", "value that fits no table"),
    "target_too_long": ("目的変数の値が長すぎる", "value to predict too long"),
}
