"""What goes over the wire about the machine and the services."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from llmlora.features.system.checks import Finding
from llmlora.inference.ollama.connection import OllamaStatus
from llmlora.kit.manual import address_of


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Versions(_Shape):
    """What is installed. `packages`: by distribution name, only those that are there."""

    llmlora: str
    python: str
    platform: str
    postgresql: str | None
    valkey: str | None
    llama_cpp: str | None
    packages: dict[str, str]


class GpuOut(_Shape):
    """One accelerator now."""

    index: int
    name: str
    utilisation_percent: float | None
    used_bytes: int
    total_bytes: int


class Devices(_Shape):
    """What can compute. `cpu_cores`: physical ones that this process may use."""

    cpu_model: str
    cpu_cores: int
    memory_total_bytes: int
    gpus: list[GpuOut]


class DiskUse(_Shape):
    """What one part of the data directory holds."""

    name: Literal["datasets", "models", "jobs", "uploads", "cache", "postgres"]
    size_bytes: int


class DiskOut(_Shape):
    """The data directory and its disk. `measured_at`: when `uses` was counted (at most 30 s ago)."""

    data_dir: str
    free_bytes: int | None
    total_bytes: int | None
    uses: list[DiskUse]
    measured_at: datetime


class QueueOut(_Shape):
    """Jobs by state, and how long the oldest queued one has waited."""

    pending: int
    queued: int
    running: int
    completed: int
    failed: int
    cancelled: int
    oldest_queued_s: float | None


class WorkerOut(_Shape):
    """One worker. `alive`: heard of within 15 s."""

    id: str
    host: str
    pid: int
    alive: bool
    started_at: datetime
    seen_at: datetime


class ServiceOut(_Shape):
    """One service. `managed`: started by llmlora itself."""

    name: Literal["postgres", "valkey", "inference", "worker"]
    state: Literal["running", "stopped"]
    managed: bool


class InferenceServerOut(_Shape):
    """One server of a model, as the inference process tells it."""

    engine: str
    model: str
    adapters: list[str]
    pid: int
    alive: bool
    in_use: bool
    restarts: int
    last_used: datetime
    rss_bytes: int | None


class SystemOut(_Shape):
    """Everything the system page shows. `queue` and `workers` are null while the database is away."""

    versions: Versions
    devices: Devices
    disk: DiskOut
    queue: QueueOut | None
    workers: list[WorkerOut] | None
    services: list[ServiceOut]
    inference_servers: list[InferenceServerOut]
    ollama: OllamaStatus


class ResourcesOut(_Shape):
    """The machine now. `cpu_percent`: 100 is all cores."""

    at: datetime
    cpu_percent: float
    memory_used_bytes: int
    memory_total_bytes: int
    disk_free_bytes: int | None
    disk_total_bytes: int | None
    gpus: list[GpuOut]


class FindingOut(_Shape):
    """One line of the doctor's report. The cure is null when all is well, `help_…` where no page of the manual treats it."""

    id: str
    ok: bool
    state: Literal["ok", "warn", "fail"]
    detail_ja: str
    detail_en: str
    cure_ja: str | None
    cure_en: str | None
    help_ja: str | None
    help_en: str | None


class DoctorOut(_Shape):
    """The doctor's report. `ok`: nothing fails (warnings do not count)."""

    ok: bool
    findings: list[FindingOut]


class HealthOut(_Shape):
    """The process is alive."""

    status: Literal["alive"]


class ReadyOut(_Shape):
    """Requests can be served. `degraded` lists what is away and would not be missed for good.

    `ollama` need not be there.
    """

    status: Literal["ready", "degraded"]
    degraded: list[Literal["valkey"]]
    ollama: Literal["running", "absent", "failing"]


def finding_out(finding: Finding) -> FindingOut:
    """A finding as the wire shows it."""
    return FindingOut(
        id=finding.id,
        ok=finding.ok,
        state=finding.state,
        detail_ja=finding.ja,
        detail_en=finding.en,
        cure_ja=finding.cure_ja or None,
        cure_en=finding.cure_en or None,
        help_ja=finding.page and address_of(finding.page, "ja"),
        help_en=finding.page and address_of(finding.page, "en"),
    )
