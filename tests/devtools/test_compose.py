"""docker-compose.yml is valid; whoever plants a fault in it or in .env.example is told."""

import os
import stat
from pathlib import Path

import pytest

from llmlora.devtools.checks.compose import COMPOSE, EXAMPLE, compose_problem, problems, read_services
from llmlora.devtools.checks.interpolation import NotInterpolatedError, Use, interpolated, uses


@pytest.fixture(scope="module")
def compose() -> str:
    return COMPOSE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def example() -> str:
    return EXAMPLE.read_text(encoding="utf-8")


class TestOurs:
    def test_nothing_is_wrong(self) -> None:
        assert compose_problem() == ""

    def test_every_program_is_a_service(self, compose: str) -> None:
        services = read_services(compose, {})
        assert {
            "frontend", "backend", "worker", "inference", "migrate", "postgres", "valkey", "llmlora-ollama",
        } <= services.keys()  # fmt: skip
        assert services["llmlora-ollama"]["container_name"] == "llmlora-ollama"

    def test_gpu_is_a_profile_and_nothing_else_reserves_one(self, compose: str) -> None:
        for service in read_services(compose, {}).values():
            reserved = service["deploy"]["resources"].get("reservations", {}).get("devices", [])
            assert bool(reserved) == (service.get("profiles") == ["gpu"])

    def test_three_doors_are_open_on_loopback(self, compose: str) -> None:
        services = read_services(compose, {})
        published = {name: one["ports"] for name, one in services.items() if "ports" in one}
        assert published["frontend"] == ["127.0.0.1:3000:3000"]
        assert published["backend"] == ["127.0.0.1:8000:8000"]
        assert published["llmlora-ollama"] == ["127.0.0.1:11434:11434"]
        assert published.keys() == {"frontend", "backend", "llmlora-ollama", "ollama-gpu"}

    def test_worker_only_reads_the_store_of_ollama(self, compose: str) -> None:
        services = read_services(compose, {})
        assert "ollama:/ollama:ro" in services["worker"]["volumes"]
        assert services["worker"]["environment"]["LLMLORA_OLLAMA_MODELS"] == "/ollama/models"


FAULTS = [
    ("  command: [node, server.js]\n", "  comand: [node, server.js]\n", "services.frontend"),
    ("    restart: \"no\"\n    x-why-no", "    restart: unless-stopped\n    x-why-no", "which is restarted"),
    ("    networks: [store]\n    depends_on:\n      postgres:", "    networks: [store]\n    depends_on:\n      postgress:", "postgress, which is no service"),
    ('ports: ["127.0.0.1:${LLMLORA_API_PORT:-8000}:', 'ports: ["${LLMLORA_API_PORT:-8000}:', "beyond 127.0.0.1"),
    ('ports: ["127.0.0.1:${LLMLORA_API_PORT:-8000}:', 'ports: ["0.0.0.0:${LLMLORA_API_PORT:-8000}:', "beyond 127.0.0.1"),
    ("    command: [node, server.js]\n", "    command: [node, server.js]\n    privileged: true\n", "is privileged"),
    ("    command: [node, server.js]\n", "    command: [node, server.js]\n    pid: host\n", "pid is the host's"),
    ("  cap_drop: [ALL]\n", "", "keeps capabilities"),
    ('  security_opt: ["no-new-privileges:true"]\n', "", "may gain privileges"),
    ("  read_only: true\n", "", "root that can be written"),
    ('    user: "1000:1000"\n', "", "does not say why (x-why-root)"),
    ("    x-why-no-healthcheck: It ends; those who need it wait until it has completed.\n", "", "x-why-no-healthcheck"),
    ("valkey/valkey:9.1.2", "valkey/valkey", "no pinned tag"),
    ("valkey/valkey:9.1.2", "valkey/valkey:latest", "no pinned tag"),
    ("llmlora-frontend:0.1.0", "llmlora-frontend:0.0.9", "another version than the code"),
    ("memory: 512m, pids: 64", "pids: 64", "no limit of memory"),
    ("x-worker: &worker\n", "x-worker: &worker\n  container_name: llmlora-worker\n", "stands in the way of --scale"),
    ('["data:/data", "secrets:/run/llmlora", "ollama:/ollama"]', '["/var/run/docker.sock:/s"]', "engine's socket"),
    ("${LLMLORA_API_URL:-}", "${LLMLORA_API_URI:-}", "LLMLORA_API_URI is not in .env.example"),
    ("${LLMLORA_OLLAMA_PORT:-11434}", "${LLMLORA_OLLAMA_PORT:-11435}", "11435 without a .env, and 11434"),
    ("${LLMLORA_API_URL:-}", "${LLMLORA_API_URL:?is needed}", "LLMLORA_API_URL: is needed"),
    ("$$(cat", "$(cat", "is written $$"),
    ("services:\n", "services: [\n", "docker-compose.yml"),
]  # fmt: skip


