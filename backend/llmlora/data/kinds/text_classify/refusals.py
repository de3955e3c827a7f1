"""Reasons to refuse a row that only texts with labels have."""

REFUSALS: dict[str, tuple[str, str]] = {
    "no_label": (
        "ラベルがありません。クラスの名前を入れてください",
        "there is no label; write the name of its class",
    ),
    "label_too_long": (
        "ラベルが {limit} 文字を超えています。テキストの列と取り違えていないか確かめてください",
        "the label has more than {limit} characters; check that it is not the column of the texts",
    ),
    "too_many_labels": (
        "ラベルが {limit} 個を超えています",
        "it has more than {limit} labels",
    ),
}
REFUSAL_NAMES: dict[str, tuple[str, str]] = {
    "no_label": ("ラベルがない", "no label"),
    "label_too_long": ("長すぎるラベル", "label too long"),
    "too_many_labels": ("ラベルが多すぎる", "too many labels"),
}
