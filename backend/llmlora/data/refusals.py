"""Why one row is refused: a stable code, the row, the column, and the reason in both languages."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

SHOWN_CHARACTERS = 80


class Refusal(BaseModel):
    """One row that did not enter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: int
    """Its number; in an archive, counted on through all files."""
    column: str | None
    reason: str
    ja: str
    en: str
    file: str | None = None
    """In an archive: the file it stands in, and its number there."""
    line: int | None = None


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
    "media_missing": (
        "{name} が ZIP の中にありません",
        "{name} is not in the ZIP file",
    ),
    "media_type": ("{found} のファイルは使えません", "a file of the type {found} cannot be used"),
    "media_unknown": ("画像でも音声でもありません", "it is neither a picture nor a sound"),
    "media_unreadable": ("画像を読めません（{detail}）", "the picture cannot be read ({detail})"),
    "media_too_large": (
        "画像が {limit} メガピクセルを超えています",
        "the picture has more than {limit} megapixels",
    ),
    "not_a_list": ("JSON の配列ではありません（{found}）", "it is not a JSON array ({found})"),
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
    "media_missing": ("画像や音声がない", "missing picture or sound"),
    "media_type": ("使えない種類の画像や音声", "unusable type of picture or sound"),
    "media_unknown": ("画像でも音声でもない", "neither picture nor sound"),
    "media_unreadable": ("読めない画像", "unreadable picture"),
    "media_too_large": ("大きすぎる画像", "picture too large"),
    "not_a_list": ("配列ではない", "not a list"),
}
"""The same in a few words, as the pages count them (`messages/*/dataset.json`)."""


def refuse(
    row: int,
    reason: str,
    column: str | None = None,
    further: Mapping[str, tuple[str, str]] | None = None,
    **facts: object,
) -> Refusal:
    """A refusal whose texts are safe to store and print. A fact that is a pair has words of its own: Japanese, English.

    `further`: sentences of reasons that only one family of kinds has.
    """
    sentences = REASONS[reason] if reason in REASONS else (further or {})[reason]

    def words(language: int) -> str:
        own = {name: value[language] if isinstance(value, tuple) else value for name, value in facts.items()}
        shown = {name: shown_text(value) if isinstance(value, str) else value for name, value in own.items()}
        return sentences[language].format(**shown)

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
