"""Why one row is refused: a stable code, the row, the column, and the reason in both languages."""

from pydantic import BaseModel, ConfigDict

SHOWN_CHARACTERS = 80


class Refusal(BaseModel):
    """One row that did not enter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: int
    column: str | None
    reason: str
    ja: str
    en: str


REASONS: dict[str, tuple[str, str]] = {
    "invalid_json": ("JSON として読めません（{detail}）", "it is not valid JSON ({detail})"),
    "undecodable_bytes": (
        "文字コードが壊れたバイトがあります",
        "it contains bytes that are not text in the file's encoding",
    ),
    "unreadable_value": ("値を読めません（{detail}）", "a value cannot be read ({detail})"),
    "not_an_object": (
        "行が{found}です。{{…}} の形のオブジェクトにしてください",
        "the row is {found}; it must be an object {{…}}",
    ),
    "too_deep": ("入れ子が深すぎます", "it is nested too deeply"),
    "too_many_columns": ("列が {limit} 個を超えています", "it has more than {limit} columns"),
    "ragged_row": (
        "セルが {found} 個あります（見出しは {expected} 個）",
        "it has {found} cells where the header has {expected}",
    ),
    "missing_cell": ("値がありません", "there is no value"),
    "empty_cell": ("空です", "it is empty"),
    "wrong_type": ("{found}です。文字列にしてください", "it is {found}; it must be text"),
    "number_out_of_range": (
        "数値が大きすぎて正確に読み取れません。文字列にしてください",
        "the number is too large to be kept exactly; write it as text",
    ),
    "nul_character": ("NUL 文字（U+0000）が含まれています", "it contains a NUL character (U+0000)"),
    "lone_surrogate": ("対になっていないサロゲートが含まれています", "it contains a lone surrogate"),
    "cell_too_large": ("{limit_mib} MiB を超えています", "it is larger than {limit_mib} MiB"),
    "not_a_list": ("JSON の配列ではありません（{found}）", "it is not a JSON array ({found})"),
    "bad_turn": (
        "{turn} 番目の発言が {{role, content}} の形ではありません",
        "turn {turn} is not of the form {{role, content}}",
    ),
    "unknown_role": (
        "{turn} 番目の発言の役割「{found}」は使えません",
        "turn {turn} has the unknown role {found!r}",
    ),
    "bad_role_order": (
        "{turn} 番目の {role} は{place}に置けません",
        "turn {turn} ({role}) cannot {place}",
    ),
    "no_assistant_turn": (
        "学習する assistant の発言がありません",
        "there is no assistant turn to learn",
    ),
    "empty_turn": ("{turn} 番目の発言（{role}）が空です", "turn {turn} ({role}) is empty"),
    "bad_mark": (
        "{turn} 番目の発言の {key} が {found} です。true か false、または 1 か 0 にしてください",
        "the {key} of turn {turn} is {found!r}; use true or false, 1 or 0",
    ),
    "not_text_content": (
        "{turn} 番目の発言に文字以外の内容があります（{found}）",
        "turn {turn} has content that is not text ({found})",
    ),
    "bad_tool_calls": (
        "{turn} 番目の発言の tool_calls を JSON として扱えません",
        "the tool_calls of turn {turn} are not usable JSON",
    ),
    "bad_tools": ("tools が JSON の配列ではありません", "the tools are not a JSON array"),
    "bad_history": (
        "history は質問と応答の組 [user, assistant] の配列にしてください",
        "the history must be a list of [user, assistant] pairs",
    ),
    "bad_answer": ("assistant の応答を取り出せません", "it contains no assistant answer"),
    "different_prompts": (
        "chosen と rejected の前半の会話が一致しません",
        "chosen and rejected do not share one prompt",
    ),
    "prompt_contradicted": (
        "会話の前半が {prompt} の列と一致しません",
        "the conversation before the answer differs from the column {prompt}",
    ),
    "chosen_equals_rejected": ("chosen と rejected が同じです", "chosen and rejected are the same"),
}

REASON_NAMES: dict[str, tuple[str, str]] = {
    "invalid_json": ("JSON として読めない", "invalid JSON"),
    "undecodable_bytes": ("文字コードの誤り", "broken encoding"),
    "unreadable_value": ("読めない値", "unreadable value"),
    "not_an_object": ("オブジェクトではない", "not an object"),
    "too_deep": ("入れ子が深すぎる", "nested too deeply"),
    "too_many_columns": ("列が多すぎる", "too many columns"),
    "ragged_row": ("セルの数が違う", "wrong number of cells"),
    "missing_cell": ("値がない", "no value"),
    "empty_cell": ("空のセル", "empty cell"),
    "wrong_type": ("文字列ではない", "not text"),
    "number_out_of_range": ("大きすぎる数値", "number too large"),
    "nul_character": ("NUL 文字", "NUL character"),
    "lone_surrogate": ("壊れた文字", "broken character"),
    "cell_too_large": ("大きすぎるセル", "cell too large"),
    "not_a_list": ("配列ではない", "not a list"),
    "bad_turn": ("発言の形の誤り", "malformed turn"),
    "unknown_role": ("未知の役割", "unknown role"),
    "bad_role_order": ("発言の順の誤り", "wrong order of turns"),
    "no_assistant_turn": ("応答なし", "no answer"),
    "empty_turn": ("空の発言", "empty turn"),
    "bad_mark": ("学習の指定の誤り", "invalid training mark"),
    "not_text_content": ("文字以外の内容", "not only text"),
    "bad_tool_calls": ("tool_calls の誤り", "invalid tool_calls"),
    "bad_tools": ("tools の誤り", "invalid tools"),
    "bad_history": ("history の誤り", "invalid history"),
    "bad_answer": ("応答を取り出せない", "no answer found"),
    "different_prompts": ("前半の会話が不一致", "different prompts"),
    "prompt_contradicted": ("質問の列と会話が不一致", "contradicts its prompt column"),
    "chosen_equals_rejected": ("良い応答と悪い応答が同じ", "good and bad answers are the same"),
}
"""The same in a few words, as the pages count them (`messages/*/dataset.json`)."""


def refuse(row: int, reason: str, column: str | None = None, **facts: object) -> Refusal:
    """A refusal whose texts are safe to store and print. A fact that is a pair has words of its own: Japanese, English."""

    def words(language: int) -> str:
        own = {name: value[language] if isinstance(value, tuple) else value for name, value in facts.items()}
        shown = {name: shown_text(value) if isinstance(value, str) else value for name, value in own.items()}
        return REASONS[reason][language].format(**shown)

    where = None if column is None else shown_text(column)
    return Refusal(row=row, column=where, reason=reason, ja=words(0), en=words(1))


def shown_text(value: str) -> str:
    """At most 80 characters without NULs, control characters and lone surrogates (PostgreSQL refuses those)."""
    clipped = value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "…"
    return "".join(c if c.isprintable() else "�" for c in storable_text(clipped))


def storable_text(value: str) -> str:
    """Text that UTF-8 and PostgreSQL take, e.g. of a file name in another encoding."""
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "�")


def type_name(value: object) -> tuple[str, str]:
    """What a value is in JSON: Japanese, English."""
    match value:
        case None:
            return "空の値（null）", "null"
        case bool():
            return "真偽値", "true or false"
        case int() | float():
            return "数値", "a number"
        case str():
            return "文字列", "text"
        case list() | tuple():
            return "配列", "a list"
        case dict():
            return "オブジェクト", "an object"
        case _:
            return type(value).__name__, type(value).__name__
