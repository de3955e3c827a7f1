"""What a file is, asked of every family in turn."""

from collections.abc import Iterable, Mapping, Sequence

from llmlora.data.errors import BadMappingError, MissingColumnError
from llmlora.data.kinds.protocol import Detection, Family, ShapedRow
from llmlora.data.kinds.registry import families, family_of
from llmlora.data.raw import RawRow
from llmlora.data.refusals import Refusal


class Sample:
    """The first rows of a file without their contents, as each family that may be meant sees them."""

    def __init__(self, rows: Iterable[RawRow], kind: str | None) -> None:
        """Raises:
        DataKindUnknownError: the kind that the user names is none.
        """
        self._kind = kind
        self._asked: tuple[Family, ...] = families() if kind is None else (family_of(kind),)
        self._shaped: list[list[ShapedRow]] = [[] for _ in self._asked]
        self.problems: list[Refusal | None] = []
        for row in rows:
            self.problems.append(row.problem)
            for shaped, family in zip(self._shaped, self._asked, strict=True):
                shaped.append(family.shaped(row))

    def detect(self, columns: Sequence[str] | None, overrides: Mapping[str, str] | None = None) -> Detection:
        """Kind and mapping. `columns`: those of a table; None for JSON. Of the families that know the rows, the one that
        needs the most columns is meant: a `text` alone is in many files that have something to tell of it. Of several, the first.

        Raises:
            MissingColumnError: no family knows them; the nearest layout of the first one is named.
            FileRefusedError: they cannot be read; `Family.detect` says why.
        """
        refusals: list[MissingColumnError | BadMappingError] = []
        found: list[Detection] = []
        for rows, family in zip(self._shaped, self._asked, strict=True):
            try:
                found.append(family.detect(rows, columns, kind=self._kind, overrides=overrides or {}))
            except (MissingColumnError, BadMappingError) as error:
                refusals.append(error)
        if not found:
            raise _joined(refusals)
        return max(found, key=lambda one: len(one.layout.required))


def detect(
    rows: Iterable[RawRow],
    columns: Sequence[str] | None,
    *,
    kind: str | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Detection:
    """As `Sample.detect`, of rows that are at hand."""
    return Sample(rows, kind).detect(columns, overrides)


def _joined(refusals: Sequence[MissingColumnError | BadMappingError]) -> MissingColumnError | BadMappingError:
    """The first family's refusal, with the choices that the others offer."""
    first = refusals[0]
    missing = [one for one in refusals if isinstance(one, MissingColumnError)]
    if not isinstance(first, MissingColumnError) or len(missing) < 2:
        return first
    choices_ja = "、".join(str(one.facts["choices_ja"]) for one in missing)
    choices_en = "; ".join(str(one.facts["choices_en"]) for one in missing)
    return MissingColumnError(**{**first.facts, "choices_ja": choices_ja, "choices_en": choices_en})
