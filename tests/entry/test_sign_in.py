"""Signing in as a browser does: from pages of another port and host name, by a session of its own, as often as is allowed."""

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import websockets
from fastapi import APIRouter, FastAPI
from pydantic import SecretStr
from sqlalchemy import text
from starlette.responses import StreamingResponse

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings
from llmlora.kit.web.tries import MOST_WRONG, WINDOW_S, Tries

from tests.features.chat_door import client_of, listening, running_app

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

TOKEN = "correct horse"
PAGE = "http://studio.lan:3456"
probe = APIRouter()


@probe.get("/api/probe/fails")
async def fail() -> None:
    """What nobody expected."""
    raise ZeroDivisionError


@probe.get("/api/probe/stream")
async def stream() -> StreamingResponse:
    """An event stream that never ends by itself."""

    async def ticking() -> AsyncIterator[str]:
        while True:
            yield "data: tick\n\n"
            await asyncio.sleep(0.02)

    return StreamingResponse(ticking(), media_type="text/event-stream")


@pytest.fixture
def guarded(settings: Settings) -> Settings:
    return settings.model_copy(
        update={"api_token": SecretStr(TOKEN), "pages_port": 3456, "allowed_hosts": "studio.lan"}
    )


@pytest.fixture
async def app(guarded: Settings, services: ServiceUrls) -> AsyncIterator[FastAPI]:
    async with running_app(guarded, services, None, probe) as running:
        yield running


def browser_of(app: FastAPI, page: str = PAGE, host: str = "studio.lan:8000") -> httpx.AsyncClient:
    """A browser with a page of that origin open."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False, client=("192.0.2.7", 5)),
        base_url=f"http://{host}",
        headers={"origin": page, "accept-language": "en"},
    )


@asynccontextmanager
async def signed_in(app: FastAPI, token: str = TOKEN) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_of(app) as browser:
        assert (await browser.post("/api/session", json={"token": token})).status_code == 204
        yield browser


class TestErrorsReachThePage:
    """Without CORS headers a browser keeps an answer to itself, and the page sees a network error."""

    async def test_whatever_refuses(self, app: FastAPI) -> None:
        async with browser_of(app) as browser, signed_in(app) as inside:
            bearer = {"authorization": f"Bearer {TOKEN}"}
            large = json.dumps({"name": "x" * (3 << 20)})
            answers = {
                "unauthenticated": await browser.get("/api/system"),
                "token_wrong": await browser.post("/api/session", json={"token": "wrong"}),
                "validation_failed": await browser.post("/api/session", json={}),
                "not_found": await inside.get("/api/nothing"),
                "method_not_allowed": await inside.delete("/api/system"),
                "body_too_large": await browser.post("/api/training/jobs", content=large, headers=bearer),
                "internal_error": await inside.get("/api/probe/fails"),
                "host_refused": await browser.get("/api/system", headers={"host": "other.lan:8000", "origin": "http://other.lan:3456"}),
            }  # fmt: skip
            for _ in range(MOST_WRONG):
                answers["too_many_tries"] = await browser.post("/api/session", json={"token": f"guess {_}"})
        for code, answer in answers.items():
            given = answer.json()
            assert answer.headers.get("access-control-allow-origin") in (PAGE, "http://other.lan:3456"), code
            assert answer.headers["access-control-allow-credentials"] == "true", code
            assert "x-request-id" in answer.headers["access-control-expose-headers"].lower(), code
            assert "Origin" in answer.headers["vary"], code
            assert answer.headers["x-request-id"], code
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], code
            if code != "validation_failed":
                assert given["code"] == code
        assert answers["too_many_tries"].status_code == 429
        assert 0 < int(answers["too_many_tries"].headers["retry-after"]) <= WINDOW_S

    async def test_but_no_page_of_others(self, app: FastAPI) -> None:
        for page in ("http://evil.lan:3456", "http://studio.lan:3457", "null", "http://studio.lan:x", ""):
            async with browser_of(app, page) as browser:
                for answer in (
                    await browser.get("/api/system"),
                    await browser.post("/api/session", json={"token": TOKEN}),
                    await browser.options("/api/session", headers={"access-control-request-method": "POST"}),
                ):
                    assert "access-control-allow-origin" not in answer.headers, page
                    assert answer.is_client_error

    async def test_database_that_is_away_is_told_too(self, guarded: Settings, services: ServiceUrls) -> None:
        async with running_app(guarded, services, None) as app, signed_in(app) as browser:
            app.state.sessions._database = Database("postgresql://nobody@127.0.0.1:9/none")
            answer = await browser.get("/api/system")
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
        assert answer.headers["access-control-allow-origin"] == PAGE


class TestDocs:
    async def test_page_runs_its_own_script_and_none_beside_it(self, app: FastAPI) -> None:
        async with signed_in(app) as browser:
            answer = await browser.get("/docs")
        [script] = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
        allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        policy = answer.headers["content-security-policy"]
        assert f"'sha256-{allowed}'" in policy
        assert "unsafe" not in policy

    async def test_page_needs_no_other_machine(self, app: FastAPI) -> None:
        async with signed_in(app) as browser:
            answer = await browser.get("/docs")
            files = re.findall(r'(?:src|href)="(/[^"]+)"', answer.text)
            assert len(files) == 2
            for file in files:
                given = await browser.get(file)
                assert given.is_success
                assert len(given.content) > 10_000
        everywhere = answer.text + answer.headers["content-security-policy"]
        assert not re.findall(r"https?://", everywhere)


class TestHosts:
    async def test_pages_of_every_name_of_ours_sign_in(
        self, guarded: Settings, services: ServiceUrls
    ) -> None:
        """An address of numbers cannot be another's name that was pointed here."""
        opened = guarded.model_copy(
            update={"api_host": "0.0.0.0", "allowed_origins": "https://pages.example"}
        )
        places = [
            ("http://192.168.7.9:3456", "192.168.7.9:8000"), ("http://[fd00::7]:3456", "[fd00::7]:8000"),
            ("https://studio.lan:3456", "studio.lan"), ("http://localhost:3456", "127.0.0.1:8000"),
            ("https://pages.example", "studio.lan"), ("http://studio.lan:8000", "studio.lan:8000"),
        ]  # fmt: skip
        async with running_app(opened, services, None) as app:
            for page, host in places:
                async with browser_of(app, page, host) as browser:
                    asked = await browser.options(
                        "/api/session",
                        headers={
                            "access-control-request-method": "POST",
                            "access-control-request-headers": "content-type",
                        },
                    )
                    assert asked.headers["access-control-allow-headers"] == "content-type", page
                    shown = await browser.post("/api/session", json={"token": TOKEN})
                    assert shown.status_code == 204, page
                    assert ("secure" in shown.headers["set-cookie"].lower()) is page.startswith("https")

    async def test_numbers_that_are_not_ours_are_refused_on_loopback(self, app: FastAPI) -> None:
        async with browser_of(app, "http://192.168.7.9:3456", "192.168.7.9:8000") as browser:
            assert (await browser.get("/healthz")).json()["code"] == "host_refused"


