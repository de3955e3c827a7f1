"""The machine and the services through the HTTP door: what is away is shown as away, and nothing loads torch."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from llmlora.contracts.events import ResourceSample
from llmlora.contracts.run import RunInputs, RunSpec
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.api import create_app
from llmlora.features.jobs.repository import keep_job
from llmlora.features.system.checks import examine_machine
from llmlora.features.system.endpoints import router
from llmlora.features.system.measured import Measured
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.machine import MachineProbe, memory_now
from llmlora.kit.settings import Settings
from llmlora.recipes.context import ChildContext
from llmlora.tables.job import JobRow
from llmlora.tables.worker import WorkerRow

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
# Nobody listens on the discard port.
NOWHERE = "127.0.0.1:9"


def app_of(settings: Settings, services: ServiceUrls) -> FastAPI:
    """The application with the routes of the system, whether it lists them itself or not."""
    app = create_app(settings, services)
    if "/api/system" not in app.openapi()["paths"]:
        app.include_router(router)
        app.openapi_schema = None
    if all(one.cls is not Measured for one in app.user_middleware):
        app.add_middleware(Measured)
    return app


@asynccontextmanager
async def door(settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    app = app_of(settings, services)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as opened,
    ):
        yield opened


@pytest.fixture
async def client(settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    async with door(settings, services) as opened:
        yield opened


@pytest.fixture
async def queued_job(database: Database) -> AsyncIterator[str]:
    """A job that waits since a minute, for a recipe nobody runs."""
    job_id, now = new_id("job"), utc_now()
    async with database.unit_of_work() as session:
        await keep_job(
            session,
            JobRow(
                id=job_id,
                name="waits",
                recipe="nobody_runs_this",
                state="pending",
                config={},
                inputs={},
                next_run_at=now - timedelta(minutes=1),
                created_at=now,
            ),
            (),
        )
    yield job_id
    async with database.unit_of_work() as session:
        await session.execute(text("UPDATE job SET state = 'cancelled' WHERE id = :id"), {"id": job_id})
        await session.execute(text("DELETE FROM job WHERE id = :id"), {"id": job_id})


def without_database(services: ServiceUrls) -> ServiceUrls:
    return ServiceUrls(f"postgresql://nobody:secret@{NOWHERE}/nothing", services.redis_url)


def without_valkey(services: ServiceUrls) -> ServiceUrls:
    return ServiceUrls(services.database_url, f"redis://{NOWHERE}")


def metric(scrape: str, name: str, **labels: str) -> float | None:
    for family in text_string_to_metric_families(scrape):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return sample.value
    return None


class TestProbes:
    async def test_process_is_alive_without_any_service(
        self, settings: Settings, services: ServiceUrls
    ) -> None:
        away = ServiceUrls(without_database(services).database_url, without_valkey(services).redis_url)
        async with door(settings, away) as client:
            assert (await client.get("/healthz")).json() == {"status": "alive"}

    async def test_migrated_database_is_ready(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/readyz")
        assert answer.status_code == 200
        told = answer.json()
        assert (told["status"], told["degraded"]) == ("ready", [])
        assert told["ollama"] in ("running", "absent", "failing")

    async def test_missing_valkey_only_degrades(self, settings: Settings, services: ServiceUrls) -> None:
        async with door(settings, without_valkey(services)) as client:
            answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["degraded"]) == (200, ["valkey"])

    async def test_missing_database_is_a_problem(self, settings: Settings, services: ServiceUrls) -> None:
        async with door(settings, without_database(services)) as client:
            answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["code"]) == (503, "database_away")

    async def test_tables_of_another_version_are_a_problem(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        async with database.unit_of_work() as session:
            known = await session.scalar(text("SELECT version_num FROM alembic_version"))
            await session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        try:
            answer = await client.get("/readyz")
        finally:
            async with database.unit_of_work() as session:
                await session.execute(
                    text("UPDATE alembic_version SET version_num = :known"), {"known": known}
                )
        assert (answer.status_code, answer.json()["code"]) == (503, "database_not_migrated")


class TestSystem:
    async def test_shows_versions_devices_and_services(self, client: httpx.AsyncClient) -> None:
        told = (await client.get("/api/system")).json()
        assert told["versions"]["postgresql"].startswith("1")
        assert told["versions"]["valkey"]
        assert told["versions"]["packages"]["torch"].startswith("2.")
        assert told["versions"]["llama_cpp"] == told["versions"]["packages"]["xllamacpp"]
        assert told["devices"]["cpu_cores"] >= 1
        assert told["devices"]["memory_total_bytes"] == memory_now().total_bytes
        states = {one["name"]: one["state"] for one in told["services"]}
        assert states["postgres"] == states["valkey"] == "running"
        assert states["inference"] == "stopped"

    async def test_counts_what_the_data_directory_holds(
        self, client: httpx.AsyncClient, data_dir: Path
    ) -> None:
        (data_dir / "datasets" / "ds_1").mkdir(parents=True)
        (data_dir / "datasets" / "ds_1" / "rows.parquet").write_bytes(b"x" * 1234)
        told = (await client.get("/api/system")).json()["disk"]
        assert {"name": "datasets", "size_bytes": 1234} in told["uses"]
        assert 0 < told["free_bytes"] <= told["total_bytes"]

    async def test_queue_and_live_workers_are_counted(
        self, client: httpx.AsyncClient, database: Database, queued_job: str
    ) -> None:
        now = utc_now()
        lately, long_ago = new_id("worker"), new_id("worker")
        async with database.unit_of_work() as session:
            for id_, seen in ((lately, now), (long_ago, now - timedelta(seconds=60))):
                session.add(WorkerRow(id=id_, host="here", pid=1, capacity={}, started_at=seen, seen_at=seen))
        told = (await client.get("/api/system")).json()
        async with database.unit_of_work() as session:
            await session.execute(text("DELETE FROM worker WHERE host = 'here'"))
        alive = {one["id"]: one["alive"] for one in told["workers"]}
        assert alive[lately] is True
        assert alive[long_ago] is False
        assert told["queue"]["pending"] >= 1
        assert {"name": "worker", "state": "running", "managed": True} in told["services"]

    async def test_outage_is_shown_not_raised(self, settings: Settings, services: ServiceUrls) -> None:
        async with door(settings, without_database(services)) as client:
            told = (await client.get("/api/system")).json()
        assert told["queue"] is None
        assert told["workers"] is None
        assert {"name": "postgres", "state": "stopped", "managed": True} in told["services"]


class TestResources:
    async def test_sample_is_plausible(self, client: httpx.AsyncClient) -> None:
        told = (await client.get("/api/system/resources")).json()
        assert 0 <= told["cpu_percent"] <= 100
        assert 0 < told["memory_used_bytes"] < told["memory_total_bytes"]

    async def test_busy_processor_is_seen(self, tmp_path: Path) -> None:
        probe = MachineProbe(tmp_path)
        sum(i * i for i in range(3_000_000))
        assert probe.sample().cpu_percent > 5

    async def test_disk_of_a_directory_that_is_not_there_yet(self, tmp_path: Path) -> None:
        disk = MachineProbe(tmp_path / "not" / "yet").sample().disk
        assert disk is not None
        assert disk.free_bytes > 0

    async def test_run_tells_what_its_machine_has_left(self, tmp_path: Path) -> None:
        spec = RunSpec(job_id="job_x", epoch=1, recipe="x", config={}, inputs=RunInputs(), data_dir=tmp_path)
        events = tmp_path / "events"
        with events.open("wb") as stream, ChildContext(spec, tmp_path, stream.fileno()).sampled_resources():
            for _ in range(60):
                await asyncio.sleep(0.1)
                if events.read_bytes().endswith(b"\n"):
                    break
            body = json.loads(events.read_text().splitlines()[0])["body"]
        sample = ResourceSample.model_validate(body)
        assert sample.machine_cpu_percent is not None
        assert sample.memory_used_bytes is not None
        assert sample.memory_total_bytes == memory_now().total_bytes
        assert sample.disk_free_bytes


class TestDoctor:
    @pytest.mark.slow
    async def test_finds_this_installation_sound(self, client: httpx.AsyncClient) -> None:
        told = (await client.get("/api/system/doctor", timeout=300)).json()
        by_id = {one["id"]: one for one in told["findings"]}
        assert by_id["torch"]["ok"], by_id["torch"]
        assert by_id["bundled_model"]["ok"]
        assert by_id["postgres"]["ok"]
        assert by_id["inference"]["cure_ja"] != by_id["inference"]["cure_en"]
        assert all((one["cure_ja"] is None) == one["ok"] for one in told["findings"])

    async def test_directory_that_cannot_be_written_fails_with_a_cure(self) -> None:
        found = {one.id: one for one in examine_machine(Settings(data_dir=Path("/proc/nowhere")))}
        assert found["data_dir"].state == "fail"
        assert "--data-dir" in found["data_dir"].cure_en

    async def test_command_line_tells_the_same(self, tmp_path: Path) -> None:
        found = [one.id for one in examine_machine(Settings(data_dir=tmp_path))]
        code = (
            "import sys, json; from pathlib import Path; from llmlora.entry.commands.doctor import examine\n"
            "from llmlora.kit.settings import Settings\n"
            "steps = examine(Settings(data_dir=Path(sys.argv[1])))\n"
            f"print(json.dumps([next(steps).id for _ in range({len(found)})]))\n"
            "print([m for m in ('torch', 'transformers') if m in sys.modules])"
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, str(tmp_path), stdout=asyncio.subprocess.PIPE
        )
        told, _ = await process.communicate()
        assert told.decode().splitlines() == [json.dumps(found), "[]"]


class TestMetrics:
    async def test_requests_are_counted_by_route_template(self, client: httpx.AsyncClient) -> None:
        for name in ("text_lora", "nope"):
            await client.get(f"/api/nowhere/{name}")
        await client.get("/healthz")
        await client.get("/healthz")
        scrape = (await client.get("/metrics")).text
        healthz = {"method": "GET", "route": "/healthz"}
        assert metric(scrape, "llmlora_http_requests_total", **healthz, status="200") == 2
        assert metric(scrape, "llmlora_http_request_duration_seconds_count", **healthz) == 2
        assert metric(scrape, "llmlora_http_requests_total", route="unmatched", status="404") == 2

    async def test_refused_hosts_are_counted(self, client: httpx.AsyncClient) -> None:
        await client.get("/healthz", headers={"host": "evil.example"})
        scrape = (await client.get("/metrics")).text
        assert metric(scrape, "llmlora_http_requests_total", status="421") == 1

    async def test_jobs_and_process_are_told(self, client: httpx.AsyncClient, queued_job: str) -> None:
        answer = await client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain")
        assert (metric(answer.text, "llmlora_jobs", state="pending") or 0) >= 1
        assert metric(answer.text, "llmlora_jobs", state="failed") is not None
        assert metric(answer.text, "llmlora_database_up") == 1
        assert (metric(answer.text, "process_resident_memory_bytes") or 0) > 1e6

    async def test_old_figures_are_not_told_when_the_database_is_away(
        self, settings: Settings, services: ServiceUrls
    ) -> None:
        async with door(settings, without_database(services)) as client:
            scrape = (await client.get("/metrics")).text
        assert metric(scrape, "llmlora_database_up") == 0
        assert metric(scrape, "llmlora_jobs", state="queued") is None

    async def test_two_applications_count_apart(
        self, client: httpx.AsyncClient, settings: Settings, services: ServiceUrls
    ) -> None:
        await client.get("/healthz")
        async with door(settings, services) as other:
            scrape = (await other.get("/metrics")).text
        assert metric(scrape, "llmlora_http_requests_total", route="/healthz") is None
