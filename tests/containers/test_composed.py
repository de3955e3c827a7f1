"""docker-compose.yml, run service by service: each answers its own health check, and together they are the studio."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis import Redis

from llmlora.devtools.seeding import FINAL, LEVEL_1, TAUGHT, add_dataset, ask, start_training, until_over
from llmlora.engine.embedded.migrate import known_revisions

from tests.containers.composed import Composed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
# What matters is who answers.
SHORT = {"temperature": 0, "max_tokens": 4, "seed": 1}


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """The studio of docker-compose.yml with two workers, without its pages and Ollama."""
    made = Composed(tmp_path_factory.mktemp("composed"), LLMLORA_LOG_LEVEL="info")
    try:
        made.start("backend")
        made.start("worker")
        made.start("worker", as_name="worker-2")
        made.await_health("backend")
        made.await_health("worker")
        yield made
    finally:
        made.end()


@pytest.fixture
def client(composed: Composed) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=composed.api_url, timeout=300, trust_env=False) as opened:
        yield opened


def until(client: httpx.Client, path: str, holds: Any, within_s: float = 240) -> Any:
    deadline = time.monotonic() + within_s
    while not holds(told := client.get(path).raise_for_status().json()):
        assert time.monotonic() < deadline, told
        time.sleep(0.2)
    return told


def chat_with(client: httpx.Client, model: str) -> str:
    """The stream of events that answers one question."""
    session = client.post("/api/chat/sessions", json={"models": [model], "sampling": SHORT})
    path = f"/api/chat/sessions/{session.raise_for_status().json()['id']}/messages"
    return client.post(path, json={"content": "hello"}).raise_for_status().text


class TestHealth:
    @pytest.mark.parametrize("service", ["postgres", "valkey", "inference", "backend", "worker"])
    def test_each_service_answers_its_own_check(self, composed: Composed, service: str) -> None:
        done = composed.health(service)
        assert done.returncode == 0, done.stderr

    def test_migration_has_completed_before_the_others(self, composed: Composed) -> None:
        assert known_revisions()[-1] in composed.log("migrate")

    def test_system_page_sees_all_and_that_they_are_not_its_own(self, client: httpx.Client) -> None:
        told = client.get("/api/system").raise_for_status().json()
        found = {one["name"]: (one["state"], one["managed"]) for one in told["services"]}
        assert found["postgres"] == found["valkey"] == found["inference"] == ("running", False)
        assert found["worker"][0] == "running"

    def test_queue_is_behind_the_password_that_was_made(self, composed: Composed) -> None:
        password = (composed.root / "secrets" / "valkey_password").read_text()
        port = composed.environment("prepare")["LLMLORA_REDIS_URL"].rpartition(":")[2].partition("/")[0]
        with Redis(port=int(port), password=password) as right:
            assert right.ping()
        done = composed.run(
            "valkey", ["valkey-cli", "-h", "127.0.0.1", "-p", port, "ping"], REDISCLI_AUTH="wrong"
        )
        assert done.returncode == 1

    def test_names_of_other_machines_are_refused(self, client: httpx.Client) -> None:
        assert client.get("/api/system", headers={"host": f"backend:{client.base_url.port}"}).is_success
        assert client.get("/api/system", headers={"host": "rebound.example"}).status_code == 421


class TestTogether:
    def test_two_workers_share_the_queue(
        self, composed: Composed, client: httpx.Client, tiny_gguf: Path, tmp_path: Path
    ) -> None:
        assert len(until(client, "/api/system", lambda told: len(told["workers"]) == 2)["workers"]) == 2
        (tmp_path / "config.json").write_text("{}")
        jobs = dict[str, str]()
        for reference, ends in ((f"path:{tiny_gguf}", "completed"), (f"path:{tmp_path}", "failed")):
            asked = {"recipe": "import_base_model", "config": {"reference": reference}}
            jobs[client.post("/api/training/jobs", json=asked).raise_for_status().json()["id"]] = ends
        for job, ends in jobs.items():
            over = until(client, f"/api/training/jobs/{job}", lambda told: told["state"] in FINAL)
            assert over["state"] == ends, over["failure"]
        # A worker does one import at a time: each has said of one of them that it started.
        logs = [composed.log(name) for name in ("worker", "worker-2")]
        started = [[job for job in jobs if job in log] for log in logs]
        assert sorted(map(len, started)) == [1, 1], logs

    def test_chat_passes_through_the_inference_service(self, client: httpx.Client, tiny_gguf: Path) -> None:
        answer = chat_with(client, f"path:{tiny_gguf}")
        assert "event: error" not in answer
        servers = client.get("/api/system").raise_for_status().json()["inference_servers"]
        assert [one["engine"] for one in servers] == ["llama.cpp"]

    def test_wrong_token_is_refused_in_words(self, composed: Composed) -> None:
        asked = ["python", "-m", "llmlora.entry.healthy", "inference"]
        done = composed.run("backend", asked, LLMLORA_INFERENCE_TOKEN="another")
        assert done.returncode == 1
        assert "inference_token_refused" in done.stderr
        assert "LLMLORA_INFERENCE_TOKEN" in done.stderr
        assert "another" not in done.stderr


@pytest.mark.long
class TestLevel1:
    def test_from_a_file_to_a_model_that_answers(self, composed: Composed) -> None:
        """Upload, train, export, gates, deploy, chat: by HTTP, each step by the service that does it."""

        async def flow() -> tuple[str, dict[str, Any], str]:
            async with httpx.AsyncClient(base_url=composed.api_url, timeout=600, trust_env=False) as client:
                dataset = await add_dataset(client, "level1.json", LEVEL_1.read_bytes(), "level 1")
                job = await start_training(client, dataset, "level 1", TAUGHT, deploy=True)
                await until_over(client, job)
                deployments = await ask(client, "GET", "/api/deployments")
                made = next(one for one in deployments["data"] if one["training_job_id"] == job)
                question = {"model": made["name"], "temperature": 0, "max_tokens": 48}
                question["messages"] = [{"role": "user", "content": "日本の首都はどこですか？"}]
                answer = await ask(client, "POST", "/v1/chat/completions", json=question)
                return job, made, answer["choices"][0]["message"]["content"]

        _, made, answer = asyncio.run(flow())
        assert made["state"] == "ready"
        assert "東京" in answer


class TestPages:
    def test_server_of_the_pages_answers_its_check_and_draws_what_the_api_tells(
        self, composed: Composed
    ) -> None:
        composed.start("frontend")
        composed.await_health("frontend")
        url = f"http://127.0.0.1:{composed.pages_port}"
        with httpx.Client(base_url=url, timeout=120, trust_env=False, follow_redirects=True) as visitor:
            page = visitor.get("/system")
        assert page.status_code == 200
        assert str(composed.api_port) in page.text


def test_programs_end_in_good_order(tmp_path: Path) -> None:
    made = Composed(tmp_path)
    try:
        made.start("inference")
        made.await_health("inference")
    finally:
        ended = made.end()
    assert ended == {"inference": 0}
