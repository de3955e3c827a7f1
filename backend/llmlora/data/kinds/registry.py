"""Which kinds of data there are: the families below, and those that `LLMLORA_DATA_KINDS=module:FAMILY,…` names.

The same list is known to the API, the worker and the import child, which inherit that setting.
"""

import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from llmlora.data.columns import folded
from llmlora.data.kinds.protocol import DataKind, Family
from llmlora.data.kinds.text.family import FAMILY as TEXT
from llmlora.data.refusals import REASON_NAMES
from llmlora.kit.errors import AppError, InvalidInputError

BUILT_IN: tuple[Family, ...] = (TEXT,)
SETTING = "LLMLORA_DATA_KINDS"


class DataKindUnknownError(InvalidInputError):
    """Rows of a kind that nobody here declares, e.g. of an extension that is no longer set."""

    code = "data_kind_unknown"
    ja = "{kind} という種類のデータは、ここでは扱えません。使える種類: {known}。拡張の種類なら LLMLORA_DATA_KINDS に指定してください。"
    en = "Data of the kind {kind} cannot be handled here. Known kinds: {known}. If the kind is an extension's, name it in LLMLORA_DATA_KINDS."


class DataKindsSettingError(AppError):
    """The setting names no module, or no family in it."""

    code = "data_kinds_setting"
    ja = "LLMLORA_DATA_KINDS の {given} を読み込めません（{reason}）。module:FAMILY の形で、コンマ区切りで指定してください。"
    en = (
        "{given} in LLMLORA_DATA_KINDS cannot be loaded ({reason}). Write module:FAMILY, separated by commas."
    )


def _loaded(given: str) -> Family:
    module, found, name = given.partition(":")
    try:
        if not found:
            raise ValueError("no “:”")
        family: Family = getattr(import_module(module), name)
        if not family.kinds:
            raise ValueError("no kinds")
    except Exception as error:  # whatever a foreign module does
        raise DataKindsSettingError(given=given, reason=f"{type(error).__name__}: {error}") from error
    return family


@cache
def families() -> tuple[Family, ...]:
    """Every family, in the order in which they are asked what a file is.

    Raises:
        DataKindsSettingError: the setting names something that is not there, or a kind that is there already.
    """
    named = [one.strip() for one in os.environ.get(SETTING, "").split(",") if one.strip()]
    found = (*BUILT_IN, *map(_loaded, named))
    seen: set[str] = set()
    for family, given in zip(found, ("",) * len(BUILT_IN) + tuple(named), strict=True):
        names = {kind.name for kind in family.kinds}
        if seen & names:
            raise DataKindsSettingError(given=given, reason=f"{', '.join(sorted(seen & names))} ×2")
        seen |= names
    return found


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
    return [name for name, kind in kinds().items() if kind.has_tokens]


def reason_name(reason: str) -> tuple[str, str]:
    """Why rows were refused, in a few words: Japanese, English."""
    names = (REASON_NAMES, *(family.refusal_names for family in families()))
    return next((one[reason] for one in names if reason in one), (reason, reason))


def is_list_column(name: str) -> bool:
    """Whether a list under this name is a cell of a row in any family, not the rows of a file."""
    return any(folded(name) in family.list_columns for family in families())
