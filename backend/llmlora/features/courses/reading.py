"""Courses that are their own tests: what the Markdown of tutorial/docs tells to do, as a list of steps.

Three things in a course are done, in their order; all else is read:

- a fenced block `studio`: one line a step, `word: what` (`押す: 保存`, `press: Save`), by the labels that one sees;
- a fenced block `console`: `$ command` lines, each with what it prints below it (`…` stands for anything);
- an image: the picture that is taken of the page at this place.

`<!-- test: A → B -->` before a block writes B for A in that block where the course is tested: the same steps, smaller counts.
`<!-- for: … -->` says whom the course is for; `<!-- done NAME: … -->` in a section what finishes it (`goals.py`).

What looks like one of these and is none is refused: a step that is lost would be a course that was not tested.
"""

import re
import shlex
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from llmlora.features.courses.goals import Goal, GoalUnclearError, goal_of
from llmlora.kit.errors import InvalidInputError

REPOSITORY = Path(__file__).parents[4]
COURSES = REPOSITORY / "tutorial" / "docs"

# What a step is called in each language: the first word of its line.
WORDS: dict[str, tuple[str, str]] = {
    "page": ("ページ", "page"),
    "file": ("ファイル", "file"),
    "press": ("押す", "press"),
    "type": ("入力", "type"),
    "choose": ("選ぶ", "choose"),
    "see": ("見える", "see"),
    "wait": ("待つ", "wait"),
    "value": ("値", "value"),
    "ask": ("質問", "ask"),
    "answer": ("答え", "answer"),
    "other": ("違う答え", "other answer than"),
}
_OP_OF = {word: op for op, pair in WORDS.items() for word in pair}
_FENCE = re.compile(r"^```(\w*)\s*$")
_LIKE_A_FENCE = re.compile(r"^\s*(```[^`]*|~~~.*|````+.*)$")
_IMAGE = re.compile(r"^!\[([^\]]*)\]\((images/[^)]+)\)\s*$")
_SMALLER = re.compile(r"^<!-- test: (.+?) → (.+?) -->\s*$")
_AUDIENCE = re.compile(r"^<!-- for: (.+?) -->\s*$")
_GOAL = re.compile(r"^<!-- done ([a-z][a-z0-9-]*): (.+?) -->\s*$")
_LIKE_A_NOTE = re.compile(r"<!--\s*(test|done|for)\b")
_TITLE = re.compile(r"^# (?P<title>.+?)\s*[（(](?P<minutes>\d+) (?:分|minutes)[）)]\s*$")
_LEVEL = re.compile(r"level(\d)_")
_COMPARED = re.compile(r"^(.+?) ([<>]) ([\d.]+)$")


_CALL = re.compile(
    r"""\./llmlora((?:\ (?:
        (?<=[ =])"(?:[^"\\\n]|\\.)*"     # words in quotes may hold what ends a command
        | (?<=[ =])'[^'\n]*'
        | \\.
        | [^\n`|;&)<>"'\\]
    )*)?)""",
    re.VERBOSE,
)
_NEVER_CLOSED = ("{line}（このブロックは閉じられていません）", "{line} (this block is never closed)")
_NO_SECTION = ("{line}（見出しの下に書きます）", "{line} (it belongs below a heading)")
_TWICE = ("{line}（同じ名前がもうあります）", "{line} (the name is there already)")
_NO_BLOCK = ("{line}（この後にブロックがありません）", "{line} (no block follows)")


class CourseUnclearError(InvalidInputError):
    """A line of a course that nobody can follow."""

    code = "course_unclear"
    ja = "{course}:{line}: この行の意味が決まりません: {text}（使える言葉: {known}）"
    en = "{course}:{line}: it is not clear what this line means: {text} (words that can be used: {known})"


