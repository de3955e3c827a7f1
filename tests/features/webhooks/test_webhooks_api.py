"""Webhooks through the HTTP door: registered, changed, removed; a secret is never shown."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from llmlora.features.webhooks.service import MOST, keep_those_of_settings
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("own")]
HOOKS = "/api/webhooks"
URL = "http://127.0.0.1:9/told"


async def added(client: httpx.AsyncClient, **given: Any) -> dict[str, Any]:
    answer = await client.post(HOOKS, json={"url": URL, **given})
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


class TestWebhooks:
    async def test_one_that_was_added_is_told_everything_until_it_is_changed(
        self, client: httpx.AsyncClient
    ) -> None:
        hook = await added(client)
        assert (hook["shape"], hook["signature"], hook["enabled"]) == ("json", "none", True)
        assert hook["events"] == ["finished", "failed", "cancelled", "deployed"]
        change = {"events": ["deployed", "failed"], "language": "en"}
        changed = (await client.patch(f"{HOOKS}/{hook['id']}", json=change)).json()
        assert (changed["events"], changed["language"], changed["url"]) == (["failed", "deployed"], "en", URL)
        assert (await client.get(HOOKS)).json() == {"data": [changed], "next": None}
        assert (await client.delete(f"{HOOKS}/{hook['id']}")).status_code == 204
        assert (await client.get(HOOKS)).json()["data"] == []

    async def test_secret_is_sealed_and_shown_to_nobody(
        self, client: httpx.AsyncClient, own: Database, settings: Settings
    ) -> None:
        hook = await added(client, secret="a-secret-of-mine")
        assert hook["signature"] == "signed"
        async with own.unit_of_work() as session:
            rows = str((await session.execute(text("SELECT * FROM secret, webhook"))).all())
        assert "a-secret-of-mine" not in rows + str(hook)
        (settings.data_dir / "secrets.key").unlink()
        assert (await client.get(HOOKS)).json()["data"][0]["signature"] == "lost"
        unsigned = await client.patch(f"{HOOKS}/{hook['id']}", json={"secret": None})
        assert unsigned.json()["signature"] == "none"

    @pytest.mark.parametrize(
        ("url", "shape"),
        [
            ("https://hooks.slack.com/services/T/B/x", "slack"),
            ("https://discord.com/api/webhooks/1/x", "discord"),
            ("https://discord.com/other", "json"),
            ("http://192.168.0.7:8080/x?y=1", "json"),
        ],
    )
    async def test_services_are_known_by_their_address(
        self, client: httpx.AsyncClient, url: str, shape: str
    ) -> None:
        assert (await added(client, url=url))["shape"] == shape

    @pytest.mark.parametrize(
        "url",
        [
            "ftp://a/b",
            "file:///etc/passwd",
            "http://",
            "http://me:pass@a/b",
            "http://a b",
            "x",
            "http://[::1",
        ],
    )
    async def test_where_nothing_can_be_posted_is_refused(self, client: httpx.AsyncClient, url: str) -> None:
        answer = await client.post(HOOKS, json={"url": url})
        assert (answer.status_code, answer.json()["code"]) == (422, "webhook_url_invalid")

    async def test_secret_that_is_no_base64_though_it_says_so_is_refused(
        self, client: httpx.AsyncClient
    ) -> None:
        answer = await client.post(HOOKS, json={"url": URL, "secret": "whsec_!"})
        assert answer.json()["code"] == "webhook_secret_invalid"

    @pytest.mark.parametrize(
        "given", [{"events": []}, {"events": ["test"]}, {"shape": "teams"}, {"name": "x"}]
    )
    async def test_what_is_no_setting_is_refused(
        self, client: httpx.AsyncClient, given: dict[str, Any]
    ) -> None:
        assert (await client.post(HOOKS, json={"url": URL, **given})).status_code == 422

    async def test_there_are_not_endlessly_many(self, client: httpx.AsyncClient) -> None:
        for _ in range(MOST):
            await added(client)
        assert (await client.post(HOOKS, json={"url": URL})).json()["code"] == "too_many_webhooks"

    @pytest.mark.parametrize(
        ("method", "path"), [("PATCH", ""), ("DELETE", ""), ("POST", "/test"), ("GET", "/deliveries")]
    )
    async def test_one_that_is_not_there_is_named(
        self, client: httpx.AsyncClient, method: str, path: str
    ) -> None:
        answer = await client.request(
            method, f"{HOOKS}/whk_none{path}", json={} if method == "PATCH" else None
        )
        assert (answer.status_code, answer.json()["code"]) == (404, "webhook_not_found")


class TestThoseOfSettings:
    async def test_they_come_and_go_with_the_settings(
        self, client: httpx.AsyncClient, own: Database, settings: Settings
    ) -> None:
        given = Settings(data_dir=settings.data_dir, webhook_urls=f"{URL} http://b/", webhook_secret="s")
        for _ in range(2):
            await keep_those_of_settings(own, given)
        shown = (await client.get(HOOKS)).json()["data"]
        assert [(one["url"], one["from_settings"]) for one in shown] == [(URL, True), ("http://b/", True)]
        refused = await client.delete(f"{HOOKS}/{shown[0]['id']}")
        assert (refused.status_code, refused.json()["code"]) == (409, "webhook_of_settings")
        await keep_those_of_settings(own, settings)
        assert (await client.get(HOOKS)).json()["data"] == []
