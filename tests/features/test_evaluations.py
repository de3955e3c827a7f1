"""Evaluations: kept when a run completes, listed, shown, compared over the same rows."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from sqlalchemy import delete
from sqlmodel import col

from llmlora.contracts.evaluation import FILE, REPORT, Evaluation, Outcome
from llmlora.contracts.events import Artifact, ArtifactKind
from llmlora.contracts.states import JobState
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.hosts.running import Outcome as RunOutcome
from llmlora.features.evaluations.paired import METRICS, figure_of, interval_of_difference
from llmlora.features.runs.completing import keep_results
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.evaluation import EvaluationRow
from llmlora.tables.job import JobRow

from tests.fakes.evaluations import LABELS, evaluation_of, judged, outcome
from tests.features.chat_door import Nowhere, client_of, job_over, running_app
from tests.features.jobs.conftest import dataset_id

__all__ = ["dataset_id"]
DOOR = "/api/evaluations"


@pytest.fixture
async def client(settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    async with running_app(settings, services, Nowhere()) as app, client_of(app) as opened:
        yield opened


async def kept(
    database: Database, data_dir: Path, found: Evaluation, *, report: dict[str, Any] | None = None
) -> str:
    """The job of a run that has left this evaluation and has completed."""
    async with database.unit_of_work() as session:
        job_id = await job_over(session)
        path = data_dir / "jobs" / job_id / "1" / FILE
        path.parent.mkdir(parents=True)
        path.write_text(found.model_dump_json(), encoding="utf-8")
        place = path.relative_to(data_dir).as_posix()
        session.add(
            ArtifactRow(
                id=new_id("art"), job_id=job_id, epoch=1, kind=ArtifactKind.REPORT, name=FILE, path=place,
                sha256="0" * 64, size_bytes=path.stat().st_size, facts={}, created_at=utc_now(),
            )
        )  # fmt: skip
        made = Artifact(kind=ArtifactKind.REPORT, name=FILE, path=place, sha256="0" * 64, size_bytes=1)
        run = RunOutcome(
            JobState.COMPLETED,
            artifacts=[made],
            reports={REPORT: found.report() if report is None else report},
        )
        await keep_results(session, await session.get_one(JobRow, job_id), run, data_dir)
    return job_id


async def id_of(client: httpx.AsyncClient, job_id: str) -> str:
    [one] = (await client.get(DOOR, params={"job_id": job_id})).json()["data"]
    return str(one["id"])


class TestKeeping:
    pytestmark = pytest.mark.anyio

    async def test_completed_run_is_listed_shown_and_named_by_its_job(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path, dataset_id: str
    ) -> None:
        found = evaluation_of(judged([3, 4, 10]), dataset_id=dataset_id)
        job_id = await kept(database, data_dir, found)

        [listed] = (await client.get(DOOR, params={"job_id": job_id})).json()["data"]
        assert (listed["job_id"], listed["dataset_id"], listed["rows"]) == (job_id, dataset_id, 60)
        assert listed["dataset_name"]
        assert [one["name"] for one in listed["figures"]] == ["accuracy", "macro_f1", "micro_f1"]
        shown = (await client.get(f"{DOOR}/{listed['id']}")).json()
        assert shown["confusion"]["counts"] == [list(row) for row in found.confusion.counts]  # type: ignore[union-attr]
        assert shown["baseline"]["figures"][0]["value"] == pytest.approx(1 / 3)
        assert [one["outcome"]["row"] for one in shown["mistakes"]] == [10, 4, 3]
        assert "outcomes" not in shown
        job = (await client.get(f"/api/training/jobs/{job_id}")).json()
        assert job["evaluation_id"] == listed["id"]

    async def test_a_second_run_of_the_job_replaces_what_the_first_has_found(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path
    ) -> None:
        job_id = await kept(database, data_dir, evaluation_of(judged([1, 2])))
        better = evaluation_of(judged([])).report()
        async with database.unit_of_work() as session:
            job = await session.get_one(JobRow, job_id)
            await keep_results(
                session, job, RunOutcome(JobState.COMPLETED, reports={REPORT: better}), data_dir
            )
        [one] = (await client.get(DOOR, params={"job_id": job_id})).json()["data"]
        assert one["figures"][0]["value"] == 1

    async def test_report_of_another_shape_ends_no_run(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path
    ) -> None:
        job_id = await kept(database, data_dir, evaluation_of(judged([])), report={"score": 3})
        assert (await client.get(DOOR, params={"job_id": job_id})).json()["data"] == []
        assert (await client.get(f"/api/training/jobs/{job_id}")).json()["evaluation_id"] is None

    async def test_data_set_that_is_gone_stays_known_by_its_hash(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path
    ) -> None:
        found = evaluation_of(judged([5]), dataset_id="ds_gone", dataset_sha256="cd" * 32)
        await kept(database, data_dir, found)
        [one] = (await client.get(DOOR, params={"dataset_sha256": "cd" * 32})).json()["data"]
        assert (one["dataset_id"], one["dataset_name"]) == (None, None)

    async def test_goes_with_its_job(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path
    ) -> None:
        job_id = await kept(database, data_dir, evaluation_of(judged([5])))
        id_ = await id_of(client, job_id)
        assert (await client.delete(f"/api/training/jobs/{job_id}")).status_code == 200
        gone = await client.get(f"{DOOR}/{id_}")
        assert (gone.status_code, gone.json()["code"]) == (404, "evaluation_not_found")
        async with database.unit_of_work() as session:
            await session.execute(delete(EvaluationRow).where(col(EvaluationRow.id) == id_))

    async def test_pages_are_walked_without_a_gap(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path
    ) -> None:
        sha256 = "ef" * 32
        made = [
            await kept(database, data_dir, evaluation_of(judged([one]), dataset_sha256=sha256))
            for one in range(3)
        ]
        seen, after = list[str](), None
        for _ in made:
            asked = {"dataset_sha256": sha256, "limit": 1} | ({"after": after} if after else {})
            page = (await client.get(DOOR, params=asked)).json()
            seen += [one["job_id"] for one in page["data"]]
            after = page["next"]
        assert (seen, after) == (made[::-1], None)


class TestRows:
    pytestmark = pytest.mark.anyio

    async def test_of_a_cell_are_those_that_are_one_class_and_were_taken_for_another(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path
    ) -> None:
        id_ = await id_of(client, await kept(database, data_dir, evaluation_of(judged([3, 4, 9]))))
        cell = {"expected": "billing", "predicted": "delivery"}
        page = (await client.get(f"{DOOR}/{id_}/outcomes", params=cell)).json()
        assert ([one["row"] for one in page["data"]], page["total"]) == ([3, 9], 2)
        second = (await client.get(f"{DOOR}/{id_}/outcomes", params={**cell, "offset": 1, "limit": 1})).json()
        assert ([one["row"] for one in second["data"]], second["total"]) == ([9], 2)

    async def test_file_that_is_gone_is_told_in_words(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path
    ) -> None:
        job_id = await kept(database, data_dir, evaluation_of(judged([3])))
        (data_dir / "jobs" / job_id / "1" / FILE).write_text("{")
        refused = await client.get(f"{DOOR}/{await id_of(client, job_id)}/outcomes")
        assert (refused.status_code, refused.json()["code"]) == (409, "evaluation_rows_gone")


class TestComparison:
    pytestmark = pytest.mark.anyio

    async def compared(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path, *found: Evaluation
    ) -> dict[str, Any]:
        first, other = [await id_of(client, await kept(database, data_dir, one)) for one in found]
        answer = await client.get(f"{DOOR}/{first}/comparison", params={"with": other})
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def test_clear_difference_over_the_same_rows_has_an_interval_without_0(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path
    ) -> None:
        worse = evaluation_of(judged(range(0, 40, 2)))
        told = await self.compared(client, database, data_dir, evaluation_of(judged([2])), worse)
        assert (told["is_same"], told["shared_rows"]) == (True, 60)
        assert (told["both_right"], told["only_first"], told["only_other"], told["both_wrong"]) == (
            40,
            19,
            0,
            1,
        )
        for one in told["differences"]:
            assert one["verdict"] == "first"
            assert 0 < one["low"] < one["difference"] < one["high"]

    async def test_difference_of_one_row_stays_open(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path
    ) -> None:
        a, b = evaluation_of(judged([2, 5])), evaluation_of(judged([2, 8]))
        told = await self.compared(client, database, data_dir, a, b)
        [accuracy, *_] = told["differences"]
        assert (accuracy["difference"], accuracy["verdict"]) == (0, "open")
        assert accuracy["low"] < 0 < accuracy["high"]

    @pytest.mark.parametrize("change", ["data", "rows"])
    async def test_other_rows_have_a_difference_and_no_interval(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path, change: str
    ) -> None:
        first = evaluation_of(judged([2]))
        if change == "data":
            other, shared = evaluation_of(judged([2]), dataset_sha256="12" * 32), 0
        else:
            other, shared = evaluation_of(judged([12], first_row=10)), 50
        told = await self.compared(client, database, data_dir, first, other)
        assert (told["is_same"], told["shared_rows"]) == (False, shared)
        assert {(one["low"], one["verdict"]) for one in told["differences"]} == {(None, None)}

    async def test_figure_that_the_rows_do_not_tell_has_no_interval(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path
    ) -> None:
        found = evaluation_of(judged([2, 7]))
        skewed = found.figures[0].model_copy(update={"value": 0.5})
        other = found.model_copy(update={"figures": (skewed, *found.figures[1:])})
        told = await self.compared(client, database, data_dir, found, other)
        assert [one["low"] is None for one in told["differences"]] == [True, False, False]

    async def test_with_itself_is_refused(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path
    ) -> None:
        id_ = await id_of(client, await kept(database, data_dir, evaluation_of(judged([3]))))
        refused = await client.get(f"{DOOR}/{id_}/comparison", params={"with": id_})
        assert (refused.status_code, refused.json()["code"]) == (422, "evaluation_of_itself")


def macro_by_hand(outcomes: tuple[Outcome, ...]) -> float:
    """F1 of each class by the definition, one row after the other."""
    found = []
    for label in LABELS:
        hit = sum(label in one.expected and label in one.predicted for one in outcomes)
        taken = sum(label in one.predicted for one in outcomes)
        there = sum(label in one.expected for one in outcomes)
        found.append(2 * hit / (taken + there) if taken + there else 0.0)
    return sum(found) / len(found)


class TestPaired:
    def test_figures_are_those_of_the_definition(self) -> None:
        outcomes = (*judged([1, 2, 30]), outcome(60, "billing", "returns"))
        assert figure_of("accuracy", LABELS, outcomes) == pytest.approx(57 / 61)
        assert figure_of("micro_f1", LABELS, outcomes) == pytest.approx(57 / 61)
        assert figure_of("macro_f1", LABELS, outcomes) == pytest.approx(macro_by_hand(outcomes))
        assert figure_of("word_error_rate", LABELS, outcomes) is None

    def test_rows_of_several_classes_and_of_none(self) -> None:
        many = Outcome(row=0, expected=("a", "b"), predicted=("b", "a"), confidence=1, correct=True)
        none = Outcome(row=1, expected=(), predicted=("a",), confidence=1, correct=False)
        assert figure_of("accuracy", ("a", "b"), (many, none)) == 0.5
        assert figure_of("micro_f1", ("a", "b"), (many, none)) == pytest.approx(4 / 5)

    def test_interval_is_that_of_drawing_rows_one_by_one(self) -> None:
        first, other = judged([1, 2]), judged([2, 5, 8, 11, 14])
        rng, differences = np.random.default_rng(7), []
        for _ in range(3000):
            drawn = rng.integers(0, 60, 60)
            mean = [np.mean([rows[i].correct for i in drawn]) for rows in (first, other)]
            differences.append(mean[0] - mean[1])
        low, high = np.percentile(differences, [2.5, 97.5])
        found = interval_of_difference("accuracy", LABELS, first, other)
        assert (found.low, found.high) == (pytest.approx(low, abs=0.02), pytest.approx(high, abs=0.02))

    def test_the_same_predictions_differ_by_nothing(self) -> None:
        for name in METRICS:
            found = interval_of_difference(name, LABELS, judged([3, 9]), judged([3, 9]))
            assert (found.low, found.high) == (0, 0)
