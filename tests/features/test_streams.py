"""Followers of a job see every event once and in order, over a page, a stream of events or a socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import websockets
from fastapi import FastAPI
from pydantic import SecretStr

from llmlora.contracts.events import Failure, FailureClass, Finished, MetricBatch, job_event_adapter
from llmlora.contracts.states import JobState
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.jobs.hints import publish_head
from llmlora.features.jobs.streams import MAX_SUBSCRIPTIONS
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings

from tests.fakes.work import execute, make_job
from tests.features.chat_door import client_of, listening, running_app
from tests.features.jobs.door import claimed, ended, stored

pytestmark = pytest.mark.anyio


@pytest.fixture
async def app(settings: Settings, services: ServiceUrls) -> AsyncIterator[FastAPI]:
    async with running_app(settings, services, None) as running:
        yield running


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as opened:
        yield opened


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    async with listening(app) as url:
        yield url


async def half_done(database: Database) -> tuple[str, int]:
    """A running job with events 1 (queued), 2 (running) and 3–7 (points)."""
    job_id = await make_job(database)
    epoch = await claimed(database, job_id)
    await stored(database, job_id, epoch, *(MetricBatch(step=n, values={"x": n}) for n in range(1, 6)))
    return job_id, epoch


async def rest(app: FastAPI, database: Database, job_id: str, epoch: int) -> None:
    """One more point and the end, announced as a worker does."""
    bodies = [MetricBatch(step=n, values={"x": n}) for n in range(1, 7)]
    await stored(database, job_id, epoch, *bodies, Finished(outcome="completed"))
    await publish_head(app.state.web.redis, job_id)
    await ended(database, job_id, epoch, JobState.COMPLETED)
    await publish_head(app.state.web.redis, job_id)


class TestPage:
    async def test_pages_lead_to_the_head(self, client: httpx.AsyncClient, database: Database) -> None:
        job_id, _ = await half_done(database)
        path = f"/api/training/jobs/{job_id}/events"
        first = (await client.get(path, params={"limit": 4})).json()
        second = (await client.get(path, params={"after": first["next"], "limit": 4})).json()
        assert [e["seq"] for e in first["data"] + second["data"]] == list(range(1, 8))
        assert (second["next"], second["head_seq"], second["over"]) == (None, 7, False)
        for event in first["data"]:
            job_event_adapter.validate_python(event)

    async def test_unknown_job_is_a_problem_for_pages_and_streams(self, client: httpx.AsyncClient) -> None:
        for accept in ("application/json", "text/event-stream"):
            response = await client.get("/api/training/jobs/job_none/events", headers={"accept": accept})
            assert (response.status_code, response.json()["code"]) == (404, "job_not_found")


class TestServerSentEvents:
    async def read(self, address: str, job_id: str, **headers: str) -> list[tuple[str, str, str]]:
        """(id, event, data) of every message until the stream ends."""
        messages, current = [], {"id": "", "event": "", "data": ""}
        url = f"{address}/api/training/jobs/{job_id}/events"
        accept = {"accept": "text/event-stream", **headers}
        async with httpx.AsyncClient() as client, client.stream("GET", url, headers=accept) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            async for line in response.aiter_lines():
                field, _, value = line.partition(": ")
                if field in current:
                    current[field] = value
                if line == "" and current["event"]:
                    messages.append((current["id"], current["event"], current["data"]))
                    current = {"id": "", "event": "", "data": ""}
        return messages

    async def test_replays_then_follows_to_the_end(
        self, app: FastAPI, address: str, database: Database
    ) -> None:
        job_id, epoch = await half_done(database)
        reading = asyncio.create_task(self.read(address, job_id))
        await asyncio.sleep(0.3)
        await rest(app, database, job_id, epoch)
        messages = await reading
        assert [int(id_) for id_, event, _ in messages if event != "over"] == list(range(1, 11))
        assert messages[-1][1:] == ("over", "10")
        bodies = [json.loads(data)["body"] for _, event, data in messages if event != "over"]
        assert bodies[-1]["state"] == "completed"

    async def test_last_event_id_goes_on_behind_it(
        self, app: FastAPI, address: str, database: Database
    ) -> None:
        job_id, epoch = await half_done(database)
        await rest(app, database, job_id, epoch)
        messages = await self.read(address, job_id, **{"last-event-id": "8"})
        assert [id_ for id_, event, _ in messages if event != "over"] == ["9", "10"]


class TestSocket:
    async def until_over(self, socket: Any) -> list[int]:
        seen = []
        async for text in socket:
            message = json.loads(text)
            if message["type"] == "events":
                seen += [event["seq"] for event in message["events"]]
                if message["over"]:
                    break
        return seen

    async def test_subscribers_replay_and_follow(
        self, app: FastAPI, address: str, database: Database
    ) -> None:
        job_id, epoch = await half_done(database)
        async with websockets.connect(f"{address.replace('http', 'ws')}/ws") as socket:
            await socket.send(json.dumps({"subscribe": job_id, "after": 3}))
            first = json.loads(await socket.recv())
            assert [e["seq"] for e in first["events"]] == [4, 5, 6, 7]
            await rest(app, database, job_id, epoch)
            assert await self.until_over(socket) == [8, 9, 10]

    async def test_one_socket_follows_several_jobs(
        self, app: FastAPI, address: str, database: Database
    ) -> None:
        jobs = [await half_done(database) for _ in range(3)]
        async with websockets.connect(f"{address.replace('http', 'ws')}/ws") as socket:
            for job_id, _ in jobs:
                await socket.send(json.dumps({"subscribe": job_id, "after": 0}))
            for job_id, epoch in jobs:
                await rest(app, database, job_id, epoch)
            seen: dict[str, list[int]] = {job_id: [] for job_id, _ in jobs}
            over = 0
            while over < 3:
                message = json.loads(await socket.recv())
                seen[message["job_id"]] += [event["seq"] for event in message["events"]]
                over += message["over"]
        assert all(numbers == list(range(1, 11)) for numbers in seen.values())

    async def test_nonsense_and_unknown_jobs_are_answered_and_the_socket_lives(
        self, address: str, database: Database
    ) -> None:
        job_id, _ = await half_done(database)
        async with websockets.connect(f"{address.replace('http', 'ws')}/ws") as socket:
            await socket.send("nonsense")
            assert json.loads(await socket.recv())["problem"]["code"] == "request_invalid"
            await socket.send(json.dumps({"subscribe": "job_none", "after": 0}))
            assert json.loads(await socket.recv())["problem"]["code"] == "job_not_found"
            await socket.send(json.dumps({"subscribe": job_id, "after": 0}))
            assert json.loads(await socket.recv())["head_seq"] == 7

    async def test_jobs_that_are_over_or_unknown_count_no_longer(
        self, address: str, database: Database
    ) -> None:
        finished, _ = await half_done(database)
        await execute(database, "UPDATE job SET state = 'completed' WHERE id = :id", id=finished)
        running, _ = await half_done(database)
        followed = [finished, *(f"job_none_{n}" for n in range(MAX_SUBSCRIPTIONS))]
        async with websockets.connect(f"{address.replace('http', 'ws')}/ws") as socket:
            for job_id in followed:
                await socket.send(json.dumps({"subscribe": job_id, "after": 0}))
                message = json.loads(await socket.recv())
                assert message.get("over") or message["problem"]["code"] == "job_not_found"
            await socket.send(json.dumps({"subscribe": running, "after": 0}))
            assert json.loads(await socket.recv())["head_seq"] == 7

    async def test_page_of_another_site_is_refused(self, address: str) -> None:
        url = f"{address.replace('http', 'ws')}/ws"
        with pytest.raises(websockets.exceptions.InvalidStatus, match="403"):
            await websockets.connect(url, origin=websockets.Origin("http://evil.example"))

    async def test_token_is_taken_as_header_and_a_session_as_cookie(
        self, settings: Settings, services: ServiceUrls
    ) -> None:
        closed = settings.model_copy(update={"api_token": SecretStr("secret")})
        async with running_app(closed, services, None) as app, listening(app) as address:
            url = f"{address.replace('http', 'ws')}/ws"
            with pytest.raises(websockets.exceptions.InvalidStatus, match="403"):
                await websockets.connect(url)
            async with client_of(app) as browser:
                await browser.post("/api/session", json={"token": "secret"})
                cookie = {"cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
            page = websockets.Origin("http://127.0.0.1:3000")
            for header, origin in (({"authorization": "Bearer secret"}, None), (cookie, page)):
                async with websockets.connect(url, additional_headers=header, origin=origin) as socket:
                    await socket.send(json.dumps({"unsubscribe": "job_none"}))


class TestDivergence:
    """A figure that is no number is a fact like any other: in the events, in the job, in no curve."""

    LOST = MetricBatch(
        step=7, values={"train/epoch": 1.0}, not_finite={"train/loss": "nan", "eval/loss": "inf"}
    )
    FAILURE = Failure(
        failure_class=FailureClass.DIVERGED, code="loss_not_finite", ja="ステップ 7", en="At step 7."
    )

    async def diverged(self, database: Database) -> str:
        job_id = await make_job(database)
        epoch = await claimed(database, job_id)
        points = [MetricBatch(step=n, values={"train/loss": 1 / n}) for n in range(1, 7)]
        await stored(database, job_id, epoch, *points, self.LOST, self.FAILURE)
        await ended(database, job_id, epoch, JobState.FAILED, self.FAILURE)
        return job_id

    async def test_is_told_by_the_job_and_leaves_its_curves_whole(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        path = f"/api/training/jobs/{await self.diverged(database)}"
        for shown in ((await client.get(path)).json(), (await client.get(f"{path}/progress")).json()):
            assert shown["failure"]["failure_class"] == "diverged"
            assert shown["latest_metrics"]["train/loss"] == {"step": 7, "value": None, "not_finite": "nan"}
            assert shown["latest_metrics"]["eval/loss"] == {"step": 7, "value": None, "not_finite": "inf"}
            assert shown["latest_metrics"]["train/epoch"] == {"step": 7, "value": 1.0, "not_finite": None}
        curves = (await client.get(f"{path}/metrics")).json()["series"]
        assert curves["train/loss"]["steps"] == list(range(1, 7))
        assert curves.keys() == {"train/loss", "train/epoch"}

    async def test_reaches_a_socket_and_a_page_of_events_as_strict_json(
        self, address: str, client: httpx.AsyncClient, database: Database
    ) -> None:
        job_id = await self.diverged(database)

        def refuse(word: str) -> None:
            raise AssertionError(word)

        page = await client.get(f"/api/training/jobs/{job_id}/events")
        told = json.loads(page.text, parse_constant=refuse)["data"]
        async with websockets.connect(f"{address.replace('http', 'ws')}/ws") as socket:
            await socket.send(json.dumps({"subscribe": job_id}))
            sent = json.loads(await socket.recv(), parse_constant=refuse)["events"]
        for events in (told, sent):
            (body,) = [e["body"] for e in events if e["body"].get("step") == 7]
            assert body["not_finite"] == {"train/loss": "nan", "eval/loss": "inf"}

    async def test_is_forgotten_where_a_resumed_run_gets_a_number_there(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        job_id = await make_job(database)
        epoch = await claimed(database, job_id)
        await stored(database, job_id, epoch, self.LOST, MetricBatch(step=8, values={"train/loss": 0.5}))
        shown = (await client.get(f"/api/training/jobs/{job_id}")).json()["latest_metrics"]
        assert shown["train/loss"] == {"step": 8, "value": 0.5, "not_finite": None}
        assert shown["eval/loss"]["not_finite"] == "inf"


class TestWatching:
    async def test_socket_hears_of_news_without_their_content(self, app: FastAPI, address: str) -> None:
        async with websockets.connect(f"{address.replace('http', 'ws')}/ws") as socket:
            await socket.send(json.dumps({"watch": "grp_watched"}))
            assert json.loads(await socket.recv()) == {"type": "hint", "id": "grp_watched"}
            async with asyncio.timeout(20):
                while True:
                    await publish_head(app.state.web.redis, "grp_watched")
                    try:
                        async with asyncio.timeout(0.5):
                            told = json.loads(await socket.recv())
                    except TimeoutError:  # the subscription was not there yet
                        continue
                    assert told == {"type": "hint", "id": "grp_watched"}
                    break
