"""Which kinds of data there are: the families below, and those in the directories that `LLMLORA_DATA_KINDS` names.

Such a directory becomes a part of this package: its folder `colours` is `llmlora.data.kinds.colours` in the API, the worker and
the import child alike. Whoever sets the variable runs that code as themselves: nothing but the operator's own environment
names a directory.
"""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from llmlora.data import kinds as package
from llmlora.data.columns import folded
from llmlora.data.kinds.protocol import DataKind, Family
from llmlora.data.kinds.table.family import FAMILY as TABLE
from llmlora.data.kinds.text.family import FAMILY as TEXT
from llmlora.data.kinds.text_classify.family import FAMILY as TEXT_CLASSIFY
from llmlora.data.refusals import REASON_NAMES
from llmlora.kit.errors import InvalidInputError
from llmlora.kit.settings import kind_directories

BUILT_IN: tuple[Family, ...] = (TEXT, TEXT_CLASSIFY, TABLE)
_HOME = Path(__file__).parent


class DataKindUnknownError(InvalidInputError):
    """Rows of a kind that nobody here declares, e.g. of an extension that is no longer set."""

    code = "data_kind_unknown"
    ja = "{kind} という種類のデータは、ここでは扱えません。使える種類: {known}。自作の種類なら、そのディレクトリを LLMLORA_DATA_KINDS に指定してください。"
    en = "Data of the kind {kind} cannot be handled here. Known kinds: {known}. If the kind is your own, name its directory in LLMLORA_DATA_KINDS."


class ExternalKindsError(InvalidInputError):
    """A directory of families of kinds cannot be used as it is."""

    code = "external_data_kinds_invalid"
    ja = "LLMLORA_DATA_KINDS の {place} は使えません: {reason}。"
    en = "{place} in LLMLORA_DATA_KINDS cannot be used: {reason}."


@cache
def families() -> tuple[Family, ...]:
    """Every family, in the order in which they are asked what a file is.

    Raises:
        ExternalKindsError: a directory that the setting names is not there, or what lies in it is no family.
    """
    found = list(BUILT_IN)
    for directory in kind_directories():
        found += _families_in(directory, {kind.name for family in found for kind in family.kinds})
    return tuple(found)


def _families_in(directory: Path, taken: set[str]) -> Iterator[Family]:
    if not directory.is_dir():
        raise _refused(directory, "ディレクトリがありません", "there is no such directory")
    package.__path__.append(str(directory))
    importlib.invalidate_caches()
    for file in sorted(directory.glob("*/family.py")):
        folder = file.parent
        if (_HOME / folder.name).exists() or not folder.name.isidentifier():
            raise _refused(folder, "この名前の種類は作れません", "a family cannot have this name")
        try:
            family: Family = importlib.import_module(f"{package.__name__}.{folder.name}.family").FAMILY
            names = {kind.name for kind in family.kinds}
        except Exception as error:  # whatever the code of others does, the directory is named
            told = f"{type(error).__name__}: {error}"
            raise _refused(folder, told, told) from error
        fits = all(name == folder.name or name.startswith(f"{folder.name}.") for name in names)
        if not names or not fits or names & taken:
            raise _refused(
                folder,
                "FAMILY の種類は、フォルダーの名前で始まる、まだ使われていない名前にしてください",
                "the kinds of FAMILY must have names that begin with its folder's and are not taken",
            )
        taken |= names
        yield family


def _refused(place: Path, ja: str, en: str) -> ExternalKindsError:
    return ExternalKindsError(place=str(place), reason=(ja, en))


@cache
def kinds() -> Mapping[str, DataKind]:
    """Every kind by its name."""
    return {kind.name: kind for family in families() for kind in family.kinds}


if TYPE_CHECKING:
    KnownKind = str
else:
    KnownKind = StrEnum("DatasetKind", {name.replace(".", "_").upper(): name for name in kinds()})
    """A kind that a request or a command may name: documents and refusals list them."""


def find_kind(name: str) -> DataKind:
    """The kind of that name.

    Raises:
        DataKindUnknownError: there is none.
    """
    if name not in kinds():
        raise DataKindUnknownError(kind=name, known=", ".join(kinds()))
    return kinds()[name]


def family_of(kind: str) -> Family:
    """The family that a kind belongs to.

    Raises:
        DataKindUnknownError: there is no such kind.
    """
    wanted = find_kind(kind)
    return next(one for one in families() if wanted in one.kinds)


def kind_words(*names: str) -> tuple[str, str]:
    """These kinds as a sentence lists them: Japanese, English. One that nobody declares is called by its name."""
    named = [kinds()[name].words if name in kinds() else (name, name) for name in names]
    return "、".join(ja for ja, _ in named), ", ".join(en for _, en in named)


def kinds_with_tokens() -> Sequence[str]:
    """Kinds whose rows can be shown as the tokens of a text model."""
    return [name for name, kind in kinds().items() if kind.previews is not None]


def reason_name(reason: str) -> tuple[str, str]:
    """Why rows were refused, in a few words: Japanese, English."""
    names = (REASON_NAMES, *(family.refusal_names for family in families()))
    return next((one[reason] for one in names if reason in one), (reason, reason))


def drop_names() -> Mapping[str, tuple[str, str]]:
    """Why a training leaves rows out, in a few words, by the codes of ledgers: Japanese, English."""
    previews = [kind.previews for kind in kinds().values() if kind.previews is not None]
    return {code: words for one in previews for code, words in one.drop_names.items()}


def is_list_column(name: str) -> bool:
    """Whether a list under this name is a cell of a row in any family, not the rows of a file."""
    return any(folded(name) in family.list_columns for family in families())
