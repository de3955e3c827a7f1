"""Which column holds the texts and which the labels: by their names, then by their looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import mean

from llmlora.data.cells import is_absent
from llmlora.data.columns import folded
from llmlora.data.errors import BadMappingError, MissingColumnError
from llmlora.data.kinds.protocol import DataKind, Detection, Layout, ShapedRow
from llmlora.data.kinds.text_classify.examples import LabelledExample
from llmlora.data.kinds.text_classify.labels import LONGEST_LABEL, separator_of
from llmlora.data.kinds.text_classify.names import CLASSIFY
from llmlora.data.kinds.text_classify.tokens import LabelledTokens
from llmlora.data.raw import RawRow
from llmlora.data.refusals import shown_text
from llmlora.data.turns import conversation_in, is_conversation

TEXTS = (
    "text", "sentence", "content", "body", "review", "comment", "message", "utterance", "document", "question", "query",
    "title", "headline", "tweet", "post", "description", "input",
    "テキスト", "文", "文章", "本文", "発話", "内容", "口コミ", "レビュー", "コメント", "メッセージ", "問い合わせ", "質問", "入力",
)  # fmt: skip
SURE_LABELS = (
    "label", "labels", "class", "classes", "label_name", "label_text", "class_name", "ラベル", "正解ラベル", "クラス", "分類",
    "分類ラベル",
)  # fmt: skip
LABELS = (
    "category", "categories", "intent", "sentiment", "emotion", "topic", "topics", "tag", "tags", "genre", "polarity",
    "stars", "rating", "target", "カテゴリ", "カテゴリー", "意図", "感情", "極性", "トピック", "タグ", "種別", "種類", "ジャンル",
    "評価", "区分",
)  # fmt: skip
"""Names that tell of a class only where the same values come again and again."""
LISTS = frozenset({"labels", "classes", "categories", "topics", "tags", "タグ", "ラベル"})
SHOWN_COLUMNS = 20
KEPT_CHARACTERS = LONGEST_LABEL + 1
FEWEST_ROWS_TO_GUESS, MOST_CLASSES_TO_GUESS = 20, 20

KIND = DataKind(CLASSIFY, ("ラベル付きテキスト", "labelled texts"), LabelledExample, tokens=LabelledTokens())
ONE = Layout(KIND, ("text", "label"))
SEVERAL = Layout(KIND, ("text", "labels"))
FIELDS = ("text", "label", "labels")


class CellType(StrEnum):
    """What detection needs to know of a cell."""

    ABSENT = "absent"
    TEXT = "text"
    NUMBER = "number"
    LIST = "list"
    TURNS = "turns"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell without its contents: `beginning` of a text, enough to be a label; `length`: in characters."""

    type: CellType
    beginning: str = ""
    length: int = 0


@dataclass(frozen=True)
class LabelDetection(Detection):
    """`separator`: what stands between the labels of a text."""

    separator: str | None = None


Column = list[Cell]


def shaped_row(row: RawRow) -> ShapedRow:
    """A row without its contents."""
    return ShapedRow(row.number, {name: _cell(value) for name, value in row.cells.items()}, row.problem)


def detect(
    rows: Sequence[ShapedRow],
    columns: Sequence[str] | None,
    *,
    kind: str | None,
    overrides: Mapping[str, str],
) -> LabelDetection:
    """Texts and labels of a file from its first rows. What is only guessed needs rows enough to be seen.

    Raises:
        MissingColumnError: one of the two cannot be told.
        BadMappingError: an override names an unknown field or column.
    """
    there = _columns_of([row for row in rows if row.problem is None], columns)
    given = dict(overrides)
    _check(given, there)
    asked = kind is not None or "label" in given or "labels" in given
    label = given.get("label") or given.get("labels") or _label_column(there, given.get("text"), asked=asked)
    text = given.get("text") or _text_column(there, label)
    by = "given" if kind is not None or given else "synonym"
    if not asked and (label is None or text is None) and (guess := _by_looks(there)):
        (text, label), by = guess, "guess"
    if text is None or label is None or text == label or (not asked and _holds_conversation(there)):
        raise _missing(there, text, label)
    layout, separator = _layout(there[label], given)
    mapping = dict(zip(layout.required, (text, label), strict=True))
    if by == "synonym" and all(field == column for field, column in mapping.items()):
        by = "exact"
    return LabelDetection(layout, mapping, by, tuple(there), separator)


def _cell(value: object) -> Cell:
    if is_absent(value):
        return Cell(CellType.ABSENT)
    if isinstance(value, str):
        type_ = CellType.TEXT if conversation_in(value) is None else CellType.TURNS
        return Cell(type_, value[:KEPT_CHARACTERS], len(value))
    if isinstance(value, list | tuple):
        if is_conversation(value):
            return Cell(CellType.TURNS)
        return Cell(CellType.OTHER if any(isinstance(one, dict | list) for one in value) else CellType.LIST)
    if isinstance(value, dict):
        return Cell(CellType.OTHER)
    return Cell(CellType.NUMBER, str(value)[:KEPT_CHARACTERS], 1)


