"""What kind of texts a file's rows are and which column is what, told by column names and the types of the first rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from llmlora.data.columns import folded
from llmlora.data.errors import BadMappingError, MissingColumnError, MixedKindsError, RowsAreTurnsError
from llmlora.data.kinds.protocol import DataKind, Detection, Layout, ShapedRow
from llmlora.data.kinds.text.columns import (
    CONVERSATIONS,
    KNOWN,
    PREFERENCE_PROMPTS,
    SURE_CONVERSATIONS,
    SYNONYMS,
)
from llmlora.data.kinds.text.examples import CompletionExample, ConversationExample, PreferenceExample
from llmlora.data.kinds.text.guess import guessed_columns
from llmlora.data.kinds.text.names import CHAT, COMPLETION, INSTRUCTION, PREFERENCE
from llmlora.data.kinds.text.tokens import TextPreviews, TextTokens
from llmlora.data.raw import RawRow
from llmlora.data.refusals import shown_text
from llmlora.data.turns import conversation_in, is_conversation, is_turn

SHOWN_COLUMNS = 20


class CellType(StrEnum):
    """What detection needs to know of a cell. `TURNS_TEXT`: JSON text of turns, as a table holds a conversation."""

    ABSENT = "absent"
    TEXT = "text"
    TURNS = "turns"
    TURNS_TEXT = "turns_text"
    LIST = "list"
    OTHER = "other"


_TOKENS, _PREVIEWS = TextTokens(), TextPreviews()
_PREFERENCE = DataKind(PREFERENCE, ("好みの対", "preferences"), PreferenceExample, tokens=_TOKENS)
_CHAT = DataKind(CHAT, ("会話", "conversations"), ConversationExample, tokens=_TOKENS, previews=_PREVIEWS)
_COMPLETION = DataKind(COMPLETION, ("文章", "text"), CompletionExample, tokens=_TOKENS, previews=_PREVIEWS)
_INSTRUCTION = DataKind(
    INSTRUCTION, ("指示と応答", "instructions"), ConversationExample, tokens=_TOKENS, previews=_PREVIEWS
)
KINDS = (_INSTRUCTION, _CHAT, _COMPLETION, _PREFERENCE)
LAYOUTS = (
    Layout(_PREFERENCE, ("prompt", "chosen", "rejected"), ("input", "system")),
    Layout(_PREFERENCE, ("chosen", "rejected"), ("system",), lists=("chosen", "rejected")),
    Layout(_CHAT, ("messages",), ("system", "tools")),
    Layout(_CHAT, ("prompt", "completion"), ("system", "tools"), lists=("prompt", "completion")),
    Layout(_COMPLETION, ("prompt", "completion")),
    Layout(_INSTRUCTION, ("instruction", "output"), ("input", "system", "history")),
    Layout(_COMPLETION, ("text",)),
)
_PAIRS = next(one for one in LAYOUTS if one.kind is _INSTRUCTION)
_SINGLE_TEXT = LAYOUTS[-1]
FIELDS = tuple(SYNONYMS)


@dataclass(frozen=True)
class TextDetection(Detection):
    """`turn_columns`: those whose texts are the JSON of conversations; in all others a text is a text."""

    turn_columns: frozenset[str] = frozenset()


Shape = dict[str, CellType]
_LISTS = (CellType.LIST, CellType.TURNS)


@dataclass(frozen=True, slots=True)
class TextRow(ShapedRow):
    """The types of a row's cells, and whether it is one turn."""

    is_turn: bool


def detect(
    rows: Iterable[ShapedRow],
    columns: Sequence[str] | None,
    *,
    kind: str | None,
    overrides: Mapping[str, str],
) -> TextDetection:
    """Kind and mapping of a file from its first rows. `columns`: those of a table; None for JSON.

    Raises:
        MissingColumnError: no layout fits; the nearest one is named.
        MixedKindsError: rows of a JSON file have different layouts (not where the user gave kind or mapping).
        RowsAreTurnsError: each row is one turn (not where the user gave kind or mapping).
        BadMappingError: an override names an unknown field or column.
    """
    given = dict(overrides)
    readable = [row for row in rows if isinstance(row, TextRow) and row.problem is None]
    turn_columns = _turn_columns(row.shape for row in readable)
    shapes = [(row.number, resolved_shape(row.shape, turn_columns)) for row in readable]
    union = _union(columns, (shape for _, shape in shapes))
    _check_overrides(given, union, kind)
    if not given and kind is None:
        if readable and all(row.is_turn for row in readable):
            raise RowsAreTurnsError(row=readable[0].number)
        if columns is None:
            refuse_mixed(shapes)
    for layout in _layouts(kind, given):
        if layout is _SINGLE_TEXT and (guess := _guessed(kind, union, given)) is not None:
            return TextDetection(_PAIRS, guess, "guess", tuple(union), turn_columns)
        mapping = _mapping_of(layout, union, given)
        if mapping is not None:
            return TextDetection(layout, mapping, _by(mapping, given, kind), tuple(union), turn_columns)
    if (guess := _guessed(kind, union, given)) is not None:
        return TextDetection(_PAIRS, guess, "guess", tuple(union), turn_columns)
    raise _missing(union, kind, given)


