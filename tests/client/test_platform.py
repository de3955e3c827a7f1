"""The client as a person writes scripts with it, against a true platform: data, a real LoRA, its events, its model."""

import asyncio
import json
from pathlib import Path

import pytest

from llmlora.client import AsyncClient, Client, ClientError, JobNotCompletedError, WaitTimeoutError
from llmlora.client.generated.models import JobDetail, MetricBatch, StateChange

from tests.factories import LEVEL_1

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
QUICK = {"rank": 4, "epochs": 1, "batch_size": 1}
LONG = QUICK | {"epochs": 10_000}


@pytest.fixture(scope="module")
def dataset_id(platform_url: str) -> str:
    with Client(platform_url) as client:
        return client.datasets.upload(file=LEVEL_1).dataset.id


@pytest.fixture(scope="module")
def trained(platform_url: str, dataset_id: str, tiny_model_dir: Path) -> JobDetail:
    """A LoRA of the tiny model."""
    with Client(platform_url) as client:
        job = client.jobs.create(
            name="first", dataset_id=dataset_id, base_model=f"path:{tiny_model_dir}", config=QUICK
        )
        return client.jobs.wait_completed(job.id, timeout_s=300)


class TestDatasets:
    def test_the_same_file_is_known_already(self, client: Client, dataset_id: str) -> None:
        again = client.datasets.upload(file=LEVEL_1)
        assert (again.already_known, again.dataset.id) == (True, dataset_id)

    def test_lists_are_gone_through_page_by_page(self, client: Client, tmp_path: Path) -> None:
        made = set()
        for place in range(3):
            path = tmp_path / f"rows-{place}.json"
            path.write_text(json.dumps([{"instruction": f"q{place}", "output": "a"}]), encoding="utf-8")
            made.add(client.datasets.upload(file=path, name=f"page {place}").dataset.id)
        found = [one.id for one in client.datasets.iterate(limit=2)]
        assert made <= set(found)
        assert len(found) == len(set(found))
        assert len(client.datasets.list(limit=2).data) == 2

    def test_a_file_comes_back_as_it_was(self, client: Client, dataset_id: str, tmp_path: Path) -> None:
        assert (
            client.datasets.download_file(dataset_id, tmp_path / "a" / "back.json").read_bytes()
            == LEVEL_1.read_bytes()
        )

    def test_what_is_not_there_is_refused_in_the_language(self, platform_url: str) -> None:
        with Client(platform_url, language="ja") as client, pytest.raises(ClientError) as caught:
            client.datasets.get("ds_none")
        assert (caught.value.status, caught.value.code) == (404, "dataset_not_found")
        assert "ありません" in caught.value.detail or "見つかりません" in caught.value.detail
        assert caught.value.link


class TestJobs:
    def test_a_job_leaves_curves_and_files(self, client: Client, trained: JobDetail, tmp_path: Path) -> None:
        curve = client.jobs.get_metrics(trained.id, name=["train/loss"]).series["train/loss"]
        assert len(curve.steps) == len(curve.values) == curve.total == 5
        [adapter] = client.artifacts.list(trained.id, kind=["adapter"]).data
        packed = client.artifacts.download(adapter.id, tmp_path / "adapter.zip")
        assert packed.read_bytes()[:2] == b"PK"
        assert client.jobs.download_metrics(trained.id).splitlines()[0].startswith("step")

    def test_events_come_in_order_and_end_with_the_job(self, client: Client, trained: JobDetail) -> None:
        events = list(client.jobs.follow(trained.id))
        assert [one.seq for one in events] == list(range(1, len(events) + 1))
        steps = [
            one.body.step
            for one in events
            if isinstance(one.body, MetricBatch) and "train/loss" in one.body.values
        ]
        assert steps == [1, 2, 3, 4, 5]
        behind = list(client.jobs.follow(trained.id, after=events[-3].seq))
        assert behind == events[-2:]

    def test_waiting_ends_in_time_and_a_cancelled_job_is_said_to_be(
        self, client: Client, dataset_id: str, tiny_model_dir: Path
    ) -> None:
        job = client.jobs.create(dataset_id=dataset_id, base_model=f"path:{tiny_model_dir}", config=LONG)
        with pytest.raises(WaitTimeoutError):
            client.jobs.wait(job.id, timeout_s=0.5)
        with pytest.raises(WaitTimeoutError):
            client.jobs.wait(job.id, timeout_s=0.2, poll_s=0.1)
        client.jobs.cancel(job.id, checkpoint="discard")
        with pytest.raises(JobNotCompletedError) as caught:
            client.jobs.wait_completed(job.id, timeout_s=60)
        assert caught.value.state == "cancelled"

    def test_asyncio_follows_and_waits_too(self, platform_url: str, trained: JobDetail) -> None:
        async def states() -> list[str]:
            async with AsyncClient(platform_url) as client:
                job = await client.jobs.wait(trained.id, timeout_s=10)
                assert job.id in [one.id async for one in client.jobs.iterate(limit=1)]
                followed = client.jobs.follow(trained.id, types=["state"])
                return [one.body.state async for one in followed if isinstance(one.body, StateChange)]

        assert asyncio.run(states())[-2:] == ["running", "completed"]


class TestChat:
    def test_a_deployed_model_answers_word_by_word(self, client: Client, trained: JobDetail) -> None:
        deploying = client.jobs.deploy(trained.id, target="llama_cpp", max_tokens=4)
        # The tiny model never ends an answer, which its checks say; whoever knows better may use it.
        assert client.jobs.wait(deploying.id, timeout_s=120).state == "failed"
        [deployment] = client.deployments.list(training_job_id=trained.id).data
        assert client.deployments.use_anyway(deployment.id).state == "ready"
        question = [{"role": "user", "content": "富士山"}]
        whole = client.openai.create_chat_completion(
            model=deployment.name, messages=question, max_tokens=4, temperature=0
        )
        parts = [
            sent.json()["choices"][0]["delta"].get("content", "")
            for sent in client.openai.stream_chat_completion(
                model=deployment.name, messages=question, max_tokens=4, temperature=0
            )
            if sent.data != "[DONE]" and sent.json()["choices"]
        ]
        assert "".join(parts) == whole.choices[0].message.content
