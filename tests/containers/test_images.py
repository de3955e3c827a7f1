"""Both Dockerfiles, step by step in scratch roots, and what they make at work as containers have it: as the image's user,
without capabilities, on a root that is read-only but for /tmp and the volume.

Takes ten minutes on two idle cores (half an hour beside others) and 15 GB. `LLMLORA_TEST_ROOTS` names a directory that keeps base roots and download caches from run to run.
`-n0 -s` says what each step took.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from llmlora.devtools.checks.dockerfiles import REPOSITORY
from llmlora.recipes.blocks.bundled_models import BUNDLED_MODELS

from tests.containers.bases import Base, base_for
from tests.containers.building import Build, Image, build_of
from tests.containers.machine import registry_environment, registry_mounts, torch_index
from tests.containers.rooms import Mount, Room, missing

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(5400),
    pytest.mark.skipif(bool(missing("debootstrap")), reason=missing("debootstrap")),
]
READY_S = 300


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    named = os.environ.get("LLMLORA_TEST_ROOTS")
    return Path(named).resolve() if named else tmp_path_factory.mktemp("roots")


def built(part: str, work: Path, store: Path, **arguments: str) -> Image:
    """The image of a Dockerfile of this repository; says what it took."""

    def bases(name: str) -> Base:
        return base_for(name, store)

    build = build_of(
        REPOSITORY / part / "Dockerfile",
        REPOSITORY,
        work,
        store,
        bases,
        arguments=arguments,
        machine_env=registry_environment(),
        machine_mounts=registry_mounts(),
    )
    started = time.monotonic()
    image = build.target()
    say_what_it_took(part, build, image, time.monotonic() - started)
    return image


def say_what_it_took(part: str, build: Build, image: Image, seconds: float) -> None:
    """How long each step took that took long, and how large the root is beside its base."""
    size = subprocess.run(["du", "-sm", str(image.root)], capture_output=True, text=True, check=True).stdout
    lines = [f"\n{part} {dict(build.arguments)}: {seconds:.0f} s, {size.split()[0]} MiB"]
    lines += [
        f"  line {step.line} {step.name}: {step.seconds:.0f} s" for step in build.steps if step.seconds > 1
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def volume(image: Image, place: Path) -> Mount:
    """A fresh named volume on /data: as a container engine makes it, with what the image has there and its owner."""
    place.mkdir()
    subprocess.run(["cp", "-a", f"{image.root}/data/.", str(place)], check=True)
    there = (image.root / "data").stat()
    os.chown(place, there.st_uid, there.st_gid)
    place.chmod(there.st_mode & 0o7777)
    return Mount(place, "/data")


def answer(url: str, process: "subprocess.Popen[bytes]", log: Path) -> httpx.Response:
    """The first answer of a program that was just started."""
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return httpx.get(url, timeout=60, headers={"Accept-Language": "ja"})
        except httpx.TransportError:
            time.sleep(0.5)
    raise AssertionError(f"{url} does not answer:\n{log.read_text(errors='replace')[-4000:]}")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def files_below(root: Path) -> set[str]:
    """All there is but what belongs to a running system."""
    return {
        str(path.relative_to(root)) for path in root.rglob("*") if path.relative_to(root).parts[0] != "proc"
    }


class TestBackend:
    @pytest.fixture(scope="class")
    def image(self, store: Path, tmp_path_factory: pytest.TempPathFactory) -> Image:
        index = torch_index()
        given = {} if index is None else {"LLMLORA_TORCH_INDEX_URL": index}
        return built(
            "backend", tmp_path_factory.mktemp("backend"), store, VARIANT="cpu", MODELS="baked", **given
        )

    @pytest.fixture
    def room(self, image: Image, tmp_path: Path) -> Iterator[Room]:
        """Where its programs run, without a network; nothing of the image has changed when they are done."""
        before = files_below(image.root)
        yield image.room(mounts=(volume(image, tmp_path / "volume"),), read_only=True, offline=True)
        assert files_below(image.root) == before

    def test_image_begins_as_it_was_agreed(self, image: Image) -> None:
        assert (image.user, image.cwd, image.env["LLMLORA_DATA_DIR"]) == ("10001:10001", "/app", "/data")
        assert image.env["PATH"].split(":")[0] == "/app/.venv/bin"
        assert image.volumes == ["/data"]
        assert image.labels["org.opencontainers.image.licenses"] == "MIT"
        owner = (image.root / "data").stat()
        assert (owner.st_uid, owner.st_gid) == (10001, 10001)

    def test_image_holds_what_programs_need_and_no_more(self, image: Image) -> None:
        app = image.root / "app"
        assert {path.name for path in app.iterdir()} == {".venv", "backend", "tutorial", "LICENSE"}
        wheels = {path.name for path in (app / ".venv/share/llmlora/wheels").iterdir()}
        assert wheels == {one.wheel.file for one in BUNDLED_MODELS.values()}
        compiled = list((app / "backend" / "llmlora").rglob("*.pyc"))
        sources = list((app / "backend" / "llmlora").rglob("*.py"))
        assert len(compiled) == len(sources)
        assert not [
            path
            for path in files_below(image.root)
            if path.startswith(("root/.cache", "var/lib/apt/lists/d"))
        ]

    def test_library_that_a_program_links_is_there(self, image: Image, room: Room, tmp_path: Path) -> None:
        # torch's own tests (bin/test_*) link what only a search path of theirs would find.
        script = """