def shaped_row(row: RawRow) -> TextRow:
    """A row without its contents."""
    return TextRow(row.number, shape_of(row.cells), row.problem, is_turn(row.cells))


def typed_row(row: RawRow, detection: TextDetection) -> Shape:
    """The types of a row's cells, as they count in its file."""
    return resolved_shape(shape_of(row.cells), detection.turn_columns)


def shape_of(cells: Mapping[str, Any]) -> Shape:
    """Column names and cell types of a row."""
    return {name: cell_type(value) for name, value in cells.items()}


def resolved_shape(shape: Shape, turn_columns: frozenset[str]) -> Shape:
    """A shape in which JSON text counts as turns in the columns that hold turns, and as text in all others."""
    as_turns = {name: CellType.TURNS if name in turn_columns else CellType.TEXT for name in shape}
    return {name: as_turns[name] if cell is CellType.TURNS_TEXT else cell for name, cell in shape.items()}


def cell_type(value: object) -> CellType:
    """The type of one cell, as far as detection cares."""
    if value is None:
        return CellType.ABSENT
    if isinstance(value, str):
        return CellType.TURNS_TEXT if conversation_in(value) is not None else CellType.TEXT
    if isinstance(value, list | tuple):
        return CellType.TURNS if is_conversation(value) else CellType.LIST
    return CellType.OTHER


def _turn_columns(shapes: Iterable[Shape]) -> frozenset[str]:
    """Columns in which every text is the JSON of a conversation."""
    held: set[str] = set()
    others: set[str] = set()
    for shape in shapes:
        held.update(name for name, cell in shape.items() if cell is CellType.TURNS_TEXT)
        others.update(name for name, cell in shape.items() if cell is CellType.TEXT)
    return frozenset(held - others)


def layout_of(shape: Shape) -> Layout | None:
    """The layout that one row has by itself."""
    return next((layout for layout in LAYOUTS if _mapping_of(layout, shape, {}) is not None), None)


def refuse_mixed(shapes: Iterable[tuple[int, Shape]]) -> None:
    """Compare the layouts of rows.

    Raises:
        MixedKindsError: two rows have different layouts.
    """
    first: tuple[int, Layout] | None = None
    for number, shape in shapes:
        layout = layout_of(shape)
        if layout is None:
            continue
        if first is None:
            first = number, layout
        elif first[1] != layout:
            raise MixedKindsError(
                row_a=first[0],
                kind_a_ja=first[1].words[0],
                kind_a_en=first[1].words[1],
                row_b=number,
                kind_b_ja=layout.words[0],
                kind_b_en=layout.words[1],
            )


def _layouts(kind: str | None, given: Mapping[str, str]) -> list[Layout]:
    return [
        layout
        for layout in LAYOUTS
        if (kind is None or layout.kind.name == kind) and all(name in layout.fields for name in given)
    ]


def _mapping_of(layout: Layout, shape: Shape, given: Mapping[str, str]) -> dict[str, str] | None:
    """Columns of the layout's fields, or None where a required one is missing."""
    by_name = {folded(name): name for name, cell in reversed(shape.items()) if cell is not CellType.ABSENT}
    mapping = {name: column for name, column in given.items() if name in layout.fields}
    for field in layout.fields:
        names = PREFERENCE_PROMPTS if field == "prompt" and "chosen" in layout.fields else SYNONYMS[field]
        free = (by_name[n] for n in names if n in by_name and by_name[n] not in mapping.values())
        if field == "messages":
            free = (column for column in free if _is_conversation(column, shape))
        column = mapping.get(field) or next(free, None)
        if column is None and field == "messages":
            column = _only_conversation(shape)
        if column is not None:
            mapping[field] = column
        elif field in layout.required:
            return None
    if any(shape.get(mapping[field]) not in _LISTS for field in layout.lists):
        return None
    return {field: mapping[field] for field in layout.fields if field in mapping}


