"""Messages to a real server: signed, once, again where that helps, whatever it answers."""

import asyncio
import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from llmlora.contracts.events import Failure, FailureClass, MetricBatch
from llmlora.contracts.states import JobState
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.features.webhooks.delivering import BACKOFFS, Deliverer
from llmlora.features.webhooks.messages import duration_text
from llmlora.features.webhooks.repository import KEPT, claim_due
from llmlora.kit.db import Database
from llmlora.kit.net import free_port
from llmlora.kit.settings import Settings

from tests.fakes.receiver import BROKEN, ENDLESS, FAILED, GONE, SILENCE, Receiver, moved_to, receiving
from tests.fakes.work import HEAVY, LIGHT, execute, make_job, until
from tests.features.jobs.door import claimed, ended, stored
from tests.features.webhooks.test_webhooks_api import HOOKS, added

pytestmark = pytest.mark.anyio
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef").decode()
QUICK = (timedelta(0), timedelta(0))


def deliverer(own: Database, settings: Settings, **given: Any) -> Deliverer:
    return Deliverer(own, settings, **{"backoffs": QUICK, "answer_s": 5.0, **given})


async def history(client: httpx.AsyncClient, hook: dict[str, Any]) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = (await client.get(f"{HOOKS}/{hook['id']}/deliveries")).json()["data"]
    return data


async def ended_job(own: Database, state: JobState, recipe: str = HEAVY, **columns: Any) -> str:
    """A job that ran and ended."""
    job_id = await make_job(own, recipe=recipe, **columns)
    epoch = await claimed(own, job_id)
    await stored(own, job_id, epoch, MetricBatch(step=3, values={"train/loss": 0.5}))
    failure = Failure(failure_class=FailureClass.INPUT, code="no_rows", ja="行がありません。", en="No rows.")
    await ended(own, job_id, epoch, state, failure if state is JobState.FAILED else None)
    return job_id


async def tried(client: httpx.AsyncClient, hook: dict[str, Any]) -> None:
    assert (await client.post(f"{HOOKS}/{hook['id']}/test")).status_code == 202


class TestMessage:
    async def test_end_of_a_training_is_told_once_signed_with_its_facts(
        self, client: httpx.AsyncClient, own: Database, settings: Settings
    ) -> None:
        async with receiving() as receiver:
            hook = await added(
                client, url=f"{receiver.url}/told?a=1", secret=SECRET, pages_url="http://studio:3000/"
            )
            job_id = await ended_job(own, JobState.COMPLETED)
            both = (deliverer(own, settings), deliverer(own, settings))
            await asyncio.gather(*(one.deliver_due() for one in both))
            await both[0].deliver_due()
        assert len(receiver.received) == 1
        got = receiver.received[0]
        assert (got.path, got.headers["content-type"]) == ("/told?a=1", "application/json")
        signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
        mac = base64.b64encode(hmac.digest(b"0123456789abcdef", signed, hashlib.sha256)).decode()
        assert got.headers["webhook-signature"] == f"v1,{mac}"
        told = json.loads(got.body)
        assert told["type"] == "finished"
        job = told["data"]["job"]
        assert (job["id"], job["state"], job["recipe"]) == (job_id, "completed", HEAVY)
        assert job["metrics"]["train/loss"] == {"step": 3, "value": 0.5}
        assert job["recipe_title"]["ja"]
        assert told["data"]["url"] == f"http://studio:3000/training/{job_id}"
        assert (await history(client, hook))[0] | {"created_at": 0, "ended_at": 0} == {
            "id": got.headers["webhook-id"], "event": "finished", "job_id": job_id, "job_name": "scripted",
            "state": "delivered", "attempts": 1, "status": 200, "problem": None, "created_at": 0, "ended_at": 0,
            "next_at": None,
        }  # fmt: skip

    async def test_failure_comes_with_its_cure_in_the_shape_and_language_of_the_service(
        self, client: httpx.AsyncClient, own: Database, settings: Settings
    ) -> None:
        async with receiving() as receiver:
            for shape, language in (("slack", "ja"), ("discord", "en")):
                await added(client, url=receiver.url, shape=shape, language=language)
            await ended_job(own, JobState.FAILED)
            await deliverer(own, settings).deliver_due()
        bodies = sorted((json.loads(one.body) for one in receiver.received), key=len)
        assert "行がありません。" in bodies[0]["text"]
        assert "No rows." in bodies[1]["content"]
        assert bodies[1]["allowed_mentions"] == {"parse": []}

    async def test_steps_on_the_way_and_what_only_follows_are_not_told(
        self, client: httpx.AsyncClient, own: Database, settings: Settings
    ) -> None:
        hook = await added(client)
        step = await make_job(own, recipe=LIGHT)
        await make_job(own, recipe=HEAVY, after=[step])
        await ended(own, step, await claimed(own, step), JobState.COMPLETED)
        assert await history(client, hook) == []
        broken = await make_job(own, recipe=HEAVY)
        await make_job(own, recipe=LIGHT, after=[broken])
        await ended(own, broken, await claimed(own, broken), JobState.CANCELLED)
        await ended_job(own, JobState.COMPLETED, recipe="deploy_llama_cpp")
        told = [(one["event"], one["job_id"] == broken) for one in await history(client, hook)]
        assert sorted(told) == [("cancelled", True), ("deployed", False)]

    async def test_events_that_are_not_wanted_and_webhooks_that_are_off_are_left_alone(
        self, client: httpx.AsyncClient, own: Database
    ) -> None:
        wants, off = await added(client, events=["deployed"]), await added(client)
        await client.patch(f"{HOOKS}/{off['id']}", json={"enabled": False})
        await ended_job(own, JobState.COMPLETED)
        assert (await history(client, wants), await history(client, off)) == ([], [])

    def test_times_are_told_in_their_two_largest_units(self) -> None:
        told = [duration_text(s, is_ja=True) for s in (0.2, 59, 3600, 3725, None)]
        assert told == ["1 秒未満", "59秒", "1時間", "1時間2分", "–"]
        assert duration_text(125, is_ja=False) == "2 min 5 s"


