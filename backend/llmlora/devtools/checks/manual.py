"""What `check` says about the manual: that what it names exists, that both languages have each page, that links lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

from llmlora.devtools.checks.courses import gone_from
from llmlora.devtools.checks.setting_words import SETTING_WORDS_JA
from llmlora.engine.manual.build import REPOSITORY, ManualNotBuiltError, built_manual
from llmlora.features.courses.reading import CourseUnclearError, read_course
from llmlora.kit.settings import Settings

LANGUAGES = ("ja", "en")
HELD_ELSEWHERE = "troubleshooting"
"""Its pages are held to what they name by `devtools/checks/troubleshooting.py`."""
# Pages in English alone say so in their first lines; the others stand at the same path in both languages.
ONE_LANGUAGE = "---\nonly: en\n---\n"
# Drawn from the code by `check --write`: what they name is what it has.
_DRAWN = re.compile(r"<!--[^>]*\./llmlora check --write")


def manual_faults(root: Path = REPOSITORY) -> str:
    """One line for everything in the manual that is not true; empty without any."""
    return "\n".join([*untrue_pages(root), *lonely_pages(root), *settings_without_words(), *dead_links(root)])


def untrue_pages(root: Path = REPOSITORY) -> Iterator[str]:
    """Labels, commands, flags, addresses and files that pages name and that do not exist."""
    for language in LANGUAGES:
        for path in sorted((root / "docs" / language).rglob("*.md")):
            if path.parent.name == HELD_ELSEWHERE or _DRAWN.search(path.read_text(encoding="utf-8")):
                continue
            try:
                found = gone_from(read_course(path, language=language))
            except CourseUnclearError as error:
                found = [error.detail("en")]
            yield from (f"docs/{language}/{path.parent.name}/{line}" for line in found)


def lonely_pages(root: Path = REPOSITORY) -> Iterator[str]:
    """Pages that only one language has and that do not say so, and pages that say so wrongly."""
    for language, other in (LANGUAGES, LANGUAGES[::-1]):
        folder = root / "docs" / language
        for path in sorted(folder.rglob("*.md")):
            page = path.relative_to(folder).as_posix()
            has_twin = (root / "docs" / other / page).is_file()
            alone = language == "en" and path.read_text(encoding="utf-8").startswith(ONE_LANGUAGE)
            if has_twin and alone:
                yield f"docs/{language}/{page}: says that it is in English alone, and docs/{other}/{page} is there"
            elif not has_twin and not alone:
                yield f"docs/{language}/{page}: docs/{other}/{page} is missing"


def settings_without_words() -> Iterator[str]:
    """Settings that the manual explains in English alone, or that are no settings any more."""
    for name in sorted(Settings.model_fields.keys() ^ SETTING_WORDS_JA.keys()):
        what = "has no Japanese words" if name in Settings.model_fields else "is no setting"
        yield f"devtools/checks/setting_words.py: {name} {what}"


def dead_links(root: Path = REPOSITORY) -> Iterator[str]:
    """What the builder says of links, anchors and snippets that lead nowhere."""
    try:
        built_manual(lambda _ja, _en: None, root, strict=True)
    except ManualNotBuiltError as error:
        yield error.detail("en")
