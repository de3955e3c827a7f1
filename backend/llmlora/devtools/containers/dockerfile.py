"""A Dockerfile in stages and instructions: read by `dockerfile-parse`, with flags and words taken apart.

What a build does with them is said at https://docs.docker.com/reference/dockerfile/.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from dockerfile_parse import DockerfileParser
from dockerfile_parse.util import WordSplitter, extract_key_values

_FLAG = re.compile(r"--(?P<name>[a-z-]+)=(?P<value>\S+)\s*")
_FROM = re.compile(r"(?P<base>\S+)(?:\s+as\s+(?P<name>\S+))?", re.IGNORECASE)


class DockerfileError(Exception):
    """A Dockerfile that is not one, or that says what nobody here can read. The text names the line."""


@dataclass(frozen=True)
class Instruction:
    """One instruction. `line` counts from 1; `value` is what follows the flags."""

    line: int
    name: str
    flags: tuple[tuple[str, str], ...]
    value: str

    def flag(self, name: str) -> str | None:
        """The value of a flag that is given once."""
        return dict(self.flags).get(name)

    def words(self, variables: Mapping[str, str]) -> list[str]:
        """The words of `COPY`, `CMD` and the like, in either form, with variables filled in."""
        listed = json_form(self.value)
        words = shlex.split(self.value) if listed is None else listed
        return [filled(word, variables) for word in words]

    def pairs(self, variables: Mapping[str, str]) -> dict[str, str]:
        """The names and values of `ENV` and `LABEL`, with variables filled in."""
        found = extract_key_values(
            env_replace=True, args={}, envs=dict(variables), instruction_value=self.value
        )
        return dict(found)

    def declared(self, variables: Mapping[str, str]) -> dict[str, str | None]:
        """The names of an `ARG` with their defaults; None where none is given."""
        words = WordSplitter(self.value, args={}, envs=dict(variables)).split()
        found = (word.partition("=") for word in words)
        return {name: value if equals else None for name, equals, value in found}


@dataclass(frozen=True)
class Stage:
    """From one `FROM` to the next. `base` may hold variables; `name` is a number where none is given."""

    line: int
    base: str
    name: str
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True)
class Dockerfile:
    """`arguments`: those declared before the first stage, with their defaults."""

    path: Path
    arguments: Mapping[str, str]
    stages: tuple[Stage, ...]

    def stage(self, name: str) -> Stage | None:
        """The stage of a name; names are told apart without regard to case."""
        return next((stage for stage in self.stages if stage.name.lower() == name.lower()), None)

    def bases(self) -> Iterator[tuple[Stage, str]]:
        """The stages that begin with an image from elsewhere, and that image as it is written."""
        names = {stage.name.lower() for stage in self.stages}
        for stage in self.stages:
            if stage.base.lower() not in names and "$" not in stage.base:
                yield stage, stage.base


def read_dockerfile(path: Path) -> Dockerfile:
    """Read a Dockerfile.

    Raises:
        DockerfileError: it does not begin with `FROM`, or has heredocs, which are not read here.
    """
    parser = DockerfileParser(fileobj=BytesIO(path.read_bytes()))
    arguments: dict[str, str] = {}
    stages: list[tuple[int, str, str, list[Instruction]]] = []
    for one in parser.structure:
        instruction = _instruction(path, one)
        if instruction is None:
            continue
        if instruction.name == "FROM":
            found = _FROM.fullmatch(instruction.value)
            if found is None:
                raise DockerfileError(f"{path}:{instruction.line}: FROM {instruction.value}")
            stages.append((instruction.line, found["base"], found["name"] or str(len(stages)), []))
        elif stages:
            stages[-1][3].append(instruction)
        elif instruction.name == "ARG":
            arguments |= {name: value or "" for name, value in instruction.declared(arguments).items()}
        else:
            raise DockerfileError(f"{path}:{instruction.line}: {instruction.name} before FROM")
    if not stages:
        raise DockerfileError(f"{path}: no FROM")
    return Dockerfile(
        path, arguments, tuple(Stage(line, base, name, tuple(rest)) for line, base, name, rest in stages)
    )


def _instruction(path: Path, read: Mapping[str, object]) -> Instruction | None:
    """None for a comment. `read`: an entry of the parser's structure, whose lines count from 0."""
    name, value, line = str(read["instruction"]).upper(), str(read["value"]), int(str(read["startline"])) + 1
    if name == "COMMENT":
        return None
    if name in ("RUN", "COPY", "ADD") and re.search(r"<<-?[\"']?[A-Za-z_]", value):
        raise DockerfileError(f"{path}:{line}: heredocs are not read")
    flags = []
    while found := _FLAG.match(value):
        flags.append((found["name"], found["value"]))
        value = value[found.end() :]
    return Instruction(line, name, tuple(flags), value)


def json_form(value: str) -> list[str] | None:
    """The words of the form `["a", "b"]`; None where it is the other form."""
    if not value.startswith("["):
        return None
    try:
        words = json.loads(value)
    except ValueError:
        return None
    return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else None


def filled(text: str, variables: Mapping[str, str]) -> str:
    """A text with `$NAME` and `${NAME}` filled in; names that nobody set are empty, as in a build."""
    return str(WordSplitter(text, args={}, envs=dict(variables)).dequote())
