"""The HTTP API: `python -m llmlora.entry.api [--data-dir DIR]`. Never imports torch; every long thing is a job."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import uvicorn
from fastapi import APIRouter, FastAPI
from redis.asyncio import Redis
from sqlalchemy.exc import SQLAlchemyError

from llmlora import __version__
from llmlora.engine.embedded.services import ServiceUrls, running_services
from llmlora.engine.jobs.hints import HintHub
from llmlora.engine.manual.build import SITE
from llmlora.engine.serving.pool_client import InferenceClient
from llmlora.entry.program import run_program
from llmlora.features.batches import endpoints as batches
from llmlora.features.chat import endpoints as chat
from llmlora.features.chat.state import AnsweredSessions
from llmlora.features.courses import endpoints as courses
from llmlora.features.datasets import endpoints as datasets
from llmlora.features.deployments import endpoints as deployments
from llmlora.features.discovery import endpoints as discovery
from llmlora.features.error_pages import endpoints as error_pages
from llmlora.features.evaluations import endpoints as evaluations
from llmlora.features.forecast import endpoints as forecast
from llmlora.features.hub import endpoints as hub
from llmlora.features.jobs import artifacts, streams, whole_files
from llmlora.features.jobs import endpoints as jobs
from llmlora.features.kinds import endpoints as kinds
from llmlora.features.labels import endpoints as labels
from llmlora.features.models import endpoints as models
from llmlora.features.needs import endpoints as needs
from llmlora.features.ollama import endpoints as ollama
from llmlora.features.openai import chat as openai_chat
from llmlora.features.openai import files as openai_files
from llmlora.features.openai import fine_tuning as openai_fine_tuning
from llmlora.features.recipes import endpoints as recipes
from llmlora.features.search import endpoints as search
from llmlora.features.session import endpoints as session
from llmlora.features.session.service import BrowserSessions
from llmlora.features.sweeps import endpoints as sweeps
from llmlora.features.system import endpoints as system
from llmlora.features.system.measured import Measured, Metrics
from llmlora.features.system.monitor import Monitor
from llmlora.features.webhooks import endpoints as webhooks
from llmlora.inference.ollama.connection import OllamaConnection
from llmlora.inference.ollama.names import base_url_of
from llmlora.kit.db import Database
from llmlora.kit.errors import InvalidInputError
from llmlora.kit.settings import Settings
from llmlora.kit.web.api_docs import install_docs
from llmlora.kit.web.body_limit import BodyLimit
from llmlora.kit.web.guard import Guard
from llmlora.kit.web.manual_site import install_manual
from llmlora.kit.web.origins import is_open
from llmlora.kit.web.problems import PROBLEMS, described, install_problems
from llmlora.kit.web.server import stop_on_signals
from llmlora.kit.web.state import WebState
from llmlora.kit.web.token_check import TokenCheck

SLICES = (
    system, session, kinds, datasets, models, discovery, hub, ollama, recipes, forecast, jobs, streams, whole_files, artifacts, deployments, evaluations, chat,
    openai_chat, openai_files, openai_fine_tuning, courses, labels, needs, search, webhooks, error_pages, batches, sweeps,
)  # fmt: skip
# JSON bodies are small; routes that take files set limits of their own.
JSON_BODY_BYTES = 2 << 20


class TokenRequiredError(InvalidInputError):
    """The API would be open to a network without a secret."""

    code = "token_required"
    ja = "{host} で待ち受けるには、LLMLORA_API_TOKEN を設定してください（127.0.0.1 なら不要です）。"
    en = "Set LLMLORA_API_TOKEN to listen on {host} (not needed on 127.0.0.1)."


def routers() -> list[APIRouter]:
    """Every slice's routes."""
    return [module.router for module in SLICES]


def create_app(settings: Settings, urls: ServiceUrls) -> FastAPI:
    """The application; its lifespan opens and closes what `WebState` holds.

    Raises:
        TokenRequiredError: it would listen beyond loopback without a token.
    """
    if is_open(settings) and settings.api_token is None:
        raise TokenRequiredError(host=settings.api_host)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            database, redis = Database(urls.database_url), Redis.from_url(urls.redis_url)
            stack.push_async_callback(database.close)
            stack.push_async_callback(redis.aclose)
            app.state.web = WebState(settings, database, redis)
            app.state.sessions = await asyncio.to_thread(BrowserSessions, database, settings)
            with suppress(
                SQLAlchemyError, OSError
            ):  # a database that is away is asked again with the first session
                await app.state.sessions.end_those_of_other_tokens()
            app.state.hints = HintHub(redis)
            app.state.endpoints = InferenceClient(settings)
            listening = asyncio.create_task(app.state.hints.listen())
            stack.callback(listening.cancel)
            yield

    app = FastAPI(
        title="llmlora",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses=PROBLEMS,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.metrics, app.state.monitor = Metrics(), Monitor(settings)
    app.state.answered_sessions = AnsweredSessions()
    app.state.ollama = OllamaConnection(base_url_of(settings.ollama_host))
    install_problems(app)
    install_docs(app)
    install_manual(app, SITE)
    for router in routers():
        app.include_router(router)
    app.add_middleware(BodyLimit, max_body_size=JSON_BODY_BYTES)
    app.state.token_check = TokenCheck(settings)
    app.add_middleware(
        Guard, settings=settings, token=app.state.token_check, sessions=lambda: app.state.sessions
    )
    app.add_middleware(Measured)
    _describe_errors(app)
    return app


def _describe_errors(app: FastAPI) -> None:
    """Put the schemas of errors, to which routes only refer, and of socket messages into the OpenAPI document."""
    make = app.openapi
    app.openapi = lambda: described(make(), *streams.SOCKET_MESSAGES)  # type: ignore[method-assign]


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    async with running_services(settings) as urls:
        config = uvicorn.Config(
            create_app(settings, urls),
            host=settings.api_host,
            port=settings.api_port,
            log_level=settings.log_level,
            access_log=False,
            proxy_headers=False,
            ws="websockets-sansio",
            timeout_graceful_shutdown=5,
        )
        server = uvicorn.Server(config)
        stop_on_signals(server)
        await server.serve()


if __name__ == "__main__":
    sys.exit(run_program(serve))
