"""The executor on small Dockerfiles: what an engine would do is done, what is not understood is refused."""

import os
from pathlib import Path

import pytest

from tests.containers.bases import Base, NoBaseError, base_for
from tests.containers.building import Build, UnsupportedError, build_of
from tests.containers.rooms import Mount, Room, missing

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

MACHINE = (Mount(Path("/usr"), "/usr", read_only=True),)


@pytest.fixture
def base(tmp_path: Path) -> Base:
    """A root with this machine's programs and nothing else."""
    root = tmp_path / "base"
    for name in ("usr", "proc", "dev", "sys", "etc"):
        (root / name).mkdir(parents=True)
    (root / "tmp").mkdir(mode=0o777)
    (root / "tmp").chmod(0o1777)
    for name in ("bin", "lib", "lib64", "sbin"):
        (root / name).symlink_to(f"usr/{name}")
    return Base(root, {"PATH": "/usr/bin:/bin"})


def planned(tmp_path: Path, base: Base, text: str, work: str = "work", **arguments: str) -> Build:
    context = tmp_path / "context"
    (context / "src" / "deep").mkdir(parents=True, exist_ok=True)
    (context / "src" / "a.txt").write_text("a")
    (context / "src" / "deep" / "b.txt").write_text("b")
    (context / "src" / "hidden.txt").write_text("h")
    (context / ".dockerignore").write_text("src/hidden.txt\n")
    (context / "Dockerfile").write_text(text)

    def bases(name: str) -> Base:
        assert name == "tiny:1"
        return base

    return build_of(
        context / "Dockerfile",
        context,
        tmp_path / work,
        tmp_path / "store",
        bases,
        arguments=arguments,
        machine_env={"MIRROR": "here"},
        machine_mounts=MACHINE,
    )


class TestSteps:
    def test_stage_is_what_its_instructions_make(self, tmp_path: Path, base: Base) -> None:
        text = """\
ARG KIND=plain
FROM tiny:1 AS root
ENV GREETING=hello PLACE=/app/in
FROM root AS made-plain
RUN echo plain > /kind
FROM root AS made-other
RUN echo other > /kind
FROM made-${KIND} AS made
ARG KIND
ARG SIZE=3
WORKDIR /app
WORKDIR in
COPY src/ ./copied/
COPY src/a.txt renamed.txt
RUN echo "$GREETING $SIZE $KIND $MIRROR $PWD $HOME" > said && chmod 0600 said
FROM root
COPY --from=made /app/ /app/
COPY --from=made /kind /
USER 10001:10001
CMD ["cat", "/kind"]
"""
        image = planned(tmp_path, base, text, KIND="other", SIZE="4").target()
        inside = image.root / "app" / "in"
        assert (inside / "said").read_text() == "hello 4 other here /app/in /root\n"
        assert (inside / "said").stat().st_mode & 0o777 == 0o600
        assert (inside / "renamed.txt").read_text() == "a"
        assert {path.name for path in (inside / "copied").rglob("*")} == {"a.txt", "deep", "b.txt"}
        assert (image.root / "kind").read_text() == "other\n"
        assert (image.user, image.command, image.env["PLACE"]) == ("10001:10001", ["cat", "/kind"], "/app/in")

    def test_cache_outlives_the_build_and_stays_out_of_the_image(self, tmp_path: Path, base: Base) -> None:
        text = "FROM tiny:1\nRUN --mount=type=cache,target=/root/.cache/x cat /root/.cache/x/* > /seen; echo 1 > /root/.cache/x/one\n"
        first = planned(tmp_path, base, text).target()
        second = planned(tmp_path, base, text, work="again").target()
        assert [(image.root / "seen").read_text() for image in (first, second)] == ["", "1\n"]
        assert not (second.root / "root").exists()

    def test_base_is_left_as_it_was(self, tmp_path: Path, base: Base) -> None:
        planned(tmp_path, base, "FROM tiny:1\nRUN touch /new\n").target()
        assert not (base.root / "new").exists()

    def test_failing_step_is_told_with_what_it_said(self, tmp_path: Path, base: Base) -> None:
        with pytest.raises(AssertionError, match=r"exit 3(?s:.*)the reason"):
            planned(tmp_path, base, "FROM tiny:1\nRUN echo the reason >&2; exit 3\n").target()

    def test_hidden_file_is_not_there(self, tmp_path: Path, base: Base) -> None:
        with pytest.raises(AssertionError, match="not in the context"):
            planned(tmp_path, base, "FROM tiny:1\nCOPY src/hidden.txt /\n").target()

    @pytest.mark.parametrize(
        "step",
        [
            "ADD src /x", "ONBUILD RUN true", 'SHELL ["/bin/bash"]', "RUN --mount=type=secret,id=a true", "RUN --network=none true",
            "COPY --chown=1 src /x", "COPY src/* /x", "COPY --from=elsewhere:1 /a /b", "CMD sleep 1", "USER nobody", "COPY src ../../..",
        ],
    )  # fmt: skip
    def test_what_is_not_understood_is_refused(self, step: str, tmp_path: Path, base: Base) -> None:
        if step == "COPY src ../../..":
            (base.root / "out").symlink_to("/")
            step = "COPY src /out/../../x"
        with pytest.raises(UnsupportedError, match="Dockerfile:2"):
            planned(tmp_path, base, f"FROM tiny:1\n{step}\n").target()

    def test_argument_that_no_stage_declares_is_refused(self, tmp_path: Path, base: Base) -> None:
        with pytest.raises(UnsupportedError, match="no ARG TYPO"):
            planned(tmp_path, base, "FROM tiny:1\n", TYPO="1")

    def test_unknown_base_has_no_root(self, tmp_path: Path) -> None:
        with pytest.raises(NoBaseError, match="alpine"):
            base_for("alpine:3.20", tmp_path)


class TestRoom:
    def test_program_has_its_user_and_no_more(self, base: Base, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir()
        os.chown(tmp_path / "data", 10001, 10001)
        mounts = (*MACHINE, Mount(tmp_path / "data", "/data"))
        (base.root / "data").mkdir()
        room = Room(base.root, base.env, user="10001:10001", mounts=mounts, read_only=True, offline=True)
        script = """
id -u; id -G; grep -E '^(CapEff|NoNewPrivs)' /proc/self/status; ls /proc | grep -c '^[0-9]'
touch /x 2>/dev/null || echo refused; touch /tmp/x /data/x && echo written
cat /sys/class/net/*/address 2>/dev/null; env | sort
"""
        room.run(["/bin/sh", "-c", script], tmp_path / "log")
        said = (tmp_path / "log").read_text().split("\n")
        assert said[:2] == ["10001", "10001"]
        assert "CapEff:\t0000000000000000" in said
        assert "NoNewPrivs:\t1" in said
        assert "refused" in said
        assert "written" in said
        assert (tmp_path / "data" / "x").stat().st_uid == 10001
        assert not (base.root / "tmp" / "x").exists()
        assert not any(line.startswith(("LLMLORA", "PIP")) for line in said)

    def test_everything_ends_with_the_block(self, base: Base, tmp_path: Path) -> None:
        room = Room(base.root, base.env, mounts=MACHINE)
        with room.started(["/bin/sh", "-c", "sleep 345678 & sleep 345678"], tmp_path / "log"):
            pass
        running = [path for path in Path("/proc").glob("[0-9]*/cmdline") if b"345678" in _content(path)]
        assert running == []


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