def _columns_of(rows: Sequence[ShapedRow], columns: Sequence[str] | None) -> dict[str, Column]:
    found: dict[str, Column] = {name: [] for name in columns or () if name}
    for row in rows:
        for name, cell in row.shape.items():
            if cell.type is not CellType.ABSENT:
                found.setdefault(name, []).append(cell)
    return found


def _label_column(there: Mapping[str, Column], text: str | None, *, asked: bool) -> str | None:
    by_name = {folded(name): name for name in reversed(list(there)) if name != text}
    for name in SURE_LABELS:
        if name in by_name and _can_be_labels(there[by_name[name]]):
            return by_name[name]
    weak = (by_name[name] for name in LABELS if name in by_name)
    named = next((name for name in weak if asked or _comes_again(there[name])), None)
    if named is not None or not asked:
        return named
    others = [name for name, cells in there.items() if name != text and _comes_again(cells)]
    return others[0] if len(others) == 1 else None


def _text_column(there: Mapping[str, Column], label: str | None) -> str | None:
    texts = [name for name, cells in there.items() if name != label and _has_texts(cells)]
    by_name = {folded(name): name for name in reversed(texts)}
    named = next((by_name[name] for name in TEXTS if name in by_name), None)
    if named is not None or label is None:
        return named
    # In a wider table a column of a few values that come again, such as a colour, is no text that somebody reads.
    is_category = len(there) > 2 and any(_comes_again(there[one]) for one in texts)
    return texts[0] if len(texts) == 1 and not is_category else None


def _by_looks(there: Mapping[str, Column]) -> tuple[str, str] | None:
    """(texts, labels) of a table of just two columns, one of few short values that come again, the other of longer ones."""
    if len(there) != 2 or not all(_has_texts(cells) for cells in there.values()):
        return None
    for text, label in (tuple(there), tuple(there)[::-1]):
        texts, labels = there[text], there[label]
        classes = {cell.beginning for cell in labels}
        enough = len(labels) >= FEWEST_ROWS_TO_GUESS and 2 <= len(classes) <= MOST_CLASSES_TO_GUESS
        if enough and len(classes) * 5 <= len(labels) and _mean_length(texts) > 2 * _mean_length(labels):
            return text, label
    return None


def _layout(cells: Column, given: Mapping[str, str]) -> tuple[Layout, str | None]:
    """Several labels where a person says so, where lists say so, or where a separator shows."""
    if "label" in given:
        return ONE, None
    separator = separator_of([cell.beginning for cell in cells if cell.type is CellType.TEXT])
    lists = any(cell.type is CellType.LIST or cell.beginning.lstrip().startswith("[") for cell in cells)
    return (SEVERAL if lists or separator or "labels" in given else ONE), separator


def _can_be_labels(cells: Column) -> bool:
    named = [cell for cell in cells if cell.type not in (CellType.OTHER, CellType.TURNS)]
    return not cells or (2 * len(named) > len(cells) and _mean_length(named) <= LONGEST_LABEL)


def _comes_again(cells: Column) -> bool:
    """Few values, many times: what a class is, and a title is not."""
    values = [cell.beginning for cell in cells if cell.type in (CellType.TEXT, CellType.NUMBER)]
    if any(cell.type is CellType.LIST for cell in cells):
        return True
    return len(values) >= 4 and 2 * len(set(values)) <= len(values) and _mean_length(cells) <= LONGEST_LABEL


def _has_texts(cells: Column) -> bool:
    texts = sum(cell.type is CellType.TEXT for cell in cells)
    return not cells or 2 * texts > len(cells)


def _holds_conversation(there: Mapping[str, Column]) -> bool:
    return any(cell.type is CellType.TURNS for cells in there.values() for cell in cells)


def _mean_length(cells: Column) -> float:
    return mean(cell.length for cell in cells) if cells else 0


def _check(given: Mapping[str, str], there: Mapping[str, Column]) -> None:
    for field, column in given.items():
        if field not in FIELDS or column not in there or {"label", "labels"} <= given.keys():
            raise BadMappingError(
                field=shown_text(field),
                column=shown_text(column),
                fields=", ".join(FIELDS),
                columns=_shown(there),
            )


def _missing(there: Mapping[str, Column], text: str | None, label: str | None) -> MissingColumnError:
    lacking = [name for name, column in (("text", text), ("label", label)) if column is None] or [
        "text",
        "label",
    ]
    ja, en = KIND.words
    partly = len(lacking) == 1
    return MissingColumnError(
        found=_shown(there) or "-",
        missing_ja="、".join(lacking) + f"（{ja}）" if partly else "すべて",
        missing_en=", ".join(lacking) + f" (for {en})" if partly else "all",
        choices_ja=ONE.words[0],
        choices_en=ONE.words[1],
    )


def _shown(there: Mapping[str, Column]) -> str:
    names = [shown_text(name) for name in there]
    return ", ".join(names[:SHOWN_COLUMNS]) + (f", … ({len(names)})" if len(names) > SHOWN_COLUMNS else "")