@dataclass(frozen=True)
class Step:
    """One thing to do or to see. `label`, `value`: what stands before and behind `=`, or only a value."""

    op: str
    line: int
    section: str
    value: str
    label: str = ""
    expected: tuple[str, ...] = ()
    """Of a command: what it prints, in order."""


@dataclass(frozen=True)
class Section:
    """A heading of the second order and what stands below it. `anchor` is the same in both languages."""

    anchor: str
    title: str
    line: int


@dataclass(frozen=True)
class Course:
    """A course in one language."""

    path: Path
    language: str
    text: str
    steps: tuple[Step, ...] = field(default=())
    sections: tuple[Section, ...] = field(default=())
    goals: tuple[Goal, ...] = field(default=())
    audience: str = ""
    """For whom it is; empty where it does not say so."""

    @property
    def name(self) -> str:
        """`level1_basic_tutorial`, in either language."""
        return self.path.name.partition(".")[0]

    @property
    def level(self) -> int:
        """1 of `level1_basic_tutorial`; 0 of a file that has no such name."""
        found = _LEVEL.match(self.name)
        return int(found.group(1)) if found else 0

    @property
    def title(self) -> str:
        """The first heading, without the time; empty where it has none."""
        found = _TITLE.match(self.text.partition("\n")[0])
        return found.group("title") if found else ""

    @property
    def minutes(self) -> int:
        """How long it takes, as the first heading says; 0 where it does not."""
        found = _TITLE.match(self.text.partition("\n")[0])
        return int(found.group("minutes")) if found else 0

    def for_browser(self) -> dict[str, Any]:
        """What frontend/flows/course.flow.ts reads."""
        return {
            "name": self.name,
            "language": self.language,
            "steps": [asdict(step) for step in self.steps],
        }


def all_courses() -> list[Course]:
    """Every course in both languages."""
    return [read_course(path) for path in sorted(COURSES.glob("*.md"))]


def read_course(path: Path, *, small: bool = False, language: str | None = None) -> Course:
    """The course in a file; `small`: with the counts that its test uses; `language`: where its name does not say it.

    Raises:
        CourseUnclearError: a line of a block is no step, a block has no end, smaller counts have no block, or what
            finishes a section is no condition that is known.
    """
    text = path.read_text(encoding="utf-8")
    language = language or ("en" if path.name.endswith(".en.md") else "ja")
    reader = _Reader(path, small=small)
    steps = tuple(reader.read(text))
    return Course(path, language, text, steps, tuple(reader.sections), tuple(reader.goals), reader.audience)


