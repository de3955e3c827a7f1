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
    "invalid_json": ("JSON として読めません（{detail}）", "not valid JSON ({detail})"),
    "undecodable_bytes": (
        "文字コードが壊れたバイトがあります",
        "bytes that are not text in the file's encoding",
    ),
    "unreadable_value": ("値を読めません（{detail}）", "a value cannot be read ({detail})"),
    "not_an_object": (
        "行が {found} です。{{…}} の形のオブジェクトが必要です",
        "the row is {found}; an object {{…}} is needed",
    ),
    "too_deep": ("入れ子が深すぎます", "nested too deeply"),
    "too_many_columns": ("列が {limit} 個を超えています", "more than {limit} columns"),
    "ragged_row": (
        "セルが {found} 個あります（見出しは {expected} 個）",
        "{found} cells where the header has {expected}",
    ),
    "missing_cell": ("値がありません", "there is no value"),
    "empty_cell": ("空です", "it is empty"),
    "wrong_type": ("{found} です。文字列が必要です", "it is {found}; text is needed"),
    "number_out_of_range": (
        "数値が正確に読める範囲を超えています。文字列にしてください",
        "a number too large to be kept exactly; write it as text",
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
        "there is no assistant turn to learn from",
    ),
    "empty_turn": ("{turn} 番目の発言（{role}）が空です", "turn {turn} ({role}) is empty"),
    "bad_mark": (
        "{turn} 番目の発言の {key} が {found} です。true／false か 1／0 にしてください",
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
        "history は [質問, 応答] の配列にしてください",
        "the history must be a list of [user, assistant] pairs",
    ),
    "bad_answer": ("assistant の応答が取り出せません", "no assistant answer can be taken from it"),
    "different_prompts": (
        "chosen と rejected の前半の会話が一致しません",
        "chosen and rejected do not share one prompt",
    ),
    "prompt_contradicted": (
        "会話の前半が {prompt} の列と一致しません",
        "the conversation before the answer is not the one in the column {prompt}",
    ),
    "chosen_equals_rejected": ("chosen と rejected が同じです", "chosen and rejected are the same"),
}


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


def type_name(value: object) -> str:
    """A JSON word for a Python value's type."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list() | tuple():
            return "array"
        case dict():
            return "object"
        case _:
            return type(value).__name__
