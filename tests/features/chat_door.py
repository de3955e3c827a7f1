"""The API's door for tests of what is served: an app with real servers behind it, and rows that name the tiny Llama."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import APIRouter, FastAPI
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.contracts.run import EndpointInput
from llmlora.contracts.states import JobState
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.serving.spec import EndpointSource, LlamaCppSpec
from llmlora.entry.api import create_app, routers
from llmlora.features.deployments import registry
from llmlora.features.deployments.schemas import DeployedFiles
from llmlora.features.jobs.repository import keep_job
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow

CANCELLED = """
UPDATE job SET state = 'cancelled' WHERE state IN ('pending', 'queued', 'running')
AND id IN (SELECT job_id FROM need WHERE needed_base_model_id = :id)
"""
"""The jobs that keep a base model from going."""


class Nowhere:
    """A source whose servers have all gone."""

    async def endpoint(self, spec: LlamaCppSpec) -> EndpointInput:
        """An address where nobody listens."""
        return EndpointInput(engine="llama_cpp", base_url="http://127.0.0.1:9", model=spec.model_name)


@asynccontextmanager
async def running_app(
    settings: Settings, urls: ServiceUrls, endpoints: EndpointSource | None, *own: APIRouter
) -> AsyncIterator[FastAPI]:
    """The application within its lifespan, with these routers and this source of servers."""
    app = create_app(settings, urls)
    for router in own:
        if router not in routers():
            app.include_router(router)
    async with app.router.lifespan_context(app):
        app.state.endpoints = endpoints
        yield app


def client_of(app: FastAPI) -> httpx.AsyncClient:
    """Asks the application without a socket."""
    headers = {"accept-language": "en"}
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost", headers=headers, timeout=60
    )


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[str]:
    """The application on a loopback socket: only there can a client leave in the middle. Its address."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, lifespan="off", log_level="warning", timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        # The socket listens before the server does: requests wait in its backlog.
        bound.listen()
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        server.should_exit = True
        await serving


# What is told of every base that is there.
FACTS = {
    "model_type": "llama",
    "vocab_size": 256,
    "dtype": "float32",
    "eos_token": "</s>",
    "linear_layers": {"q_proj": 1},
    "gguf_sha256": None,
    "ignored_files": [],
}


@asynccontextmanager
async def registered_base(
    database: Database, gguf: Path | None, **columns: Any
) -> AsyncIterator[BaseModelRow]:
    """A base model's row while the block runs."""
    id_ = new_id("bm")
    row = BaseModelRow.model_validate(
        {
            "id": id_,
            "reference": f"hf:tests/tiny-{id_}",
            "source": "hf",
            "path": "/nowhere",
            "gguf_path": None if gguf is None else str(gguf),
            "architecture": "LlamaForCausalLM",
            "parameters": 1,
            "context_length": 2048,
            "weights_digest": id_,
            "tokenizer_hash": id_,
            "size_bytes": 1,
            "facts": {"files": {}, "requested": [], **FACTS},
            "created_at": utc_now(),
            **columns,
        }
    )
    async with database.unit_of_work() as session:
        session.add(row)
    try:
        yield row
    finally:
        async with database.unit_of_work() as session:
            await session.execute(text(CANCELLED), {"id": id_})
            await session.execute(delete(DeploymentRow).where(col(DeploymentRow.base_model_id) == id_))
            await session.execute(delete(BaseModelRow).where(col(BaseModelRow.id) == id_))


def files_of(gguf: Path | str = "base.gguf", n_ctx: int = 2048, **more: str | None) -> DeployedFiles:
    """What serves a base model without an adapter."""
    empty = dict.fromkeys(("adapter_gguf", "adapter_sha256", "chat_template", "adapter_dir"))
    return DeployedFiles.model_validate(
        {"base_gguf": str(gguf), "base_quantisation": "trained_gguf", "n_ctx": n_ctx} | empty | more
    )


async def job_over(session: AsyncSession, job_id: str | None = None) -> str:
    """A job that has ended, for a deployment to be of; its id."""
    now = utc_now()
    job = JobRow(
        id=job_id or new_id("job"),
        name="over",
        recipe="nobody_runs_this",
        state=JobState.QUEUED,
        config={},
        inputs={},
        next_run_at=now,
        created_at=now,
    )
    if await session.get(JobRow, job.id) is None:
        await keep_job(session, job, ())
        job.state = JobState.CANCELLED
        await session.flush()
    return job.id


async def proposed(
    database: Database, base: BaseModelRow, files: DeployedFiles | None = None, name: str = "ft:tiny"
) -> DeploymentRow:
    """A deployment that is being checked."""
    async with database.unit_of_work() as session:
        job_id = await job_over(session)
        return await registry.propose_deployment(
            session,
            job_id=job_id,
            training_job_id=None,
            name=f"{name}:{job_id}",
            base_model_id=base.id,
            served=files or files_of(),
        )


async def accepted(
    database: Database, base: BaseModelRow, files: DeployedFiles | None = None, name: str = "ft:tiny"
) -> DeploymentRow:
    """A deployment that is ready."""
    row = await proposed(database, base, files, name)
    assert row.job_id is not None
    async with database.unit_of_work() as session:
        await registry.accept_deployment(session, row.job_id, {"passed": True})
    return row


def events_of(body: str) -> list[tuple[str, dict[str, Any]]]:
    """Server-Sent Events as (name, data)."""
    found = []
    for block in body.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":"))
        if lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found
