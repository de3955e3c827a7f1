"""The routes. Each handler reads a request, asks the part that knows, and answers in Ollama's shape.

Out of band, for tests: `/standin/faults` (GET the known ones, POST one, DELETE all), `/standin/character` (POST one) and
`/standin/asked`.
"""

import hashlib
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.with_ollama.standin import openai
from tests.with_ollama.standin.answers import Answers
from tests.with_ollama.standin.character import CHARACTERS, FIRST, Played
from tests.with_ollama.standin.create import create
from tests.with_ollama.standin.door import FaultyDoor
from tests.with_ollama.standin.faults import BEHAVIOUR, WIRE, Faults
from tests.with_ollama.standin.lines import ApiError, Line, in_thread, respond
from tests.with_ollama.standin.models import listed, open_model, parse_name, shown
from tests.with_ollama.standin.pull import PIECE_BYTES, Puller
from tests.with_ollama.standin.runners import Runners
from tests.with_ollama.standin.store import DigestError, Store


@dataclass(frozen=True)
class Settings:
    """How one stand-in is set up."""

    models: Path
    registry: Path
    character: str = FIRST
    version: str | None = None
    pull_piece_bytes: int = PIECE_BYTES
    pull_delay_s: float = 0.0
    idle_s: float = 300.0


def build_app(settings: Settings) -> ASGIApp:
    """The whole server; its models end with its lifespan."""
    faults, asked = Faults(), list[str]()
    store, played = Store(settings.models), Played(settings.character, settings.version)
    store.forget_orphans()
    puller = Puller(store, Store(settings.registry), faults, settings.pull_piece_bytes, settings.pull_delay_s)
    work_dir = tempfile.TemporaryDirectory(prefix="ollama-standin-")
    runners = Runners(Path(work_dir.name), settings.idle_s)
    answers = Answers(store, runners, faults, played)
    server = _Server(store, puller, faults, answers, asked, played)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        with work_dir:
            async with runners:
                yield

    refusals: Any = {
        404: lambda _request, _error: PlainTextResponse("404 page not found", status_code=404),
        ApiError: lambda _request, error: error.response,
        ClientDisconnect: lambda _request, _error: Response(status_code=400),
        DigestError: lambda _request, error: ApiError(400, str(error)).response,
    }
    app = Starlette(routes=server.routes(), lifespan=lifespan, exception_handlers=refusals)
    return FaultyDoor(app, faults, asked)


