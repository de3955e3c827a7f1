"""Files of curves and logs hold every point and every line, however long the job is."""

import csv
import io
from typing import Any

import httpx
import pytest

from llmlora.contracts.events import LogBatch, MetricBatch
from llmlora.kit.db import Database

from tests.fakes.work import execute, make_job
from tests.features.jobs.door import JOBS, claimed, stored
from tests.features.jobs.test_bounded_reads import recorded

pytestmark = pytest.mark.anyio


def rows_of(response: httpx.Response) -> list[list[str]]:
    assert response.status_code == 200, response.text
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


class TestCurves:
    async def test_every_point_of_a_long_job_is_in_the_file(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        job_id = await recorded(database, 12_345, "step * 0.1")
        head, *rows = rows_of(await client.get(f"{JOBS}/{job_id}/metrics.csv"))
        assert head == ["step", "x"]
        assert [int(step) for step, _ in rows] == list(range(1, 12_346))
        assert float(rows[-1][1]) == pytest.approx(1234.5)

    async def test_curves_of_different_steps_share_lines(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        job_id = await make_job(database)
        epoch = await claimed(database, job_id)
        points = [MetricBatch(step=n, values={"train/loss": n / 3}) for n in (1, 2, 4)]
        await stored(
            database, job_id, epoch, *points, MetricBatch(step=3, values={"eval/loss": 0.5, "a,b": 1.0})
        )
        head, *rows = rows_of(await client.get(f"{JOBS}/{job_id}/metrics.csv"))
        assert head == ["step", "a,b", "eval/loss", "train/loss"]
        assert rows[2] == ["3", "1.0", "0.5", ""]
        assert [row[0] for row in rows] == ["1", "2", "3", "4"]
        assert float(rows[3][3]) == 4 / 3
        named = rows_of(await client.get(f"{JOBS}/{job_id}/metrics.csv", params={"name": "eval/loss"}))
        assert named == [["step", "eval/loss"], ["3", "0.5"]]

    async def test_values_that_are_no_numbers_stay(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        value = "CASE step WHEN 1 THEN 'NaN'::float8 WHEN 2 THEN 'Infinity' WHEN 3 THEN '-Infinity' ELSE 1e-300 END"
        job_id = await recorded(database, 4, value)
        rows = rows_of(await client.get(f"{JOBS}/{job_id}/metrics.csv"))
        assert [value for _, value in rows[1:]] == ["NaN", "Infinity", "-Infinity", "1e-300"]

    async def test_job_without_a_point_gives_a_line_of_names(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        assert rows_of(await client.get(f"{JOBS}/{await make_job(database)}/metrics.csv")) == [["step"]]

    async def test_compared_jobs_are_told_apart_and_no_name_is_a_formula(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        first, second = await recorded(database, 2500, "step"), await recorded(database, 3, "step")
        await execute(database, "UPDATE job SET name = '=HYPERLINK(1)' WHERE id = :job", job=first)
        asked: dict[str, Any] = {"job_id": [first, second, first]}
        head, *rows = rows_of(await client.get("/api/training/metrics.csv", params=asked))
        assert head == ["run", "name", "metric", "step", "value"]
        assert len(rows) == 2503
        assert {row[1] for row in rows if row[0] == first} == {"'=HYPERLINK(1)"}

    @pytest.mark.parametrize(
        "path", [f"{JOBS}/none/metrics.csv", f"{JOBS}/none/log.txt", "/api/training/metrics.csv?job_id=none"]
    )
    async def test_unknown_job_is_a_problem_not_a_file(self, client: httpx.AsyncClient, path: str) -> None:
        response = await client.get(path)
        assert (response.status_code, response.json()["code"]) == (404, "job_not_found")


class TestLog:
    async def test_every_line_is_in_the_file_with_the_name_of_the_job(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        job_id = await make_job(database)
        epoch = await claimed(database, job_id)
        await stored(
            database, job_id, epoch, *(LogBatch(level="info", message=f"{n} 行目") for n in range(2345))
        )
        await execute(database, "UPDATE job SET name = '夏/\"1\"' WHERE id = :job", job=job_id)
        response = await client.get(f"{JOBS}/{job_id}/log.txt")
        lines = response.text.splitlines()
        assert [line.split(" info    ")[1] for line in lines] == [f"{n} 行目" for n in range(2345)]
        assert "filename*=UTF-8''%E5%A4%8F--1-.log" in response.headers["content-disposition"]