for file in $(find /app/.venv -name '*.so' -o -name '*.so.*' -o -path '*/bin/*' -not -name 'test_*' -type f); do
  case "$(ldd "$file" 2>/dev/null)" in *"not found"*) echo "$file"; ldd "$file" | grep 'not found';; esac
done
"""
        room.run(["/bin/sh", "-c", script], tmp_path / "log")
        assert (tmp_path / "log").read_text() == ""

    def test_whole_chain_runs_without_a_network(self, room: Room, tmp_path: Path) -> None:
        """Import, training, conversion to GGUF, llama.cpp, gates, answers: PostgreSQL and Valkey are the wheels'."""
        log = tmp_path / "log"
        room.run(["python", "-m", "llmlora.entry.cli", "demo", "--data-dir", "/data", "--json"], log)
        told = log.read_text()
        result = json.loads(told[told.index("\n{") if not told.startswith("{") else 0 :])
        assert result["gates"]["passed"] is True
        assert all(one["tuned_answer"] == one["expected_answer"] for one in result["answers"])

    def test_encoder_is_there_without_a_network(self, room: Room, tmp_path: Path) -> None:
        command = [
            "python",
            "-m",
            "llmlora.entry.cli",
            "models",
            "add",
            "bundled:minilm-l6-v2",
            "--data-dir",
            "/data",
        ]
        room.run(command, tmp_path / "log")

    def test_api_answers_as_it_is_started(self, image: Image, tmp_path: Path) -> None:
        port, log = free_port(), tmp_path / "log"
        room = image.room(mounts=(volume(image, tmp_path / "volume"),), read_only=True)
        with room.with_env(LLMLORA_API_PORT=str(port)).started(image.command, log) as process:
            health = answer(f"http://127.0.0.1:{port}/readyz", process, log)
            courses = httpx.get(f"http://127.0.0.1:{port}/api/courses", timeout=60)
        assert health.status_code == 200, health.text
        assert courses.json(), "the courses are read from the image's own files"

    def test_models_that_are_not_baked_in_are_fetched_at_first_use(
        self, store: Path, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
    ) -> None:
        index = torch_index()
        given = {} if index is None else {"LLMLORA_TORCH_INDEX_URL": index}
        work = tmp_path_factory.mktemp("mounted")
        image = built("backend", work, store, VARIANT="cpu", MODELS="mounted", **given)
        assert list((image.root / "app/.venv/share/llmlora/wheels").iterdir()) == []
        mounts = (volume(image, tmp_path / "volume"), *registry_mounts())
        room = image.room(mounts=mounts, read_only=True).with_env(**registry_environment())
        for reference in BUNDLED_MODELS:
            room.run(
                ["python", "-m", "llmlora.entry.cli", "models", "add", reference, "--data-dir", "/data"],
                tmp_path / "log",
            )


class TestFrontend:
    @pytest.fixture(scope="class")
    def image(self, store: Path, tmp_path_factory: pytest.TempPathFactory) -> Image:
        return built("frontend", tmp_path_factory.mktemp("frontend"), store)

    def test_image_begins_as_it_was_agreed(self, image: Image) -> None:
        assert (image.user, image.cwd, image.command) == ("1000:1000", "/app", ["node", "server.js"])
        assert image.env["PORT"] == "3000"

    def test_image_holds_no_sources_or_tools(self, image: Image) -> None:
        app = image.root / "app"
        assert {path.name for path in app.iterdir()} == {
            ".next",
            "node_modules",
            "package.json",
            "server.js",
            "LICENSE",
        }
        assert not (app / "node_modules" / "typescript").exists()
        assert not (app / "node_modules" / "tailwindcss").exists()

    def test_page_and_its_script_are_served(self, image: Image, tmp_path: Path) -> None:
        port, log = free_port(), tmp_path / "log"
        before = files_below(image.root)
        room = image.room(read_only=True).with_env(PORT=str(port), HOSTNAME="127.0.0.1")
        with room.started(image.command, log) as process:
            page = answer(f"http://127.0.0.1:{port}/datasets", process, log)
            script = page.text.partition('src="/_next/static/')[2].partition('"')[0]
            fetched = httpx.get(f"http://127.0.0.1:{port}/_next/static/{script}", timeout=60)
        assert page.status_code == 200, log.read_text()
        assert 'lang="ja"' in page.text
        assert fetched.status_code == 200
        assert files_below(image.root) == before
