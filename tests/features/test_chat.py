"""Chats by the HTTP door, answered by real llama.cpp servers: kept, compared, resent, stopped."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.serving.pool import ServerPool
from llmlora.features.chat.endpoints import router
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.deployment import DeploymentRow

from tests.features.chat_door import (
    Nowhere,
    accepted,
    client_of,
    events_of,
    files_of,
    listening,
    proposed,
    registered_base,
    running_app,
)

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]

GREEDY = {"temperature": 0, "max_tokens": 8}


@pytest.fixture(scope="module")
async def pool(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerPool]:
    async with ServerPool(tmp_path_factory.mktemp("pool")) as opened:
        yield opened


@pytest.fixture
async def base(database: Database, tiny_gguf: Path) -> AsyncIterator[BaseModelRow]:
    async with registered_base(database, tiny_gguf) as row:
        yield row


@pytest.fixture
async def deployment(database: Database, base: BaseModelRow, tiny_gguf: Path) -> DeploymentRow:
    # Another context than the base's: a comparison needs two servers.
    return await accepted(database, base, files_of(tiny_gguf, n_ctx=1024))


@pytest.fixture
async def app(settings: Settings, services: ServiceUrls, pool: ServerPool) -> AsyncIterator[FastAPI]:
    async with running_app(settings, services, pool, router) as opened:
        yield opened


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as opened:
        yield opened


async def begin(client: httpx.AsyncClient, *models: str, **more: Any) -> str:
    given = {"models": models, "sampling": GREEDY, **more}
    response = await client.post("/api/chat/sessions", json=given)
    assert response.status_code == 201, response.text
    return f"/api/chat/sessions/{response.json()['id']}"


async def ask(client: httpx.AsyncClient, chat: str, content: str, **more: Any) -> list[tuple[str, Any]]:
    response = await client.post(f"{chat}/messages", json={"content": content, **more})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    return events_of(response.text)


async def turns(client: httpx.AsyncClient, chat: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(chat)).json()["messages"]
    return found


class TestModels:
    async def test_ready_deployments_and_bases_are_listed(
        self, client: httpx.AsyncClient, database: Database, base: BaseModelRow, deployment: DeploymentRow
    ) -> None:
        checking = await proposed(database, base)
        async with registered_base(database, None) as bare:
            listed = (await client.get("/api/chat/models")).json()["data"]
        found = {one["name"]: one for one in listed}
        assert found[deployment.name]["kind"] == "deployment"
        assert found[deployment.name]["base_reference"] == base.reference
        assert found[base.reference]["servable"] is True
        assert found[bare.reference]["servable"] is False
        assert checking.name not in found

    async def test_unknown_model_is_not_found_and_the_known_are_named(
        self, client: httpx.AsyncClient, base: BaseModelRow
    ) -> None:
        chat = await begin(client, "nobody")
        response = await client.post(f"{chat}/messages", json={"content": "hello"})
        assert (response.status_code, response.json()["code"]) == (404, "model_not_found")
        assert base.reference in response.json()["detail"]
        assert await turns(client, chat) == []

    async def test_deployment_that_is_checked_is_not_ready(
        self, client: httpx.AsyncClient, database: Database, base: BaseModelRow
    ) -> None:
        chat = await begin(client, (await proposed(database, base)).name)
        response = await client.post(f"{chat}/messages", json={"content": "hello"})
        assert (response.status_code, response.json()["code"]) == (409, "model_not_ready")

    async def test_base_without_gguf_says_what_to_do(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        async with registered_base(database, None) as bare:
            chat = await begin(client, bare.reference)
            response = await client.post(f"{chat}/messages", json={"content": "hello"})
        assert (response.status_code, response.json()["code"]) == (409, "base_model_without_gguf")
        assert "GGUF" in response.json()["detail"]


class TestSessions:
    async def test_change_keeps_what_is_left_out(self, client: httpx.AsyncClient) -> None:
        chat = await begin(client, "a", title="one", system="Be brief.")
        changed = (await client.patch(chat, json={"title": "two", "models": ["a", "b"]})).json()
        assert (changed["title"], changed["models"]) == ("two", ["a", "b"])
        assert (changed["system"], changed["sampling"]["max_tokens"]) == ("Be brief.", 8)
        assert (await client.patch(chat, json={"system": None})).json()["system"] is None

    async def test_last_used_comes_first(self, client: httpx.AsyncClient, deployment: DeploymentRow) -> None:
        older, newer = await begin(client, deployment.name), await begin(client, deployment.name)
        await ask(client, older, "hello")
        page = (await client.get("/api/chat/sessions", params={"limit": 1})).json()
        assert page["data"][0]["id"] == older.rsplit("/", 1)[1]
        page = (await client.get("/api/chat/sessions", params={"limit": 1, "after": page["next"]})).json()
        assert page["data"][0]["id"] == newer.rsplit("/", 1)[1]

    async def test_deleted_one_is_gone_with_its_turns(
        self, client: httpx.AsyncClient, deployment: DeploymentRow
    ) -> None:
        chat = await begin(client, deployment.name)
        await ask(client, chat, "hello")
        assert (await client.delete(chat)).status_code == 204
        response = await client.get(chat)
        assert (response.status_code, response.json()["code"]) == (404, "chat_session_not_found")

    @pytest.mark.parametrize(
        "given",
        [
            {"models": []},
            {"models": ["a", "b", "c"]},
            {"models": ["a", "a"]},
            {"models": ["a\0"]},
            {"models": ["a"], "sampling": {"temperature": 3}},
            {"models": ["a"], "sampling": {"temperature": True}},
            {"models": ["a"], "sampling": {"max_tokens": "64"}},
            {"models": ["a"], "sampling": {"seed": False}},
            {"models": ["a"], "sampling": {"seed": 2**32 - 1}},
            {"models": ["a"], "systen": "typo"},
        ],
    )
    async def test_wrong_ones_are_refused(self, client: httpx.AsyncClient, given: dict[str, Any]) -> None:
        assert (await client.post("/api/chat/sessions", json=given)).status_code == 422


class TestQuestion:
    async def test_answer_is_streamed_and_kept(
        self, client: httpx.AsyncClient, deployment: DeploymentRow
    ) -> None:
        chat = await begin(client, deployment.name)
        events = await ask(client, chat, "  hello\nworld")
        assert [name for name, _ in events] == ["delta"] * (len(events) - 1) + ["done"]
        done = events[-1][1]
        assert done["message"]["content"] == "".join(data["text"] for _, data in events[:-1])
        assert (done["finish_reason"], done["completion_tokens"]) == ("length", 8)
        assert done["prompt_tokens"] > 0
        assert done["tokens_per_s"] > 0
        asked, answered = await turns(client, chat)
        assert (asked["position"], asked["role"], asked["model"]) == (1, "user", None)
        assert answered == done["message"]
        assert (answered["position"], answered["model"]) == (2, deployment.name)
        assert (await client.get(chat)).json()["title"] == "hello"

    async def test_next_one_sees_the_conversation(
        self, client: httpx.AsyncClient, deployment: DeploymentRow
    ) -> None:
        chat = await begin(client, deployment.name)
        first = await ask(client, chat, "hello")
        second = await ask(client, chat, "hello")
        assert second[-1][1]["prompt_tokens"] > first[-1][1]["prompt_tokens"] + 8
        assert [one["position"] for one in await turns(client, chat)] == [1, 2, 3, 4]

    async def test_system_prompt_is_sent(self, client: httpx.AsyncClient, deployment: DeploymentRow) -> None:
        short = await ask(client, await begin(client, deployment.name, system="Hi."), "hello")
        long = await ask(client, await begin(client, deployment.name, system="Answer so. " * 20), "hello")
        assert long[-1][1]["prompt_tokens"] > short[-1][1]["prompt_tokens"] + 20

    async def test_two_models_answer_side_by_side(
        self, client: httpx.AsyncClient, base: BaseModelRow, deployment: DeploymentRow
    ) -> None:
        chat = await begin(client, deployment.name, base.reference)
        events = await ask(client, chat, "hello")
        assert {data["model"] for name, data in events if name == "done"} == {deployment.name, base.reference}
        question, *answers = await turns(client, chat)
        assert question["asked"] == [deployment.name, base.reference]
        assert {one["model"] for one in answers} == {deployment.name, base.reference}
        assert {one["position"] for one in answers} == {2}
        # The same weights and greedy: whoever mixed the two streams up would show it here.
        assert answers[0]["content"] == answers[1]["content"]

    async def test_models_and_sampling_of_one_turn_do_not_stay(
        self, client: httpx.AsyncClient, base: BaseModelRow, deployment: DeploymentRow
    ) -> None:
        chat = await begin(client, deployment.name)
        events = await ask(
            client, chat, "hello", models=[base.reference], sampling={"temperature": 0, "max_tokens": 3}
        )
        done = events[-1][1]
        assert (done["model"], done["completion_tokens"]) == (base.reference, 3)
        assert (await client.get(chat)).json()["models"] == [deployment.name]
        assert (await turns(client, chat))[0]["asked"] == [base.reference]

    async def test_engine_that_is_gone_is_an_error_event(
        self, settings: Settings, services: ServiceUrls, deployment: DeploymentRow
    ) -> None:
        async with running_app(settings, services, Nowhere(), router) as app, client_of(app) as client:
            chat = await begin(client, deployment.name)
            ((name, data),) = await ask(client, chat, "hello")
            assert (name, data["model"]) == ("error", deployment.name)
            assert (data["problem"]["code"], data["problem"]["status"]) == ("engine_unreachable", 503)
            assert len(await turns(client, chat)) == 1

    async def test_too_long_one_is_an_error_event_and_the_next_is_answered(
        self, client: httpx.AsyncClient, database: Database, base: BaseModelRow, tiny_gguf: Path
    ) -> None:
        small = await accepted(database, base, files_of(tiny_gguf, n_ctx=256))
        chat = await begin(client, small.name)
        ((name, data),) = await ask(client, chat, "word " * 400)
        assert (name, data["problem"]["code"]) == ("error", "prompt_too_long")
        assert (await ask(client, chat, "hello"))[-1][0] == "done"


class TestAskingAgain:
    async def test_other_words_replace_all_that_followed(
        self, client: httpx.AsyncClient, deployment: DeploymentRow
    ) -> None:
        chat = await begin(client, deployment.name)
        for words in ("one", "two", "three"):
            await ask(client, chat, words)
        response = await client.put(f"{chat}/messages/3", json={"content": "other"})
        assert events_of(response.text)[-1][0] == "done"
        found = await turns(client, chat)
        assert [one["content"] for one in found if one["role"] == "user"] == ["one", "other"]
        assert [one["position"] for one in found] == [1, 2, 3, 4]

    async def test_same_words_give_a_new_answer(
        self, client: httpx.AsyncClient, deployment: DeploymentRow
    ) -> None:
        chat = await begin(client, deployment.name)
        await ask(client, chat, "one")
        before = await turns(client, chat)
        await client.put(f"{chat}/messages/1", json={})
        after = await turns(client, chat)
        assert [one["content"] for one in after] == [one["content"] for one in before]
        assert after[1]["id"] != before[1]["id"]

    @pytest.mark.parametrize("position", [2, 7])
    async def test_only_questions_can_be_asked_again(
        self, client: httpx.AsyncClient, deployment: DeploymentRow, position: int
    ) -> None:
        chat = await begin(client, deployment.name)
        await ask(client, chat, "one")
        response = await client.put(f"{chat}/messages/{position}", json={"content": "x"})
        assert (response.status_code, response.json()["code"]) == (404, "chat_message_not_found")
        assert len(await turns(client, chat)) == 2


class TestStopping:
    async def test_client_that_leaves_stops_the_engine_and_what_was_said_is_kept(
        self,
        app: FastAPI,
        client: httpx.AsyncClient,
        database: Database,
        base: BaseModelRow,
        tiny_gguf: Path,
    ) -> None:
        long = await accepted(database, base, files_of(tiny_gguf, n_ctx=65_536))
        chat = await begin(client, long.name, sampling={"max_tokens": 60_000, "seed": 1})
        async with listening(app) as address, httpx.AsyncClient(base_url=address, timeout=60) as leaving:
            async with leaving.stream("POST", f"{chat}/messages", json={"content": "hello"}) as response:
                async for _ in response.aiter_raw():
                    break
                assert (await client.get(chat)).json()["answering"]
            answered = await self._answer(client, chat)
            told = await self._at_rest(client, chat)
        assert len(told["messages"]) == 2
        assert answered["finish_reason"] == "stopped"
        assert answered["content"]
        # The server has one slot: it answers the next question only when it has dropped the stopped one.
        async with asyncio.timeout(10):
            events = await ask(client, chat, "hello", sampling=GREEDY)
        assert events[-1][0] == "done"

    async def _answer(self, client: httpx.AsyncClient, chat: str) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while True:
                if len(found := await turns(client, chat)) == 2:
                    return found[1]
                await asyncio.sleep(0.05)

    async def _at_rest(self, client: httpx.AsyncClient, chat: str) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while True:
                told: dict[str, Any] = (await client.get(chat)).json()
                if not told["answering"]:
                    return told
                await asyncio.sleep(0.05)

    async def test_another_conversation_is_answered_when_the_first_has_ended_and_neither_is_cut(
        self, client: httpx.AsyncClient, deployment: DeploymentRow
    ) -> None:
        chats = [
            await begin(client, deployment.name, sampling={"max_tokens": 40, "seed": 1}) for _ in range(3)
        ]
        answers = await asyncio.gather(*(ask(client, chat, "hello") for chat in chats))
        assert [events[-1][0] for events in answers] == ["done"] * 3
        assert {(await turns(client, chat))[1]["finish_reason"] for chat in chats} <= {"length", "stop"}

    async def test_conversation_that_is_renamed_in_mid_answer_gets_it_and_one_that_is_deleted_stays_gone(
        self, app: FastAPI, client: httpx.AsyncClient, database: Database, base: BaseModelRow, tiny_gguf: Path
    ) -> None:
        long = await accepted(database, base, files_of(tiny_gguf, n_ctx=65_536))
        sampling = {"max_tokens": 60_000, "seed": 1}
        async with listening(app) as address, httpx.AsyncClient(base_url=address, timeout=60) as leaving:
            for is_deleted in (False, True):
                chat = await begin(client, long.name, sampling=sampling)
                async with leaving.stream("POST", f"{chat}/messages", json={"content": "hello"}) as response:
                    async for _ in response.aiter_raw():
                        break
                    if is_deleted:
                        (await client.delete(chat)).raise_for_status()
                    else:
                        (await client.patch(chat, json={"title": "another"})).raise_for_status()
                if is_deleted:
                    await asyncio.sleep(0.3)  # as long as an answer takes to be kept
                    assert (await client.get(chat)).status_code == 404
                else:
                    assert (await self._answer(client, chat))["content"]
                    assert (await self._at_rest(client, chat))["title"] == "another"

    async def test_question_edited_meanwhile_gets_only_its_new_answer(
        self, app: FastAPI, client: httpx.AsyncClient, database: Database, base: BaseModelRow, tiny_gguf: Path
    ) -> None:
        long = await accepted(database, base, files_of(tiny_gguf, n_ctx=65_536))
        chat = await begin(client, long.name, sampling={"max_tokens": 60_000, "seed": 1})
        async with listening(app) as address, httpx.AsyncClient(base_url=address, timeout=60) as leaving:
            async with leaving.stream("POST", f"{chat}/messages", json={"content": "old"}) as response:
                async for _ in response.aiter_raw():
                    break
                resent = asyncio.create_task(
                    client.put(f"{chat}/messages/1", json={"content": "new", "sampling": GREEDY})
                )
                await asyncio.sleep(0.3)
            assert events_of((await resent).text)[-1][0] == "done"
        found = await turns(client, chat)
        assert [(one["role"], one["finish_reason"]) for one in found] == [
            ("user", None),
            ("assistant", "length"),
        ]
        assert found[0]["content"] == "new"
