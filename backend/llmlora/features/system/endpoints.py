"""`/api/system`, the probes of supervisors and load balancers, and the figures for Prometheus."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from llmlora.features.models.ollama_connection import Ollama
from llmlora.features.system import service
from llmlora.features.system.measured import metrics_of
from llmlora.features.system.monitor import monitor_of
from llmlora.features.system.schemas import (
    DoctorOut,
    HealthOut,
    ReadyOut,
    ResourcesOut,
    SystemOut,
    finding_out,
)
from llmlora.kit.web.state import Web

router = APIRouter(tags=["system"])


@router.get("/healthz")
async def check_health() -> HealthOut:
    """The process is alive; nothing else is asked."""
    return HealthOut(status="alive")


@router.get("/readyz")
async def check_readiness(web: Web, ollama: Ollama) -> ReadyOut:
    """Requests can be served: 200 when PostgreSQL answers with this version's tables, else 503."""
    return await service.check_ready(web.database, web.redis, ollama)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def read_metrics(request: Request, web: Web) -> Response:
    """Jobs, requests and the process in Prometheus's text format."""
    metrics = metrics_of(request.app)
    stored = await service.look_into(web.database)
    metrics.set_queue(stored.jobs if stored else None, stored.oldest_queued_s if stored else None)
    return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)


@router.get("/api/system")
async def describe_system(request: Request, web: Web, ollama: Ollama) -> SystemOut:
    """Versions, devices, disk, queue, workers and services."""
    monitor = monitor_of(request.app)
    return await service.describe_system(web.database, web.redis, web.settings, monitor, ollama)


@router.get("/api/system/resources")
async def sample_resources(request: Request) -> ResourcesOut:
    """How busy the machine is now; cheap enough to ask every other second."""
    return await service.describe_resources(monitor_of(request.app))


@router.get("/api/system/doctor")
async def examine_system(request: Request, web: Web, ollama: Ollama) -> DoctorOut:
    """What is wrong with this machine, and the cure; takes some seconds the first time."""
    monitor = monitor_of(request.app)
    found = await service.examine_system(web.database, web.redis, web.settings, monitor, ollama)
    return DoctorOut(ok=all(one.state != "fail" for one in found), findings=list(map(finding_out, found)))