def _guessed(kind: str | None, union: Shape, given: Mapping[str, str]) -> dict[str, str] | None:
    """Question and answer by what the names contain, each a column of texts; None where either cannot be told."""
    if kind not in (None, INSTRUCTION) or not all(name in _PAIRS.fields for name in given):
        return None
    texts = [name for name, cell in union.items() if cell is CellType.TEXT and name not in given.values()]
    mapping = guessed_columns(texts) | dict(given)
    by_name = {folded(name): name for name in reversed(texts)}
    for field in _PAIRS.fields:
        known = (by_name[name] for name in SYNONYMS[field] if name in by_name)
        column = next((one for one in known if one not in mapping.values()), None)
        if field not in mapping and column is not None:
            mapping[field] = column
    if not all(name in mapping for name in _PAIRS.required):
        return None
    return {field: mapping[field] for field in _PAIRS.fields if field in mapping}


def _is_conversation(column: str, shape: Shape) -> bool:
    """`messages` and `conversations` are one by their name; `chat`, `dialogue` and the like only with a list inside."""
    return folded(column) in SURE_CONVERSATIONS or shape.get(column) in _LISTS


def _only_conversation(shape: Shape) -> str | None:
    """The one column that holds turns, whatever it is called, unless its name says that it is something else."""
    others = KNOWN - CONVERSATIONS
    found = [name for name, cell in shape.items() if cell is CellType.TURNS and folded(name) not in others]
    return found[0] if len(found) == 1 else None


def _union(columns: Sequence[str] | None, shapes: Iterable[Shape]) -> dict[str, CellType]:
    """Every column with its first type that is not absent; a table's columns are there even when empty."""
    union = dict.fromkeys(columns or (), CellType.ABSENT)
    for shape in shapes:
        for name, cell in shape.items():
            if union.get(name, CellType.ABSENT) is CellType.ABSENT:
                union[name] = cell
    if columns is not None:
        union = {n: CellType.TEXT if c is CellType.ABSENT else c for n, c in union.items() if n}
    return union


def _check_overrides(given: Mapping[str, str], union: Shape, kind: str | None) -> None:
    fields = sorted({name for layout in _layouts(kind, {}) for name in layout.fields})
    for name, column in given.items():
        if name not in fields or column not in union or not _layouts(kind, given):
            raise BadMappingError(
                field=shown_text(name),
                column=shown_text(column),
                fields=", ".join(fields),
                columns=_shown(union),
            )


def _by(mapping: Mapping[str, str], given: Mapping[str, str], kind: str | None) -> str:
    if given or kind is not None:
        return "given"
    return "exact" if all(field == column for field, column in mapping.items()) else "synonym"


def _missing(union: Shape, kind: str | None, given: Mapping[str, str]) -> MissingColumnError:
    layouts = _layouts(kind, given)
    lacking = [x for x in layouts if not all(_found(name, union, given) for name in x.required)] or layouts
    nearest = max(lacking, key=lambda layout: _share_found(layout, union, given))
    missing = [name for name in nearest.required if not _found(name, union, given)] or list(nearest.required)
    partly = _share_found(nearest, union, given) > 0
    return MissingColumnError(
        found=_shown(union) or "-",
        missing_ja="、".join(missing) + f"（{nearest.kind.words[0]}）" if partly else "すべて",
        missing_en=", ".join(missing) + f" (for {nearest.kind.words[1]})" if partly else "all",
        choices_ja="、".join(layout.words[0] for layout in layouts),
        choices_en="; ".join(layout.words[1] for layout in layouts),
    )


def _share_found(layout: Layout, union: Shape, given: Mapping[str, str]) -> float:
    return sum(_found(name, union, given) for name in layout.required) / len(layout.required)


def _found(field: str, union: Shape, given: Mapping[str, str]) -> bool:
    return field in given or any(folded(name) in SYNONYMS[field] for name in union)


def _shown(union: Shape) -> str:
    names = [shown_text(name) for name in union]
    return ", ".join(names[:SHOWN_COLUMNS]) + (f", … ({len(names)})" if len(names) > SHOWN_COLUMNS else "")