class TestTries:
    async def told(
        self, client: httpx.AsyncClient, own: Database, settings: Settings, receiver: Receiver, **given: Any
    ) -> dict[str, Any]:
        """A test message, after all tries."""
        hook = await added(client, url=receiver.url)
        await tried(client, hook)
        await deliverer(own, settings, **given).deliver_due()
        return (await history(client, hook))[0]

    async def test_server_that_fails_is_tried_again_with_the_same_id_and_body(
        self, client: httpx.AsyncClient, own: Database, settings: Settings
    ) -> None:
        async with receiving(FAILED, BROKEN) as receiver:
            told = await self.told(client, own, settings, receiver)
        assert (told["state"], told["attempts"], told["status"], told["problem"]) == (
            "delivered",
            3,
            200,
            None,
        )
        assert len({(one.headers["webhook-id"], one.body) for one in receiver.received}) == 1

    async def test_after_the_last_try_it_is_given_up_and_said(
        self, client: httpx.AsyncClient, own: Database, settings: Settings
    ) -> None:
        async with receiving(*[FAILED] * 9) as receiver:
            told = await self.told(client, own, settings, receiver)
        assert (told["state"], told["attempts"], told["status"], told["problem"]) == (
            "failed",
            3,
            500,
            "refused",
        )
        assert len(receiver.received) == 3

    async def test_between_tries_it_waits(
        self, client: httpx.AsyncClient, own: Database, settings: Settings
    ) -> None:
        async with receiving(FAILED) as receiver:
            told = await self.told(client, own, settings, receiver, backoffs=BACKOFFS)
        assert (told["state"], told["attempts"]) == ("waiting", 1)
        assert told["next_at"] is not None

    async def test_redirect_is_not_followed(
        self, client: httpx.AsyncClient, own: Database, settings: Settings
    ) -> None:
        async with receiving() as inside, receiving(moved_to(inside.url)) as receiver:
            told = await self.told(client, own, settings, receiver)
        assert (told["state"], told["attempts"], told["status"], told["problem"]) == (
            "failed",
            1,
            307,
            "redirected",
        )
        assert inside.received == []

    async def test_refusal_is_final(
        self, client: httpx.AsyncClient, own: Database, settings: Settings
    ) -> None:
        async with receiving(GONE) as receiver:
            told = await self.told(client, own, settings, receiver)
        assert (told["state"], told["attempts"], told["problem"]) == ("failed", 1, "refused")

    async def test_server_that_says_nothing_holds_no_message_of_others(
        self, client: httpx.AsyncClient, own: Database, settings: Settings
    ) -> None:
        async with receiving(SILENCE, SILENCE, SILENCE) as slow, receiving() as receiver:
            silent = await added(client, url=slow.url)
            await tried(client, silent)
            told = await self.told(client, own, settings, receiver, answer_s=0.3)
            assert told["state"] == "delivered"
            [late] = await history(client, silent)
        assert (late["state"], late["attempts"], late["problem"]) == ("failed", 3, "timed_out")

    async def test_endless_answer_is_not_read(
        self, client: httpx.AsyncClient, own: Database, settings: Settings
    ) -> None:
        async with receiving(ENDLESS) as receiver:
            assert (await self.told(client, own, settings, receiver))["state"] == "delivered"

    async def test_where_nobody_listens_is_told(
        self, client: httpx.AsyncClient, own: Database, settings: Settings
    ) -> None:
        told = await self.told(client, own, settings, Receiver(url=f"http://127.0.0.1:{free_port()}"))
        assert (told["state"], told["attempts"], told["problem"]) == ("failed", 3, "unreachable")

    async def test_without_its_secret_nothing_goes_out(
        self, client: httpx.AsyncClient, own: Database, settings: Settings
    ) -> None:
        async with receiving() as receiver:
            hook = await added(client, url=receiver.url, secret=SECRET)
            (settings.data_dir / "secrets.key").unlink()
            await tried(client, hook)
            await deliverer(own, settings).deliver_due()
            assert [(one["state"], one["problem"]) for one in await history(client, hook)] == [
                ("failed", "secret_gone")
            ]
        assert receiver.received == []

    async def test_message_of_a_worker_that_died_is_taken_over_after_its_lease(
        self, client: httpx.AsyncClient, own: Database, settings: Settings
    ) -> None:
        async with receiving() as receiver:
            hook = await added(client, url=receiver.url)
            await tried(client, hook)
            async with own.unit_of_work() as session:
                taken = await claim_due(session, limit=8, lease=timedelta(seconds=60))
            assert len(taken) == 1
            assert await deliverer(own, settings).deliver_due() == 0
            await execute(own, "UPDATE webhook_delivery SET next_at = now() - interval '1 second'")
            assert await deliverer(own, settings).deliver_due() == 1
            assert [(one["state"], one["attempts"]) for one in await history(client, hook)] == [
                ("delivered", 2)
            ]

    async def test_turned_off_it_is_told_nothing_of_what_waited(
        self, client: httpx.AsyncClient, own: Database, settings: Settings
    ) -> None:
        hook = await added(client)
        await tried(client, hook)
        await client.patch(f"{HOOKS}/{hook['id']}", json={"enabled": False})
        assert await deliverer(own, settings).deliver_due() == 0

    async def test_history_is_bounded(
        self, client: httpx.AsyncClient, own: Database, settings: Settings
    ) -> None:
        async with receiving() as receiver:
            hook = await added(client, url=receiver.url)
            await execute(
                own,
                "INSERT INTO webhook_delivery (id, webhook_id, event, about, state, attempts, next_at, created_at)"
                " SELECT 'old' || n, :hook, 'test', '{}', 'delivered', 1, now(), now() - n * interval '1 hour'"
                " FROM generate_series(1, :many) AS n",
                hook=hook["id"], many=KEPT + 20,
            )  # fmt: skip
            await tried(client, hook)
            await deliverer(own, settings).deliver_due()
        page = (await client.get(f"{HOOKS}/{hook['id']}/deliveries", params={"limit": 200})).json()
        assert (len(page["data"]), page["data"][0]["event"]) == (KEPT, "test")


class TestWorker:
    async def test_it_delivers_until_it_ends_what_its_last_job_has_left_too(
        self, client: httpx.AsyncClient, own: Database, own_urls: ServiceUrls, settings: Settings
    ) -> None:
        over = asyncio.Event()
        async with receiving() as receiver:
            given = settings.model_copy(update={"webhook_urls": receiver.url})
            running = asyncio.create_task(Deliverer(own, given).run(over))
            hooks = await until(lambda: client.get(HOOKS), lambda answer: bool(answer.json()["data"]))
            assert hooks.json()["data"][0]["from_settings"]
            await ended_job(own, JobState.COMPLETED)
            over.set()
            await running
        assert [json.loads(one.body)["type"] for one in receiver.received] == ["finished"]
