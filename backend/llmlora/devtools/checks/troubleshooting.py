"""What `check` says about the pages of faults: that codes lead to them, that all they name exists, and that both languages tell the same."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from llmlora.devtools.checks.courses import gone_from
from llmlora.devtools.checks.error_leaves import error_entries
from llmlora.devtools.checks.fault_pages import DOCS, INDEX, LANGUAGES, FaultPage, fault_pages
from llmlora.devtools.checks.texts import REPOSITORY, SOURCES, Text
from llmlora.devtools.checks.writing import ill_formed
from llmlora.features.courses.reading import Course

PARTS = {
    "ja": ("症状", "原因", "確かめる", "直す", "関連"),
    "en": ("Symptom", "Cause", "Make sure", "Cure", "See also"),
}
WHY_NO_CODE = "no_codes"
# Words of other programs, and of files, that our pages name.
FOREIGN = frozenset({"auto_map", "chat_template", "eos_token", "lm_head", "q8_0", "tool_calls"})
_CODE = re.compile(r"`([^`\n]+)`")
_NAME = re.compile(r"(?<![\w./-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w(/.-])")
_VARIABLE = re.compile(r"\b(?:LLMLORA|HF|OLLAMA)_[A-Z_]+\b")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]*)\)")
_FINDING = re.compile(r"""(?:Finding|Program|_same|_file|refusal_finding)\(\s*"(\w+)\"""")


def faults_of_fault_pages() -> str:
    """One line for everything that a page of a fault says and that is not so; empty without any."""
    pages = [page for language in LANGUAGES for page in fault_pages(language)]
    of_pages = (line for page in pages for line in faults_of_page(page))
    return "\n".join([*faults_between(DOCS), *codes_without_anchor(DOCS), *of_pages])


def faults_between(docs: Path) -> list[str]:
    """What is wrong between the pages below `docs`: of two languages, of one code, and of the list of all."""
    pages = {language: fault_pages(language, docs) for language in LANGUAGES}
    found = list(_unlike_twins(pages["ja"], pages["en"]))
    for language, those in pages.items():
        found += _treated_twice(those)
        found += _missing_in_index(docs / language / "troubleshooting" / f"{INDEX}.md", those)
    return found


def faults_of_page(page: FaultPage) -> list[str]:
    """What one page says and what is not so, or not written so."""
    place = f"{page.language}/troubleshooting"
    course = Course(page.path, page.language, page.path.read_text(encoding="utf-8"))
    return [
        *(f"{place}/{page.path.name}: {words}" for words in _faults_within(page)),
        *(f"{place}/{line}" for line in gone_from(course)),
        *ill_formed(_prose(page)),
    ]


def codes_without_anchor(docs: Path) -> Iterator[str]:
    """Codes that the reference of a language has no heading for."""
    for language in LANGUAGES:
        text = (docs / language / "reference" / "errors.md").read_text(encoding="utf-8")
        there = set(re.findall(r"^### `(\w+)`$", text, re.MULTILINE))
        gone = sorted({one.code for one in error_entries()} - there)
        yield from (f"{language}/reference/errors.md: no heading for {code}" for code in gone)


def _unlike_twins(ja: list[FaultPage], en: list[FaultPage]) -> Iterator[str]:
    here, there = ({page.slug: page for page in pages} for pages in (ja, en))
    for slug in sorted(here.keys() ^ there.keys()):
        yield f"troubleshooting/{slug}.md: only in {'ja' if slug in here else 'en'}"
    for slug in sorted(here.keys() & there.keys()):
        for key in ("codes", "findings"):
            if here[slug].listed(key) != there[slug].listed(key):
                yield f"troubleshooting/{slug}.md: {key} differ between ja and en"


def _treated_twice(pages: list[FaultPage]) -> Iterator[str]:
    for key in ("codes", "findings"):
        seen: dict[str, str] = {}
        for page in pages:
            for code in page.listed(key):
                if code in seen:
                    yield f"{page.language}/troubleshooting/{page.path.name}: {code} leads to {seen[code]}, too"
                seen[code] = page.slug


def _missing_in_index(index: Path, pages: list[FaultPage]) -> Iterator[str]:
    text = index.read_text(encoding="utf-8") if index.is_file() else ""
    for page in pages:
        if f"({page.path.name})" not in text:
            yield f"{page.language}/troubleshooting/{INDEX}.md: no link to {page.path.name}"


def _faults_within(page: FaultPage) -> Iterator[str]:
    codes, findings = page.listed("codes"), page.listed("findings")
    yield from (f"no such code: {code}" for code in codes if code not in _codes())
    yield from (f"no such finding of the doctor: {one}" for one in findings if one not in _findings())
    if not codes and not page.front.get(WHY_NO_CODE):
        yield f"no codes, and no {WHY_NO_CODE} that says why"
    parts = tuple(re.findall(r"^## (.+)$", page.body, re.MULTILINE))
    if parts != PARTS[page.language]:
        yield f"its parts are {', '.join(parts)}, not {', '.join(PARTS[page.language])}"
    if not page.title:
        yield "no title"
    known = _codes() | _findings() | _settings() | FOREIGN
    for number, line in enumerate(page.body.splitlines(), page.first_line):
        for code in _CODE.findall(line):
            yield from (
                f"{number}: no setting, code or finding: {name}"
                for name in _NAME.findall(code)
                if name not in known
            )
        yield from (
            f"{number}: no such setting: {name}"
            for name in _VARIABLE.findall(line)
            if name not in _variables()
        )


@cache
def _codes() -> frozenset[str]:
    return frozenset(one.code for one in error_entries())


@cache
def _findings() -> frozenset[str]:
    """What a finding is called where it is made; programs and services are found by their own names."""
    entry = [SOURCES / "entry" / name for name in ("verification.py", "platform.py", "commands/doctor.py")]
    places = [*(SOURCES / "features" / "system").glob("*.py"), *entry]
    made = {name for path in places for name in _FINDING.findall(path.read_text(encoding="utf-8"))}
    return frozenset({*made, "postgres", "valkey"})


@cache
def _settings() -> frozenset[str]:
    from llmlora.recipes import RECIPES

    return frozenset(name for recipe in RECIPES.values() for name in recipe.config.model_fields)


@cache
def _variables() -> frozenset[str]:
    example = (REPOSITORY / ".env.example").read_text(encoding="utf-8")
    return frozenset(_VARIABLE.findall(example))


def _prose(page: FaultPage) -> Iterator[Text]:
    """What is read, line by line: commands and names of files are one word each."""
    is_code = False
    for number, line in enumerate(page.body.splitlines(), page.first_line):
        if line.lstrip().startswith("```"):
            is_code = not is_code
        elif not is_code and line.strip():
            words = _LINK.sub(r"\1", _CODE.sub("X", line)).replace("**", "")
            yield Text(
                f"{page.language}/troubleshooting/{page.path.name}:{number}", page.language, words.strip()
            )
