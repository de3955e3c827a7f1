"""A family of one kind that somebody else wrote: photos and the colour that one sees most in each."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llmlora.contracts.dataset import Example
from llmlora.data.cells import CellRefusedError, required_text
from llmlora.data.errors import BadMappingError, MissingColumnError
from llmlora.data.kinds.protocol import DataKind, Detection, Layout, ShapedRow, Unread
from llmlora.data.media import Media, MediaSource
from llmlora.data.raw import RawRow
from llmlora.data.refusals import Refusal, refuse
from llmlora.data.soundness import Asked

if TYPE_CHECKING:
    import pyarrow as pa


class ColourExample(Example):
    """A photo and its colour."""

    photo: Media
    colour: str


KIND = DataKind(
    "colours.photo", ("色と写真", "photos with a colour"), ColourExample, media=frozenset({"image/png"})
)
LAYOUT = Layout(KIND, ("photo", "colour"))
COLOURS = ("red", "green", "blue")


class Colours:
    """A `Family`."""

    kinds = (KIND,)
    layouts = (LAYOUT,)
    list_columns: frozenset[str] = frozenset()
    refusals: Mapping[str, tuple[str, str]] = {
        "no_colour": ("{given} は色ではありません", "{given} is no colour")
    }
    refusal_names: Mapping[str, tuple[str, str]] = {"no_colour": ("色ではない", "no colour")}

    def shaped(self, row: RawRow) -> ShapedRow:
        return ShapedRow(row.number, dict.fromkeys(row.cells, True), row.problem)

    def detect(
        self,
        rows: Sequence[ShapedRow],
        columns: Sequence[str] | None,
        *,
        kind: str | None,
        overrides: Mapping[str, str],
    ) -> Detection:
        there = tuple(dict.fromkeys([*(columns or ()), *(name for row in rows for name in row.shape)]))
        for field, column in overrides.items():
            if field not in LAYOUT.fields or column not in there:
                raise BadMappingError(
                    field=field, column=column, fields="photo, colour", columns=", ".join(there)
                )
        mapping = {field: overrides.get(field, field) for field in LAYOUT.required}
        if missing := [column for column in mapping.values() if column not in there]:
            names = ", ".join(missing)
            raise MissingColumnError(
                found=", ".join(there),
                missing_ja=names,
                missing_en=names,
                choices_ja=LAYOUT.words[0],
                choices_en=LAYOUT.words[1],
            )
        return Detection(LAYOUT, mapping, "given" if overrides or kind else "exact", there)

    def to_example(
        self, row: RawRow, detection: Detection, _unread: Unread, media: MediaSource
    ) -> Example | Refusal:
        if row.problem is not None:
            return row.problem
        try:
            colour = required_text(row.cells, detection.mapping["colour"])
            if colour not in COLOURS:
                raise CellRefusedError("no_colour", detection.mapping["colour"], given=colour)
            column = detection.mapping["photo"]
            photo = media.take(required_text(row.cells, column), column, KIND.media)
        except CellRefusedError as refused:
            return refuse(row.number, refused.reason, refused.column, self.refusals, **refused.facts)
        return ColourExample(row=row.number, photo=photo, colour=colour)

    def other_layout(self, _row: RawRow, _detection: Detection) -> Layout | None:
        return None

    def shown(self, example: Example) -> Example:
        return example

    def asked_of(self, example: Example) -> Asked:
        assert isinstance(example, ColourExample)
        return Asked(example.row, example.photo.sha256, example.colour)

    def summary(self) -> None:
        return None

    def schema(self) -> "pa.Schema":
        import pyarrow as pa

        return pa.schema([("row", pa.int64()), ("photo", pa.string()), ("colour", pa.string())])

    def cells_of(self, examples: Sequence[Example]) -> "list[pa.Array]":
        import pyarrow as pa

        ours = [one for one in examples if isinstance(one, ColourExample)]
        return [
            pa.array([one.row for one in ours], pa.int64()),
            pa.array([one.photo.model_dump_json() for one in ours], pa.string()),
            pa.array([one.colour for one in ours], pa.string()),
        ]

    def example_of(self, _kind: DataKind, cells: dict[str, Any]) -> Example:
        return ColourExample(**{**cells, "photo": Media.model_validate_json(cells["photo"])})

    def size_of(self, _example: Example) -> int:
        return 256


FAMILY = Colours()