class TestPlantedFault:
    @pytest.mark.parametrize(("right", "wrong", "told"), FAULTS, ids=[told for _, _, told in FAULTS])
    def test_is_told(self, compose: str, example: str, right: str, wrong: str, told: str) -> None:
        assert right in compose
        found = problems(compose.replace(right, wrong), example)
        assert any(told in one for one in found), found

    def test_condition_on_health_that_nobody_checks_is_told(self, compose: str, example: str) -> None:
        frontend = compose.index("  frontend:")
        begin = compose.index("    healthcheck:\n      test: [CMD, python, -m, llmlora.entry.healthy, api]")
        end = compose.index("    deploy:", begin)
        assert end < frontend
        found = problems(compose[:begin] + compose[end:], example)
        assert any("waits until backend is healthy" in one for one in found)

    def test_variable_missing_in_the_example_is_told(self, compose: str, example: str) -> None:
        without = example.replace("# LLMLORA_WORKER_MEMORY=8g\n", "")
        assert any("LLMLORA_WORKER_MEMORY is not in" in one for one in problems(compose, without))


class TestEngine:
    def test_its_refusal_is_a_problem(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        engine = tmp_path / "docker-compose"
        engine.write_text(
            '#!/bin/sh\n[ "$1" = version ] && echo 2.40.3 && exit\necho "no good: $2"; exit 15\n'
        )
        engine.chmod(engine.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin" if os.name == "posix" else "")
        assert f"no good: {EXAMPLE}" in compose_problem()

    def test_old_one_that_cannot_read_the_format_is_not_asked(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        engine = tmp_path / "docker-compose"
        engine.write_text('#!/bin/sh\n[ "$1" = version ] && echo 1.29.2 && exit\nexit 15\n')
        engine.chmod(engine.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
        assert compose_problem() == ""


class TestInterpolation:
    @pytest.mark.parametrize(
        ("written", "filled"),
        [
            ("$A and ${A}", "1 and 1"), ("${NONE}", ""), ("${EMPTY:-x}", "x"), ("${EMPTY-x}", ""), ("${NONE-x}", "x"),
            ("${A:-x}", "1"), ("${A:+x}", "x"), ("${EMPTY:+x}", ""), ("${A:?needed}", "1"), ("$$A", "$A"), ("plain", "plain"),
        ],
    )  # fmt: skip
    def test_as_the_specification_says(self, written: str, filled: str) -> None:
        assert interpolated({"a": [written, 7]}, {"A": "1", "EMPTY": ""}) == {"a": [filled, 7]}

    def test_variable_that_is_demanded_is_named(self) -> None:
        with pytest.raises(NotInterpolatedError, match=r"SECRET: set it in \.env"):
            interpolated("${SECRET:?set it in .env}", {"SECRET": ""})

    def test_uses_are_found_with_their_defaults(self) -> None:
        assert set(uses({"a": ["${A:-1}", "$$B"], "b": "${C:?x}"})) == {Use("A", "1"), Use("C", None)}
