"""The inference process: `python -m llmlora.entry.inference [--data-dir DIR]`. Its servers of models live and die with it.

It listens on a free loopback port, behind a token that only this user can read (`DIR/run/inference.json`); or where
`LLMLORA_INFERENCE_URL` says, behind `LLMLORA_INFERENCE_TOKEN`, and passes on what is asked of its servers (ADR 0038).
"""

import asyncio
import fcntl
import hmac
import secrets
import shutil
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path

import structlog
import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from llmlora.contracts.run import EndpointInput
from llmlora.engine.platform.listening import require_free_port
from llmlora.engine.serving.address import InferenceAddress, inference_address
from llmlora.engine.serving.forwarding import Forwarding
from llmlora.engine.serving.pool import ServerPool, ServerStatus
from llmlora.engine.serving.record import published_record
from llmlora.engine.serving.spec import ServerSpec
from llmlora.entry.program import run_program
from llmlora.kit.errors import AppError, ConflictError, InvalidInputError
from llmlora.kit.sent_errors import SentError
from llmlora.kit.settings import Settings
from llmlora.kit.web.server import stop_on_signals

BODY_BYTES = 1 << 20
# Every child is waited for in a thread of the loop's executor, which has only five on a machine of one core.
THREADS = 64
GRACE_S = 1

_log = structlog.get_logger()


class InferenceRunsError(ConflictError):
    """Another inference process serves the data directory."""

    code = "inference_runs"
    ja = "{data_dir} の推論プロセスがすでに動いています。先に停止してください。"
    en = "An inference process is already running for {data_dir}. Stop it first."


class SpecInvalidError(InvalidInputError):
    """The body is not a server's description; client and process are of different versions."""

    code = "inference_spec_invalid"
    ja = "推論サーバーの指定が正しくありません（{reason}）。その項目を直してください。"
    en = "The settings of the inference server are not valid ({reason}). Fix those fields."


def create_inference_app(pool: ServerPool, token: str) -> FastAPI:
    """Routes over a pool; each needs the token."""
    app = FastAPI(openapi_url=None, max_body_size=BODY_BYTES)

    @app.post("/endpoints")
    async def open_endpoint(spec: ServerSpec) -> EndpointInput:
        return await pool.endpoint(spec)

    @app.get("/servers")
    async def list_servers() -> list[ServerStatus]:
        return pool.status()

    @app.get("/healthz", status_code=204)
    async def healthz() -> None:
        return None

    expected = f"Bearer {token}".encode()

    @app.middleware("http")
    async def need_token(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        given = request.headers.get("authorization", "").encode()
        return await go_on(request) if hmac.compare_digest(given, expected) else Response(status_code=401)

    _answer_errors(app)
    return app


def _answer_errors(app: FastAPI) -> None:
    """Every error as a `SentError`."""

    async def on_app_error(_request: Request, error: AppError) -> Response:
        return _refusal(error)

    async def on_invalid(_request: Request, error: RequestValidationError) -> Response:
        fields = (".".join(str(part) for part in one["loc"]) + ": " + one["msg"] for one in error.errors())
        return _refusal(SpecInvalidError(reason="; ".join(fields)))

    async def on_anything(_request: Request, error: Exception) -> Response:
        _log.error("request failed", exc_info=error)
        return _refusal(AppError(reason=f"{type(error).__name__}: {error}"))

    app.add_exception_handler(AppError, on_app_error)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, on_invalid)  # type: ignore[arg-type]
    app.add_exception_handler(Exception, on_anything)


def _refusal(error: AppError) -> Response:
    body = SentError.of(error).model_dump_json()
    return Response(body, status_code=error.status, media_type="application/json")


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then stop every server.

    Raises:
        InferenceRunsError: another process does so already.
        InferenceAddressError, PortTakenError, AddressUnusableError: it cannot listen at `LLMLORA_INFERENCE_URL`.
    """
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    run_dir, address = settings.data_dir / "run", inference_address(settings)
    token = secrets.token_urlsafe(32) if address is None else address.token
    with _only_one(run_dir, settings.data_dir), await _listener(address) as listener:
        async with ServerPool(run_dir / "inference") as pool:
            app = Forwarding(create_inference_app(pool, token), pool.endpoint_at)
            config = uvicorn.Config(
                app,
                log_level=settings.log_level,
                access_log=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE_S,
            )
            server = uvicorn.Server(config)
            stop_on_signals(server)
            listener.listen()
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            told = published_record(settings.data_dir, url, token) if address is None else nullcontext()
            async with app:
                with told:
                    await server.serve(sockets=[listener])


async def _listener(address: InferenceAddress | None) -> socket.socket:
    """A bound socket: any free port of loopback, or what the address says."""
    if address is None:
        free = socket.socket()
        free.bind(("127.0.0.1", 0))
        return free
    host, port = address.listening()
    await require_free_port(host, port, "LLMLORA_INFERENCE_URL")
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(
        socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
    )  # one that restarts takes its own port again
    listener.bind((host, port))
    return listener


@contextmanager
def _only_one(run_dir: Path, data_dir: Path) -> Iterator[None]:
    """A lock that dies with its holder."""
    run_dir.mkdir(parents=True, exist_ok=True)
    with (run_dir / "inference.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InferenceRunsError(data_dir=data_dir) from error
        try:
            yield
        finally:  # under the lock: whoever waits for this file would lock a name that is gone
            shutil.rmtree(run_dir / "inference", ignore_errors=True)
            (run_dir / "inference.lock").unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(run_program(serve))
