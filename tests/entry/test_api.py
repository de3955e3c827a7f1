"""The API as a whole: nothing without credentials, no torch, a description that is kept."""

import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute
from pydantic import SecretStr
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from llmlora.contracts.events import JobEventBody, job_event_adapter
from llmlora.devtools.checks.reference import api_reference
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.api import TokenRequiredError, create_app
from llmlora.kit.settings import Settings
from llmlora.kit.web.guard import PUBLIC, SESSION_PATH

from tests.factories import REPOSITORY
from tests.features.chat_door import client_of, running_app

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
EVENTS = REPOSITORY / "docs" / "events"


@pytest.fixture
async def closed(settings: Settings, services: ServiceUrls) -> AsyncIterator[FastAPI]:
    """The API with a token."""
    guarded = settings.model_copy(update={"api_token": SecretStr("correct horse")})
    async with running_app(guarded, services, None) as app:
        yield app


@pytest.fixture
async def client(closed: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(closed) as opened:
        yield opened


def paths_of(app: FastAPI) -> Iterator[str]:
    """Every path of routes, mounts and sockets, with words for its parameters."""

    def walk(routes: Iterable[BaseRoute]) -> Iterator[str]:
        for route in routes:
            if isinstance(route, Route | Mount | WebSocketRoute | APIRoute | APIWebSocketRoute):
                yield route.path
            else:  # an included router
                for context in route.effective_route_contexts():  # type: ignore[attr-defined]
                    yield context.path or context.original_route.path

    for path in walk(app.routes):
        yield re.sub(r"{(\w+)(:path)?}", r"\1", path)


class TestWithoutCredentials:
    async def test_no_route_method_or_mount_answers(self, closed: FastAPI, client: httpx.AsyncClient) -> None:
        walked = 0
        for path in {*paths_of(closed), "/nothing", "/api", "/", "//api/system", "/docs/../api/system"}:
            for method in METHODS:
                if path in PUBLIC or (path, method) == (SESSION_PATH, "POST"):
                    continue
                response = await client.request(method, path)
                assert response.status_code == 401, (method, path)
                walked += 1
        assert walked > 600
        assert {"/ws", "/api/system", "/v1/chat/completions", "/docs"} <= set(paths_of(closed))

    async def test_wrong_tokens_are_refused(self, client: httpx.AsyncClient) -> None:
        for header in (
            {"authorization": "Bearer wrong"}, {"authorization": "correct horse"}, {"authorization": "Bearer "},
            {"authorization": "Basic Y29ycmVjdCBob3JzZQ=="}, {"cookie": "llmlora_session_8000=wrong"},
            {"cookie": 'llmlora_session_8000="'}, {"x-api-key": "correct horse"},
        ):  # fmt: skip
            assert (await client.get("/api/session", headers=header)).status_code == 401, header

    async def test_probes_answer_and_say_nothing(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 200


class TestWithCredentials:
    async def test_bearer_opens(self, client: httpx.AsyncClient) -> None:
        response = await client.get("/api/session", headers={"authorization": "Bearer correct horse"})
        assert response.json() == {"token_required": True, "signed_in": False}


class TestForeignRequests:
    async def test_other_hosts_are_refused(self, client: httpx.AsyncClient) -> None:
        for host in ("evil.example", "localhost.evil.example", "", "127.0.0.1.nip.io", "[::1"):
            response = await client.get("/healthz", headers={"host": host})
            assert (response.status_code, response.json()["code"]) == (421, "host_refused"), host

    async def test_unsafe_requests_of_other_pages_are_refused(
        self, settings: Settings, services: ServiceUrls
    ) -> None:
        async with running_app(settings, services, None) as app, client_of(app) as client:
            cases = [
                {"origin": "http://evil.example"}, {"origin": "null"}, {"origin": "http://localhost:3001"},
                {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"},
            ]  # fmt: skip
            for headers in cases:
                response = await client.post("/api/training/jobs", json={}, headers=headers)
                assert (response.status_code, response.json()["code"]) == (403, "origin_refused"), headers
            for headers in ({"origin": "http://localhost:3000"}, {"origin": "http://localhost"}, {}):
                response = await client.post("/api/training/jobs", json={}, headers=headers)
                assert response.status_code == 422, headers

    async def test_our_pages_may_act_on_every_host_that_is_ours(
        self, settings: Settings, services: ServiceUrls
    ) -> None:
        given = {
            "pages_port": 3456,
            "allowed_hosts": "studio.example",
            "allowed_origins": "https://pages.example",
        }
        ours = ["http://localhost:3456", "https://studio.example:3456", "https://pages.example"]
        others = ["http://localhost:3000", "http://studio.example", "http://pages.example"]
        async with (
            running_app(settings.model_copy(update=given), services, None) as app,
            client_of(app) as client,
        ):
            for origin in (*ours, *others):
                response = await client.post("/api/training/jobs", json={}, headers={"origin": origin})
                assert response.status_code == (422 if origin in ours else 403), origin
                assert (response.headers.get("access-control-allow-origin") == origin) is (origin in ours)

    async def test_open_address_needs_a_token(self, settings: Settings, services: ServiceUrls) -> None:
        with pytest.raises(TokenRequiredError):
            create_app(settings.model_copy(update={"api_host": "0.0.0.0"}), services)


class TestRequestId:
    async def test_is_made_or_kept_but_never_trusted(self, client: httpx.AsyncClient) -> None:
        made = (await client.get("/healthz")).headers["x-request-id"]
        assert len(made) == 16
        kept = await client.get("/healthz", headers={"x-request-id": "trace-7"})
        assert kept.headers["x-request-id"] == "trace-7"
        odd = await client.get("/healthz", headers={"x-request-id": "a b\tc"})
        assert odd.headers["x-request-id"] != "a b\tc"


class TestProcess:
    @pytest.mark.parametrize("module", ["api", "worker", "inference", "workplace", "client"])
    def test_never_loads_the_learning_libraries(self, module: str) -> None:
        code = (
            f"import sys, llmlora.entry.{module} as m; getattr(m, 'routers', list)();"
            "print([n for n in ('torch', 'transformers', 'peft', 'safetensors') if n in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]"


class TestDescription:
    def test_committed_document_is_what_the_code_says(self) -> None:
        committed = (REPOSITORY / "docs" / "openapi.json").read_text(encoding="utf-8")
        assert committed == api_reference()

    def test_every_operation_has_an_id_of_its_own_and_a_summary(self) -> None:
        document = json.loads(api_reference())
        operations = [o for path in document["paths"].values() for o in path.values()]
        ids = [o["operationId"] for o in operations]
        assert len(ids) == len(set(ids))
        assert all(o.get("description") or o.get("summary") for o in operations)

    def test_every_kind_of_event_has_an_example_that_fits(self) -> None:
        examples = {path.stem: path for path in EVENTS.glob("*.json")}
        kinds = {kind.model_fields["type"].default for kind in _members(JobEventBody)}
        assert set(examples) == kinds
        for kind, path in examples.items():
            event = job_event_adapter.validate_json(path.read_bytes())
            assert event.body.type == kind
            assert json.loads(path.read_bytes()) == event.model_dump(mode="json"), path


def _members(union: object) -> tuple[type, ...]:
    from typing import get_args

    members: tuple[type, ...] = get_args(get_args(union)[0])
    return members