class TestSession:
    async def test_cookie_is_no_token_and_is_stored_as_a_hash(self, app: FastAPI, database: Database) -> None:
        async with browser_of(app) as browser:
            first = (await browser.post("/api/session", json={"token": TOKEN})).headers["set-cookie"]
            assert "HttpOnly" in first
            assert "samesite=strict" in first.lower()
            assert "Max-Age=2592000" in first
            assert (await browser.get("/api/session")).json() == {"token_required": True, "signed_in": True}
            [secret] = browser.cookies.values()
            await browser.post("/api/session", json={"token": TOKEN})
            assert browser.cookies.values() != [
                secret
            ]  # each sign-in is one of its own, and ends the one before
        assert len(secret) >= 43
        async with database.unit_of_work() as session:
            rows = (await session.execute(text("SELECT secret_hash, token_mark FROM browser_session"))).all()
        kept = b"".join(bytes(value) for row in rows for value in row)
        assert secret.encode() not in kept
        assert TOKEN.encode() not in kept

    async def test_raw_token_is_no_cookie(self, app: FastAPI) -> None:
        async with browser_of(app) as browser:
            for value in (TOKEN, "correct%20horse", "x"):
                answer = await browser.get("/api/system", headers={"cookie": f"llmlora_session_8000={value}"})
                assert answer.status_code == 401

    async def test_signing_out_ends_it_for_whoever_has_the_cookie(self, app: FastAPI) -> None:
        async with signed_in(app) as browser, browser_of(app) as thief:
            thief.cookies = httpx.Cookies(browser.cookies)
            assert (await thief.get("/api/system")).status_code == 200
            assert (await browser.delete("/api/session")).status_code == 204
            assert (await thief.get("/api/system")).status_code == 401

    async def test_another_token_ends_all_and_the_old_one_brings_none_back(
        self, guarded: Settings, services: ServiceUrls, app: FastAPI
    ) -> None:
        async with signed_in(app) as browser:
            cookies = httpx.Cookies(browser.cookies)
        for token in ("another", None, TOKEN):
            secret = None if token is None else SecretStr(token)
            later = guarded.model_copy(update={"api_token": secret})
            async with running_app(later, services, None) as restarted, browser_of(restarted) as returning:
                returning.cookies = cookies
                assert (await returning.get("/api/system")).status_code == (200 if token is None else 401)

    async def test_expired_one_opens_nothing(self, app: FastAPI, database: Database) -> None:
        async with signed_in(app) as browser:
            async with database.unit_of_work() as session:
                await session.execute(text("UPDATE browser_session SET expires_at = now()"))
            assert (await browser.get("/api/system")).status_code == 401

    async def test_cookie_changes_nothing_for_a_page_of_others(self, app: FastAPI) -> None:
        async with signed_in(app) as browser:
            cookies = dict(browser.cookies)
            cases = {
                "origin_refused": [
                    {"origin": "http://evil.example"}, {"origin": "http://studio.lan:9"}, {"origin": "null"},
                ],
            }  # fmt: skip
            for code, headers in ((code, one) for code, many in cases.items() for one in many):
                for method in ("POST", "DELETE", "PUT", "PATCH"):
                    answer = await browser.request(method, "/api/session", headers=headers)
                    assert (answer.status_code, answer.json()["code"]) == (403, code)
        async with client_of(app) as program:  # without an origin
            program.cookies = httpx.Cookies(cookies)
            assert (await program.get("/api/session")).status_code == 200
            answer = await program.post("/api/training/jobs", json={})
            assert (answer.status_code, answer.json()["code"]) == (403, "origin_missing")
            site = {"sec-fetch-site": "same-site"}
            answer = await program.post("/api/training/jobs", json={}, headers=site)
            assert answer.json()["code"] == "origin_refused"


