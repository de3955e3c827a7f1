"""The language in which the command line speaks: one at a time. The only place that knows it.

`LLMLORA_LANG` (of the environment or `.env`) says which; without it, the first of `LC_ALL`, `LC_MESSAGES` and `LANG`
that is not empty (POSIX, Base Definitions 8.2). The door `./llmlora` asks the same before there is a Python.
"""

import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

from llmlora.kit.errors import InvalidInputError

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = ("ja", "en")
VARIABLE = "LLMLORA_LANG"
_CHOSEN: ContextVar[Language | None] = ContextVar("language of the command line", default=None)
# Japanese of a help text by its English: typer takes one string.
_HELP: dict[str, str] = {}


class Worded(Protocol):
    """What has words in both languages, such as a `contracts.text.Text`."""

    @property
    def ja(self) -> str: ...  # noqa: D102
    @property
    def en(self) -> str: ...  # noqa: D102


class LanguageUnknownError(InvalidInputError):
    """`LLMLORA_LANG` names a language that there is not."""

    code = "language_unknown"
    ja = "LLMLORA_LANG の値「{given}」は使えません。ja か en を指定してください。"
    en = "LLMLORA_LANG cannot be “{given}”. Set it to ja or en."


def language() -> Language:
    """The language of this command; where `LLMLORA_LANG` names none that there is, that of the locale."""
    return _CHOSEN.get() or _of_environment()


def refuse_unknown_language() -> None:
    """Before a command runs.

    Raises:
        LanguageUnknownError: `LLMLORA_LANG` is neither `ja` nor `en`.
    """
    given = _wanted()
    if given and given not in LANGUAGES:
        raise LanguageUnknownError(given=given)


@contextmanager
def speaking(chosen: Language) -> Iterator[None]:
    """Speak this language while the block runs, whatever the environment says."""
    before = _CHOSEN.set(chosen)
    try:
        yield
    finally:
        _CHOSEN.reset(before)


def localized(ja: str, en: str) -> str:
    """The one of both that is spoken."""
    return ja if language() == "ja" else en


def localized_text(words: Worded) -> str:
    """The words that are spoken."""
    return localized(words.ja, words.en)


def words(*, ja: str, en: str) -> str:
    """A help text in both languages, as the one string that typer takes; `help_text` finds the one that is spoken.

    Raises:
        ValueError: another help has the same English and other Japanese.
    """
    ja, en = inspect.cleandoc(ja), inspect.cleandoc(en)
    if _HELP.setdefault(en, ja) != ja:
        raise ValueError(f"two Japanese texts for one English: {en}")
    return en


def help_text(text: str) -> str:
    """What a command or an option has for its help, in the language that is spoken."""
    return localized(_HELP.get(text, text), text)


@cache
def _of_environment() -> Language:
    wanted = _wanted()
    known: Language | None = next((one for one in LANGUAGES if one == wanted), None)
    if known is not None:
        return known
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, named), "")
    return "ja" if locale.lower().startswith("ja") else "en"


def _wanted() -> str:
    return (os.environ.get(VARIABLE) or _of_settings_file()).strip().lower()


def _of_settings_file() -> str:
    """Of `.env` where the command runs, as `kit.settings` reads it, which is slow to load."""
    if not Path(".env").is_file():
        return ""
    from dotenv import dotenv_values

    try:
        return dotenv_values(".env", encoding="utf-8-sig").get(VARIABLE) or ""
    except (OSError, UnicodeDecodeError):  # told by whoever reads the settings
        return ""