@dataclass(frozen=True)
class _Server:
    """The handlers, in the order of `routes`."""

    store: Store
    puller: Puller
    faults: Faults
    answers: Answers
    asked: list[str]
    played: Played

    def routes(self) -> list[Route]:
        return [
            Route("/", self.hello, methods=["GET"]),
            Route("/api/version", self.version, methods=["GET"]),
            Route("/api/tags", self.tags, methods=["GET"]),
            Route("/api/ps", self.ps, methods=["GET"]),
            Route("/api/show", self.show, methods=["POST"]),
            Route("/api/delete", self.delete, methods=["DELETE"]),
            Route("/api/copy", self.copy, methods=["POST"]),
            Route("/api/blobs/{digest}", self.has_blob, methods=["HEAD"]),
            Route("/api/blobs/{digest}", self.take_blob, methods=["POST"]),
            Route("/api/create", self.create, methods=["POST"]),
            Route("/api/pull", self.pull, methods=["POST"]),
            Route("/api/chat", self.chat, methods=["POST"]),
            Route("/api/generate", self.generate, methods=["POST"]),
            Route("/v1/chat/completions", self.openai_chat, methods=["POST"]),
            Route("/v1/models", self.openai_models, methods=["GET"]),
            Route("/standin/faults", self.set_faults, methods=["GET", "POST", "DELETE"]),
            Route("/standin/asked", self.requests, methods=["GET"]),
            Route("/standin/character", self.play, methods=["POST"]),
        ]

    async def hello(self, _request: Request) -> Response:
        return PlainTextResponse("Ollama is running")

    async def version(self, _request: Request) -> Response:
        return JSONResponse({"version": self.played.said_version})

    async def tags(self, _request: Request) -> Response:
        return JSONResponse({"models": self.listing()})

    async def ps(self, _request: Request) -> Response:
        runners = self.answers.runners
        at = datetime.now(UTC) + timedelta(seconds=runners.idle_s)
        running = [
            listed(runner.model)
            | {"expires_at": at.isoformat(), "size_vram": 0, "context_length": runner.spec.n_ctx}
            for runner in runners.loaded.values()
        ]
        return JSONResponse({"models": running})

    async def show(self, request: Request) -> Response:
        body = await _body(request)
        name = parse_name(body.get("model") or body.get("name"))
        try:
            return JSONResponse(shown(open_model(self.store, name.short, shown_as=name.short)))
        except FileNotFoundError as error:
            raise ApiError(500, f"open {error.filename}: no such file or directory") from error

    async def delete(self, request: Request) -> Response:
        body = await _body(request)
        model = open_model(self.store, body.get("model") or body.get("name"))
        await self.answers.runners.unload(model)
        self.store.delete(model.name)
        return Response()

    async def copy(self, request: Request) -> Response:
        body = await _body(request)
        source, destination = (parse_name(body.get(key)) for key in ("source", "destination"))
        manifest = self.store.read(self.store.find(source))
        if manifest is None:
            raise ApiError(404, f'model "{body["source"]}" not found')
        self.store.write(destination, manifest)
        return Response()

    async def has_blob(self, request: Request) -> Response:
        known = self.store.blob(request.path_params["digest"]).exists()
        return Response(status_code=200 if known else 404)

    async def take_blob(self, request: Request) -> Response:
        """Keep the bytes if they are what their digest says."""
        expected = request.path_params["digest"]
        target, aside, digest = self.store.blob(expected), self.store.aside(), hashlib.sha256()
        if target.exists():
            return Response(status_code=200)
        try:
            with aside.open("wb") as sink:
                async for piece in request.stream():
                    digest.update(piece)
                    sink.write(piece)
            if self.faults.take("disk_full", request.url.path):
                raise ApiError(500, f"write {aside}: no space left on device")
            if (got := f"sha256:{digest.hexdigest()}") != expected:
                raise ApiError(400, f'digest mismatch, expected "{expected}", got "{got}"')
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
        return Response(status_code=201)

    async def create(self, request: Request) -> Response:
        body = await _body(request)
        lines = create(self.store, self.puller, self.faults, body, self.played.character)
        return await respond(in_thread(lines), stream=body.get("stream", True))

    async def pull(self, request: Request) -> Response:
        body = await _body(request)
        name = parse_name(body.get("model") or body.get("name"))
        return await respond(in_thread(self.puller.pull(name)), stream=body.get("stream", True))

    async def chat(self, request: Request) -> Response:
        body = await _body(request)
        return await respond(self.answers.chat(body), stream=body.get("stream", True))

    async def generate(self, request: Request) -> Response:
        body = await _body(request)
        return await respond(self.answers.generate(body), stream=body.get("stream", True))

    async def openai_chat(self, request: Request) -> Response:
        try:
            body = await _body(request)
            return await openai.respond(self.answers.chat(openai.as_chat(body)), body)
        except ApiError as error:
            return openai.refused(error)

    async def openai_models(self, _request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [openai.model_entry(line) for line in self.listing()]})

    async def set_faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.faults.clear()
        if request.method == "POST":
            body = await _body(request)
            try:
                self.faults.add(body["mode"], body.get("route"), body.get("times"))
            except ValueError as error:
                raise ApiError(400, str(error)) from error
        return JSONResponse(WIRE | BEHAVIOUR)

    async def play(self, request: Request) -> Response:
        name = (await _body(request))["name"]
        if name not in CHARACTERS:
            raise ApiError(400, f"unknown character {name!r}; known: {', '.join(CHARACTERS)}")
        self.played.name = name
        return Response()

    async def requests(self, _request: Request) -> Response:
        return JSONResponse(self.asked)

    def listing(self) -> list[Line]:
        return [listed(open_model(self.store, name.short)) for name in self.store.names()]


async def _body(request: Request) -> Line:
    """The JSON of a request.

    Raises:
        ApiError: 400, in Go's words.
    """
    text = (await request.body()).decode(errors="replace").rstrip()
    if not text:
        raise ApiError(400, "missing request body")
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        if error.pos >= len(text) or error.msg.startswith("Unterminated"):
            raise ApiError(400, "unexpected EOF") from error
        raise ApiError(400, f"invalid character '{text[error.pos]}' in JSON") from error
    if not isinstance(document, dict):
        raise ApiError(400, "json: cannot unmarshal the body into a Go value")
    return document
