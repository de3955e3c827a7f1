"""What `check` says about the courses: that every command, flag, address and label which they name exists, and no retired word is used."""

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import typer

from llmlora.devtools.checks.course_goals import goal_faults, unlike_twins
from llmlora.devtools.checks.texts import MESSAGES, message_texts
from llmlora.devtools.checks.words import GLOSSARY, retired_words
from llmlora.features.courses.reading import COURSES, REPOSITORY, Course, Step, all_courses, llmlora_calls

# What a step says is on the page, or is what was written there before, or what the data holds.
_LABELLED = ("page", "press", "value")
_SEEN = ("see", "wait")
_WRITTEN = ("type", "choose", "file", "ask", "command")
_PICTURE_BYTES = 60_000
_FEWEST_LETTERS = 2
_BOLD_LABEL = {
    "ja": re.compile(r"(?:\*\*「|「\*\*)([^」*]+)(?:」\*\*|\*\*」)"),
    "en": re.compile(r"\*\*“([^”*]+)”\*\*"),
}
_BOLD = re.compile(r"`[^`]*`|\*\*(.+?)\*\*")
_API = re.compile(r"127\.0\.0\.1:8000(/[\w/{}$.-]*)")
_LINK = re.compile(r"\]\((?!https?:|images/)([^)#]+)\)")


def names_that_are_gone() -> str:
    """One line for everything that a course names and that does not exist, or that its twin says otherwise; empty without any."""
    courses = all_courses()
    faults = [line for course in courses for line in (*gone_from(course), *goal_faults(course))]
    return "\n".join([*faults, *unlike_twins(courses)])


def gone_from(course: Course) -> list[str]:
    """What one course names and what does not exist, with its line."""
    found = [
        *_gone_labels(course),
        *_gone_commands(course),
        *_gone_addresses(course),
        *_gone_files(course),
        *_retired_words(course),
        *_bold_that_is_not_seen(course),
    ]
    return [f"{course.path.name}:{line}: {words}" for line, words in found]


def _gone_labels(course: Course) -> Iterator[tuple[int, str]]:
    labels = _labels(course.language)
    written = [step.value for step in course.steps if step.op in _WRITTEN]
    for step in course.steps:
        for label in _labels_of(step):
            if not labels.has(label) and not any(label in one for one in written):
                yield step.line, f"no label of the pages: {label}"
        if step.op in _SEEN and not labels.has(step.value) and not _is_known(step.value, written):
            yield step.line, f"neither a text of the pages nor anything written before: {step.value}"
    for number, line in enumerate(course.text.splitlines(), 1):
        for label in _BOLD_LABEL[course.language].findall(line):
            if not labels.has(label):
                yield number, f"no label of the pages: {label}"


def _bold_that_is_not_seen(course: Course) -> Iterator[tuple[int, str]]:
    """Bold words that Markdown shows with their asterisks: a bracket inside where a letter stands outside (CommonMark 6.2)."""
    for number, line in enumerate(course.text.splitlines(), 1):
        for bold in _BOLD.finditer(line):
            inside, (begin, end) = bold.group(1), bold.span()
            if inside is None:  # code
                continue
            ends = ((inside[0], line[begin - 1 : begin]), (inside[-1], line[end : end + 1]))
            if any(_is_mark(inner) and outer and not _is_mark(outer) for inner, outer in ends):
                yield number, f"a letter stands beside {bold.group()}, so its asterisks are shown"


def _is_mark(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter)[0] in "PS"


def _labels_of(step: Step) -> list[str]:
    if step.op in ("type", "choose", "file", "value"):
        return [step.label]
    return [step.value] if step.op in _LABELLED and not step.value.startswith("/") else []


def _is_known(words: str, written: list[str]) -> bool:
    return any(words in one for one in written)


@cache
def _labels(language: str) -> "_Labels":
    return _Labels(language)


class _Labels:
    """Everything that the pages call something, in one language."""

    def __init__(self, language: str) -> None:
        from llmlora.features.recipes.titles import all_titles

        texts = [text.words for text in message_texts(MESSAGES) if text.language == language]
        self._plain = {*texts, *all_titles(language)}
        self._patterns = [pattern for text in texts if "{" in text and (pattern := _pattern_of(text))]
        self._beginnings = {text.partition("{")[0].rstrip("（( ") for text in texts if "{" in text} - {""}

    def has(self, words: str) -> bool:
        """Whether something is called so: as it stands, with its numbers filled in, or as far as they begin."""
        if words in self._plain or words in self._beginnings:
            return True
        return any(pattern.fullmatch(words) for pattern in self._patterns)


