"""The HTTP API: `python -m llmlora.entry.api --data-dir DIR`. Never imports torch; every long thing is a job."""

import argparse
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import APIRouter, FastAPI
from redis.asyncio import Redis
from starlette.middleware.cors import CORSMiddleware

from llmlora import __version__
from llmlora.engine.embedded.services import ServiceUrls, running_services
from llmlora.kit.db import Database
from llmlora.kit.errors import InvalidInputError
from llmlora.kit.log import configure_logging
from llmlora.kit.settings import Settings
from llmlora.kit.web.guard import Guard
from llmlora.kit.web.problems import PROBLEMS, Problem, install_problems
from llmlora.kit.web.state import WebState

# JSON bodies are small; routes that take files set limits of their own.
JSON_BODY_BYTES = 2 << 20
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class TokenRequiredError(InvalidInputError):
    """The API would be open to a network without a secret."""

    code = "token_required"
    ja = "{host} で待ち受けるには LLMLORA_API_TOKEN を設定してください（127.0.0.1 なら不要です）。"
    en = "Set LLMLORA_API_TOKEN to listen on {host} (127.0.0.1 needs none)."


def routers() -> list[APIRouter]:
    """Every slice's routes."""
    return []


def create_app(settings: Settings, urls: ServiceUrls) -> FastAPI:
    """The application; its lifespan opens and closes what `WebState` holds.

    Raises:
        TokenRequiredError: it would listen beyond loopback without a token.
    """
    if settings.api_host not in LOOPBACK and settings.api_token is None:
        raise TokenRequiredError(host=settings.api_host)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            database, redis = Database(urls.database_url), Redis.from_url(urls.redis_url)
            stack.push_async_callback(database.close)
            stack.push_async_callback(redis.aclose)
            app.state.web = WebState(settings, database, redis)
            yield

    app = FastAPI(
        title="llmlora",
        version=__version__,
        lifespan=lifespan,
        docs_url="/docs",
        redoc_url=None,
        responses=PROBLEMS,
        max_body_size=JSON_BODY_BYTES,
        generate_unique_id_function=lambda route: route.name,
    )
    install_problems(app)
    for router in routers():
        app.include_router(router)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=[o.strip() for o in settings.allowed_origins.split(",") if o.strip()],
        allow_credentials=True,
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=["*"],
    )
    app.add_middleware(Guard, settings=settings)
    _describe_problem(app)
    return app


def _describe_problem(app: FastAPI) -> None:
    """Put the problem's schema, which routes only refer to, into the OpenAPI document."""
    make = app.openapi

    def with_problem() -> dict[str, object]:
        document = make()
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        parts = schema.pop("$defs")
        document.setdefault("components", {}).setdefault("schemas", {}).update({**parts, "Problem": schema})
        return document

    app.openapi = with_problem  # type: ignore[method-assign]


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
        await uvicorn.Server(config).serve()


def main() -> None:
    """Parse the arguments that `up` gives and serve."""
    import asyncio

    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", type=Path, required=True)
    given = parser.parse_args()
    settings = Settings().model_copy(update={"data_dir": given.data_dir.resolve()})
    configure_logging(settings.log_level)
    asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