class _Reader:
    def __init__(self, path: Path, *, small: bool) -> None:
        self._path = path
        self._small = small
        self._section = ""
        self._swaps: list[tuple[int, str, str]] = []
        self.sections: list[Section] = []
        self.goals: list[Goal] = []
        self.audience = ""

    def read(self, text: str) -> list[Step]:
        steps: list[Step] = []
        block: list[tuple[int, str]] = []
        opened: tuple[int, str] | None = None
        kind = ""
        for number, line in enumerate(text.splitlines(), 1):
            fence = _FENCE.match(line)
            if fence is None and _LIKE_A_FENCE.match(line):
                raise self._unclear(number, line)
            if fence and opened is None:
                opened, kind, block = (number, line), fence.group(1), []
            elif fence and fence.group(1):
                raise self._unclear(*(opened or (number, line)), _NEVER_CLOSED)
            elif fence:
                steps += self._steps_of(kind, block)
                opened, self._swaps = None, []
            elif opened:
                block.append((number, line))
            else:
                steps += self._outside(number, line)
        if opened:
            raise self._unclear(*opened, _NEVER_CLOSED)
        if self._swaps:
            raise self._unclear(*self._swaps[0][:2], _NO_BLOCK)
        return steps

    def _outside(self, number: int, line: str) -> list[Step]:
        """The picture that a line is; headings, smaller counts and what finishes a section are remembered."""
        if line.startswith("#"):
            self._section = line.lstrip("# ").strip()
            if line.startswith("## "):
                self.sections.append(Section(f"part-{len(self.sections) + 1}", self._section, number))
        elif picture := _IMAGE.match(line):
            return [Step("picture", number, self._section, picture.group(2))]
        elif swap := _SMALLER.match(line):
            self._swaps.append((number, swap.group(1), swap.group(2)))
        elif goal := _GOAL.match(line):
            self._remember_goal(number, line, goal.group(1), goal.group(2))
        elif audience := _AUDIENCE.match(line):
            self.audience = audience.group(1)
        elif _LIKE_A_NOTE.search(line):
            raise self._unclear(number, line)
        return []

    def _remember_goal(self, number: int, line: str, name: str, condition: str) -> None:
        if not self.sections:
            raise self._unclear(number, line, _NO_SECTION)
        if any(goal.name == name for goal in self.goals):
            raise self._unclear(number, line, _TWICE)
        try:
            self.goals.append(goal_of(name, number, self.sections[-1].anchor, condition))
        except GoalUnclearError as error:
            raise self._unclear(
                number, line, (f"{{line}}（{error.ja}）", f"{{line}} ({error.en})")
            ) from error

    def _steps_of(self, kind: str, block: list[tuple[int, str]]) -> list[Step]:
        for number, full, small in self._swaps:
            if not any(full in line for _, line in block):
                raise self._unclear(number, full)
            if self._small:
                block = [(at, line.replace(full, small)) for at, line in block]
        if kind == "studio":
            return [self._studio_step(number, line) for number, line in block if line.strip()]
        return self._commands(block) if kind == "console" else []

    def _studio_step(self, number: int, line: str) -> Step:
        word, colon, rest = line.partition(":")
        op, what = _OP_OF.get(word.strip()), rest.strip()
        if op is None or not colon or not what:
            raise self._unclear(number, line)
        if op == "value":
            compared = _COMPARED.match(what)
            if compared is None:
                raise self._unclear(number, line)
            return Step(
                op, number, self._section, f"{compared.group(2)} {compared.group(3)}", compared.group(1)
            )
        if op in ("type", "choose", "file"):
            label, equals, value = what.partition(" = ")
            if not equals:
                raise self._unclear(number, line)
            return Step(op, number, self._section, value.strip(), label.strip())
        return Step(op, number, self._section, what)

    def _commands(self, block: list[tuple[int, str]]) -> list[Step]:
        """A command is a line with `$ `, and the lines below that go on with a backslash at its end."""
        found: list[tuple[int, str, list[str]]] = []
        for number, line in block:
            if line.startswith("$ "):
                found.append((number, line[2:], []))
            elif not found:
                raise self._unclear(number, line)
            elif found[-1][1].endswith("\\") and not found[-1][2]:
                found[-1] = (found[-1][0], f"{found[-1][1]}\n{line}", [])
            else:
                found[-1][2].append(line)
        return [
            Step("command", number, self._section, command, expected=_pieces(printed))
            for number, command, printed in found
        ]

    def _unclear(
        self, number: int, line: str, why: tuple[str, str] = ("{line}", "{line}")
    ) -> CourseUnclearError:
        known = ", ".join(
            pair[1] if self._path.name.endswith(".en.md") else pair[0] for pair in WORDS.values()
        )
        text = (why[0].format(line=line), why[1].format(line=line))
        return CourseUnclearError(course=self._path.name, line=number, text=text, known=known)


def _pieces(printed: list[str]) -> tuple[str, ...]:
    """What has to be printed, between the `…` that stand for anything."""
    return tuple(piece.strip() for line in printed for piece in line.split("…") if piece.strip())


def llmlora_calls(text: str) -> list[list[str]]:
    """The words of every `./llmlora …` in a text, up to what ends a command or to a quote that nothing closes."""
    joined = text.replace("\\\n", " ")
    return [shlex.split(call, comments=True) for call in _CALL.findall(joined)]