def _pattern_of(message: str) -> re.Pattern[str] | None:
    """A message with something in place of its arguments; None where hardly anything else stands in it. Plural forms are arguments."""
    pattern, literal, depth = "", "", 0
    for at, letter in enumerate(message):
        if letter == "{":
            is_number = re.match(r"\{\w+, number\}", message[at:])
            pattern += "" if depth else r"\d[\d.,]*" if is_number else ".{1,60}"
            depth += 1
        elif letter == "}":
            depth -= 1
        elif depth == 0:
            pattern, literal = pattern + re.escape(letter), literal + letter
    return re.compile(pattern) if len(re.findall(r"\w", literal)) >= _FEWEST_LETTERS else None


def _gone_commands(course: Course) -> Iterator[tuple[int, str]]:
    from llmlora.entry.cli import app

    joined = course.text.replace("\\\n", "  ")
    for call in llmlora_calls(joined):
        problem = _problem_of(call, typer.main.get_command(app))
        if problem:
            yield _line_of(course.text, call), problem


def _problem_of(call: list[str], command: object) -> str:
    words = iter(call)
    path = "./llmlora"
    for word in words:
        subcommands = getattr(command, "commands", None)
        if subcommands is None:
            return _unknown_flag(path, [word, *words], command)
        if word.startswith("-"):
            return _unknown_flag(path, [word, *words], command)
        if word not in subcommands:
            return f"no command: {path} {word}"
        command, path = subcommands[word], f"{path} {word}"
    return ""


def _unknown_flag(path: str, words: list[str], command: object) -> str:
    known = {flag for one in getattr(command, "params", ()) for flag in (*one.opts, *one.secondary_opts)}
    flags = [word.partition("=")[0] for word in words if re.match(r"--?[a-zA-Z]", word)]
    return next((f"no flag of {path}: {flag}" for flag in flags if flag not in {*known, "--help"}), "")


def _line_of(text: str, call: list[str]) -> int:
    sought = f"./llmlora {' '.join(call[:2])}".strip()
    return next((number for number, line in enumerate(text.splitlines(), 1) if sought in line), 1)


def _gone_addresses(course: Course) -> Iterator[tuple[int, str]]:
    routes = _routes()
    for number, line in enumerate(course.text.splitlines(), 1):
        for path in _API.findall(line):
            if not any(route.fullmatch(path.rstrip("/.")) for route in routes):
                yield number, f"no address of the API: {path}"


@cache
def _routes() -> list[re.Pattern[str]]:
    document = json.loads((REPOSITORY / "docs" / "openapi.json").read_text(encoding="utf-8"))
    return [re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in document["paths"]]


def _gone_files(course: Course) -> Iterator[tuple[int, str]]:
    for step in course.steps:
        if step.op == "file" and not (REPOSITORY / step.value).is_file():
            yield step.line, f"no file: {step.value}"
        if step.op == "picture":
            yield from ((step.line, words) for words in _picture_problems(COURSES / step.value))
    for number, line in enumerate(course.text.splitlines(), 1):
        for link in _LINK.findall(line):
            if not (course.path.parent / link).exists():
                yield number, f"no file: {link}"
        for path in re.findall(r"(?<![\w/])tutorial/[\w/.-]+\w", line):
            if not (REPOSITORY / path).exists():
                yield number, f"no file: {path}"


def _picture_problems(path: Path) -> Iterator[str]:
    if not path.is_file():
        yield f"no picture yet: {path.name} (./llmlora test tutorial --write takes it)"
    elif path.stat().st_size > _PICTURE_BYTES:
        yield f"{path.name}: {path.stat().st_size / 1000:.0f} kB, allowed {_PICTURE_BYTES / 1000:.0f} kB"


def _retired_words(course: Course) -> Iterator[tuple[int, str]]:
    """In what is read; commands and data have words of their own."""
    retired = [
        one for one in retired_words(GLOSSARY.read_text(encoding="utf-8")) if one.language == course.language
    ]
    is_code = False
    for number, line in enumerate(course.text.splitlines(), 1):
        if line.startswith("```"):
            is_code = not is_code
        elif not is_code:
            prose = re.sub(r"`[^`]*`", " ", line)
            yield from ((number, f"{one.word} → {one.instead}") for one in retired if one.stands_in(prose))
