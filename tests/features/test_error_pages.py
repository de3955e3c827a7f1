"""An error's own link, on the wire: the type of a problem, and the address that leads from a code to its page."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from llmlora.data.errors import DiskFullError
from llmlora.features.error_pages import endpoints
from llmlora.kit.web.problems import install_problems

pytestmark = pytest.mark.anyio

JA, EN = {"accept-language": "ja"}, {"accept-language": "en-US,en;q=0.9"}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(endpoints.router)
    install_problems(app)

    @app.get("/full")
    @app.get("/v1/full")
    async def fail() -> None:
        raise DiskFullError(path="/data")

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


class TestProblem:
    async def test_type_is_the_page_in_the_language_of_the_sentence(self, client: httpx.AsyncClient) -> None:
        ja, en = [(await client.get("/full", headers=headers)).json() for headers in (JA, EN)]
        assert ja["type"] == "/manual/ja/troubleshooting/disk-full.html"
        assert en["type"] == "/manual/en/troubleshooting/disk-full.html"
        assert ja["detail"] != en["detail"]

    async def test_bare_status_leads_to_the_list_of_all_codes(self, client: httpx.AsyncClient) -> None:
        missing = (await client.get("/nowhere", headers=EN)).json()
        assert missing["type"] == "/manual/en/reference/errors.html#not_found"

    async def test_openai_s_form_is_as_it_was(self, client: httpx.AsyncClient) -> None:
        refused = (await client.get("/v1/full", headers=EN)).json()["error"]
        assert refused.keys() == {"message", "type", "param", "code"}
        assert refused["type"] == "server_error"


class TestCode:
    async def test_leads_to_its_page(self, client: httpx.AsyncClient) -> None:
        for headers, language in ((JA, "ja"), (EN, "en")):
            led = await client.get("/api/errors/lease_lapsed", headers=headers)
            assert led.status_code == 307
            assert led.headers["location"] == f"/manual/{language}/troubleshooting/worker-lost.html"

    async def test_language_of_the_page_is_what_is_asked_for(self, client: httpx.AsyncClient) -> None:
        led = await client.get("/api/errors/disk_full?language=ja", headers=EN)
        assert led.headers["location"] == "/manual/ja/troubleshooting/disk-full.html"

    async def test_code_of_somebody_else_s_recipe_leads_to_the_list(self, client: httpx.AsyncClient) -> None:
        led = await client.get("/api/errors/their_own_code", headers=EN)
        assert led.headers["location"] == "/manual/en/reference/errors.html#their_own_code"

    async def test_what_is_no_code_leads_nowhere(self, client: httpx.AsyncClient) -> None:
        led = await client.get("/api/errors/..%2F..%2Fetc", headers=EN)
        assert led.status_code in (404, 422)