class TestWhatLasts:
    async def test_socket_and_stream_end_with_their_session(self, app: FastAPI) -> None:
        async with listening(app) as address:
            origin = "http://127.0.0.1:3456"
            async with httpx.AsyncClient(base_url=address, headers={"origin": origin}) as browser:
                await browser.post("/api/session", json={"token": TOKEN})
                cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
                async with (
                    websockets.connect(
                        f"{address.replace('http', 'ws')}/ws",
                        origin=websockets.Origin(origin),
                        additional_headers={"cookie": cookie},
                    ) as socket,
                    browser.stream("GET", "/api/probe/stream") as streamed,
                ):
                    lines = streamed.aiter_lines()
                    assert await anext(lines) == "data: tick"
                    await browser.delete("/api/session")
                    async for _ in lines:  # ends, and well
                        pass
                    await socket.send(json.dumps({"subscribe": "job_none"}))
                    with pytest.raises(websockets.ConnectionClosed) as closed:
                        await socket.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "unauthenticated")

    async def test_page_without_a_session_is_told_why_its_socket_closed(self, app: FastAPI) -> None:
        async with listening(app) as address:
            url = f"{address.replace('http', 'ws')}/ws"
            async with websockets.connect(url, origin=websockets.Origin("http://127.0.0.1:3456")) as socket:
                with pytest.raises(websockets.ConnectionClosed) as closed:
                    await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.reason == "unauthenticated"


class TestTries:
    async def test_after_too_many_the_right_one_waits_too_wherever_it_is_shown(self, app: FastAPI) -> None:
        async with signed_in(app) as inside, browser_of(app) as guesser:
            for n in range(MOST_WRONG):  # one counter for both ways
                if n % 2:
                    await guesser.post("/api/session", json={"token": f"guess {n}"})
                else:
                    await guesser.get("/api/system", headers={"authorization": f"Bearer guess-{n}"})
            bearer = {"authorization": f"Bearer {TOKEN}"}
            assert (await guesser.get("/api/system", headers=bearer)).status_code == 429
            assert (await guesser.post("/api/session", json={"token": TOKEN})).status_code == 429
            assert (await inside.get("/api/system")).status_code == 200  # who is signed in stays so

    def test_outdated_token_of_a_program_locks_nobody_out(self) -> None:
        tries = Tries()
        for _ in range(50):
            tries.was_wrong("192.0.2.1", "outdated")
        assert tries.wait_s("192.0.2.1") == 0

    def test_addresses_wait_for_themselves_and_networks_of_ipv6_together(self) -> None:
        now = [0.0]
        tries = Tries(lambda: now[0])
        for n in range(MOST_WRONG):
            tries.was_wrong(f"2001:db8::{n:x}", f"guess {n}")
        assert tries.wait_s("2001:db8::ffff") == WINDOW_S
        assert tries.wait_s("2001:db8:0:1::1") == 0
        assert tries.wait_s("192.0.2.1") == 0
        now[0] = WINDOW_S
        assert tries.wait_s("2001:db8::ffff") == 0
