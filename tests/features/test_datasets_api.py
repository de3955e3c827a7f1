"""Datasets through the HTTP door: what is added is found again, what is refused leaves nothing behind."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from llmlora.contracts.states import JobState
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.api import JSON_BODY_BYTES, create_app, routers
from llmlora.features.datasets.endpoints import router
from llmlora.features.jobs.repository import keep_job
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.tables.job import JobRow

pytestmark = pytest.mark.anyio


def app_of(settings: Settings, services: ServiceUrls) -> FastAPI:
    """The application with the routes of datasets, whether it lists them itself or not."""
    app = create_app(settings, services)
    if router not in routers():
        app.include_router(router)
    return app


QA = [("日本の首都は？", "東京です。"), ("一年は何か月？", "12か月です。"), ("空の色は？", "青です。")]
LIMIT_BYTES = 200_000
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def settings(data_dir: Path) -> Settings:
    return Settings(data_dir=data_dir, upload_limit_bytes=LIMIT_BYTES)


@pytest.fixture
async def client(settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    app = app_of(settings, services)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened,
    ):
        yield opened


def csv_bytes(header: tuple[str, str] = ("質問", "回答"), encoding: str = "cp932", mark: str = "") -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows((q + mark, a) for q, a in QA)
    return stream.getvalue().encode(encoding)


def rows(count: int, mark: str) -> list[dict[str, str]]:
    return [{"instruction": f"{mark} {i}", "output": f"answer {i}"} for i in range(count)]


async def upload(client: httpx.AsyncClient, content: bytes, name: str = "faq.csv") -> httpx.Response:
    return await client.post("/api/datasets/upload", files={"file": (name, content)})


async def created(client: httpx.AsyncClient, count: int = 3, **more: Any) -> dict[str, Any]:
    body = {"name": "faq", "rows": rows(count, new_id("mark")), **more}
    answer = await client.post("/api/datasets", json=body)
    assert answer.status_code == 201, answer.text
    dataset: dict[str, Any] = answer.json()["dataset"]
    return dataset


def left(data_dir: Path) -> list[Path]:
    """What lies on disk beside finished datasets."""
    places = [data_dir / "uploads", data_dir / "datasets"]
    return [p for place in places if place.exists() for p in place.iterdir()]


class TestUpload:
    async def test_cp932_csv_becomes_a_dataset(self, client: httpx.AsyncClient, data_dir: Path) -> None:
        answer = await upload(client, csv_bytes(mark=new_id("m")), "よくある質問.csv")
        assert answer.status_code == 201, answer.text
        dataset = answer.json()["dataset"]
        assert answer.json()["already_known"] is False
        assert answer.headers["location"] == f"/api/datasets/{dataset['id']}"
        assert (dataset["name"], dataset["original_name"]) == ("よくある質問", "よくある質問.csv")
        assert (dataset["kind"], dataset["encoding"]) == ("text.instruction", "cp932")
        assert dataset["counts"]["kept"] == 3
        assert [p.name for p in left(data_dir)] == [dataset["id"]]

    async def test_second_copy_is_known(self, client: httpx.AsyncClient) -> None:
        content = csv_bytes(mark=new_id("m"))
        first, second = await upload(client, content), await upload(client, content, "other.csv")
        assert (first.status_code, second.status_code) == (201, 200)
        assert second.json()["already_known"] is True
        assert second.json()["dataset"] == first.json()["dataset"]

    async def test_name_kind_and_mapping_are_taken(self, client: httpx.AsyncClient) -> None:
        content = csv_bytes(("a", "b"), "utf-8", new_id("m"))
        mapping = json.dumps({"instruction": "a", "output": "b"})
        answer = await client.post(
            "/api/datasets/upload",
            files={"file": ("x.csv", content)},
            data={"name": "名前", "kind": "text.instruction", "mapping": mapping},
        )
        assert answer.status_code == 201, answer.text
        assert answer.json()["dataset"]["name"] == "名前"
        assert answer.json()["dataset"]["mapping"] == {"instruction": "a", "output": "b"}

    async def test_directories_of_a_name_are_ignored(self, client: httpx.AsyncClient) -> None:
        answer = await upload(client, csv_bytes(mark=new_id("m")), "../../etc/../faq.csv")
        assert answer.json()["dataset"]["original_name"] == "faq.csv"

    @pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
    async def test_file_over_the_cap_is_refused(
        self, client: httpx.AsyncClient, data_dir: Path, announced: bool
    ) -> None:
        body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'
        pieces = [body, *[b"x" * 50_000] * (60 if announced else 5), b"\r\n--b--\r\n"]

        async def chunks() -> AsyncIterator[bytes]:
            for piece in pieces:
                yield piece

        headers = {"content-type": "multipart/form-data; boundary=b"}
        answer = await client.post(
            "/api/datasets/upload", content=b"".join(pieces) if announced else chunks(), headers=headers
        )
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "upload_too_large"
        assert left(data_dir) == []

    async def test_body_above_the_general_limit_arrives(self, services: ServiceUrls, data_dir: Path) -> None:
        app = app_of(Settings(data_dir=data_dir), services)
        long = rows(1500, new_id("large") + "x" * 2000)
        content = b"".join(json.dumps(row).encode() + b"\n" for row in long)
        assert len(content) > JSON_BODY_BYTES
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client,
        ):
            answer = await upload(client, content, "large.jsonl")
        assert answer.status_code == 201, answer.text
        assert answer.json()["dataset"]["counts"]["kept"] == 1500

    async def test_bad_file_is_refused_in_the_readers_language(
        self, client: httpx.AsyncClient, data_dir: Path
    ) -> None:
        japanese = await upload(client, b"   ", "空.csv")
        assert japanese.status_code == 422
        assert japanese.json()["code"] == "dataset_file_empty"
        assert japanese.json()["detail"] == "ファイル 空.csv は空です。例文を 1 行以上入れてください。"
        english = await client.post(
            "/api/datasets/upload", files={"file": ("a.csv", b"\x00\x01\x02")}, headers=ENGLISH
        )
        assert english.status_code == 422
        assert "a.csv" in english.json()["detail"]
        assert english.headers["content-language"] == "en"
        assert left(data_dir) == []

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"mapping": "{"}, "request_invalid"),
            ({"kind": "x"}, "request_invalid"),
            ({"colour": "red"}, "request_invalid"),
        ],
        ids=["mapping", "kind", "unknown"],
    )
    async def test_wrong_field_is_named(
        self, client: httpx.AsyncClient, data_dir: Path, fields: dict[str, str], code: str
    ) -> None:
        answer = await client.post(
            "/api/datasets/upload", files={"file": ("x.csv", csv_bytes())}, data=fields
        )
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(fields))}"
        assert left(data_dir) == []

    @pytest.mark.parametrize(
        ("headers", "content"),
        [
            ({"content-type": "text/csv"}, b"a,b"),
            ({"content-type": "multipart/form-data"}, b"--b--"),
            ({"content-type": "multipart/form-data; boundary=b"}, b"nonsense"),
            ({"content-type": "multipart/form-data; boundary=b"}, b"--b--\r\n"),
            (
                {"content-type": "multipart/form-data; boundary=b"},
                b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nabc',
            ),
        ],
        ids=["no form", "no boundary", "nonsense", "no file", "broken off"],
    )
    async def test_malformed_form_is_refused(
        self, client: httpx.AsyncClient, data_dir: Path, headers: dict[str, str], content: bytes
    ) -> None:
        answer = await client.post("/api/datasets/upload", content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "form_malformed")
        assert left(data_dir) == []


class TestCreate:
    async def test_rows_become_a_dataset(self, client: httpx.AsyncClient, data_dir: Path) -> None:
        dataset = await created(client)
        assert (dataset["name"], dataset["counts"]["kept"]) == ("faq", 3)
        assert [p.name for p in left(data_dir)] == [dataset["id"]]

    async def test_same_rows_are_known(self, client: httpx.AsyncClient) -> None:
        body = {"name": "faq", "rows": rows(2, new_id("same"))}
        first = await client.post("/api/datasets", json=body)
        second = await client.post("/api/datasets", json=body)
        assert (first.status_code, second.status_code) == (201, 200)
        assert first.json()["dataset"]["id"] == second.json()["dataset"]["id"]

    @pytest.mark.parametrize("given", [[], [{}], ["text"]], ids=["none", "empty row", "no object"])
    async def test_useless_rows_are_refused(
        self, client: httpx.AsyncClient, data_dir: Path, given: list[Any]
    ) -> None:
        answer = await client.post("/api/datasets", json={"name": "x", "rows": given})
        assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
        assert left(data_dir) == []

    async def test_rows_of_unknown_columns_are_refused(
        self, client: httpx.AsyncClient, data_dir: Path
    ) -> None:
        answer = await client.post("/api/datasets", json={"name": "x", "rows": [{"colour": "red"}]})
        assert (answer.status_code, answer.json()["code"]) == (422, "dataset_missing_column")
        assert left(data_dir) == []


class TestLook:
    async def test_list_is_paged_newest_first(self, client: httpx.AsyncClient) -> None:
        mark = new_id("paged")
        made = [(await created(client, name=f"{mark}-{i}"))["id"] for i in range(3)]
        query = {"q": mark.upper(), "limit": 2}
        first = (await client.get("/api/datasets", params=query)).json()
        rest = (await client.get("/api/datasets", params={**query, "after": first["next"]})).json()
        assert [d["id"] for d in first["data"] + rest["data"]] == made[::-1]
        assert rest["next"] is None

    async def test_list_is_filtered(self, client: httpx.AsyncClient) -> None:
        mark = new_id("filtered")
        chosen = await created(client, name=f"100%_{mark}")
        other = await created(client, name=f"100xx{mark}")
        found = (await client.get("/api/datasets", params={"q": f"%_{mark}"})).json()["data"]
        assert [d["id"] for d in found] == [chosen["id"]]
        chats = (await client.get("/api/datasets", params={"q": mark, "kind": "text.chat"})).json()["data"]
        assert chats == []
        assert other["id"] != chosen["id"]

    async def test_wrong_cursor_is_refused(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/datasets", params={"after": "x"})
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")

    async def test_rows_are_paged(self, client: httpx.AsyncClient) -> None:
        id_ = (await created(client, 5))["id"]
        first = (await client.get(f"/api/datasets/{id_}/rows", params={"limit": 3})).json()
        rest = (await client.get(f"/api/datasets/{id_}/rows", params={"offset": first["next"]})).json()
        answers = [row["messages"][-1]["content"] for row in first["data"] + rest["data"]]
        assert answers == [f"answer {i}" for i in range(5)]
        assert (first["next"], rest["next"]) == (3, None)

    @pytest.mark.parametrize(
        "path", ["", "/rows", "/file", "/tokens?base_model=x", "/token-lengths?base_model=x"]
    )
    async def test_beginning_of_an_id_is_not_enough(self, client: httpx.AsyncClient, path: str) -> None:
        id_ = (await created(client))["id"]
        answer = await client.get(f"/api/datasets/{id_[:-1]}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "dataset_not_found")

    async def test_file_comes_back_byte_for_byte(self, client: httpx.AsyncClient) -> None:
        content = csv_bytes(mark=new_id("m"))
        dataset = (await upload(client, content, "質問.csv")).json()["dataset"]
        path = f"/api/datasets/{dataset['id']}/file"
        whole = await client.get(path)
        assert whole.content == content
        assert whole.headers["etag"] == f'"{dataset["original_sha256"]}"'
        assert whole.headers["content-disposition"].startswith("attachment; filename*=utf-8''%E8")
        part = await client.get(path, headers={"range": "bytes=5-9"})
        assert (part.status_code, part.content) == (206, content[5:10])
        same = await client.get(path, headers={"if-none-match": whole.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")


class TestPreview:
    async def test_file_is_shown_and_not_saved(self, client: httpx.AsyncClient, data_dir: Path) -> None:
        answer = await client.post("/api/datasets/preview", files={"file": ("a.csv", csv_bytes())})
        assert answer.status_code == 200, answer.text
        shown = answer.json()
        assert (shown["found"]["format"], shown["found"]["encoding"]) == ("csv", "cp932")
        assert shown["found"]["kind"] == "text.instruction"
        assert shown["examples"][0]["messages"][-1]["content"] == "東京です。"
        assert left(data_dir) == []

    async def test_changed_mapping_changes_the_rows(self, client: httpx.AsyncClient) -> None:
        mapping = json.dumps({"instruction": "回答", "output": "質問"})
        answer = await client.post(
            "/api/datasets/preview", files={"file": ("a.csv", csv_bytes())}, data={"mapping": mapping}
        )
        assert answer.json()["found"]["mapping"] == {"instruction": "回答", "output": "質問"}
        assert answer.json()["examples"][0]["messages"][-1]["content"] == "日本の首都は？"

    async def test_refused_rows_are_told(self, client: httpx.AsyncClient) -> None:
        content = b'{"instruction":"q","output":"a"}\n{"instruction":"","output":"a"}\n'
        answer = await client.post("/api/datasets/preview", files={"file": ("a.jsonl", content)})
        assert answer.json()["counts"]["refused"] == 1
        assert answer.json()["counts"]["first_refused"][0]["row"] == 2

    async def test_body_that_is_neither_is_refused(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/api/datasets/preview", json={"upload": "x"})
        assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")


class TestDelete:
    async def test_dataset_and_its_files_are_gone(self, client: httpx.AsyncClient, data_dir: Path) -> None:
        id_ = (await created(client))["id"]
        assert (await client.delete(f"/api/datasets/{id_}")).status_code == 204
        assert (await client.get(f"/api/datasets/{id_}")).status_code == 404
        assert (await client.delete(f"/api/datasets/{id_}")).status_code == 404
        assert left(data_dir) == []

    async def test_beginning_of_an_id_deletes_nothing(self, client: httpx.AsyncClient) -> None:
        id_ = (await created(client))["id"]
        assert (await client.delete(f"/api/datasets/{id_[:-1]}")).status_code == 404
        assert (await client.get(f"/api/datasets/{id_}")).status_code == 200

    async def test_dataset_of_a_waiting_job_stays(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        id_ = (await created(client))["id"]
        job = await job_with(database, id_)
        refused = await client.delete(f"/api/datasets/{id_}", headers=ENGLISH)
        assert (refused.status_code, refused.json()["code"]) == (409, "dataset_in_use")
        assert "“test” (pending)" in refused.json()["detail"]
        assert (await client.get(f"/api/datasets/{id_}")).json()["used_by"] == [job]
        assert (await client.get(f"/api/datasets/{id_}/rows")).status_code == 200
        async with database.unit_of_work() as session:
            row = await session.get(JobRow, job)
            assert row is not None
            row.state, row.finished_at = JobState.CANCELLED, utc_now()
        assert (await client.get(f"/api/datasets/{id_}")).json()["used_by"] == [job]
        assert (await client.delete(f"/api/datasets/{id_}")).status_code == 204


class TestCounts:
    """What a list or a page says beside a data set is what the database holds, however little of it was loaded."""

    async def test_use_is_that_of_all_jobs(self, client: httpx.AsyncClient, database: Database) -> None:
        mark = new_id("name")
        used, other = [(await created(client, name=f"{mark} {n}"))["id"] for n in range(2)]
        for _ in range(103):
            await job_with(database, used)
        async with database.unit_of_work() as session:
            ended = "UPDATE job SET state = 'cancelled', finished_at = now() WHERE id = :id"
            await session.execute(text(ended), {"id": await job_with(database, used)})
        listed = (await client.get("/api/datasets", params={"q": mark})).json()["data"]
        assert {one["id"]: (one["jobs"], one["open_jobs"]) for one in listed} == {
            used: (104, 103),
            other: (0, 0),
        }
        detail = (await client.get(f"/api/datasets/{used}")).json()
        assert (detail["jobs"], detail["open_jobs"], len(detail["used_by"])) == (104, 103, 100)

    async def test_total_is_that_of_all_pages(self, client: httpx.AsyncClient) -> None:
        mark = new_id("name")
        for n in range(3):
            await created(client, name=f"{mark} {n}")
        first = (await client.get("/api/datasets", params={"q": mark, "limit": 2})).json()
        rest = (
            await client.get("/api/datasets", params={"q": mark, "limit": 2, "after": first["next"]})
        ).json()
        assert [(len(page["data"]), page["total"]) for page in (first, rest)] == [(2, 3), (1, 3)]
        assert (await client.get("/api/datasets", params={"q": mark, "kind": "text.chat"})).json()[
            "total"
        ] == 0


ORDERS = {
    "name": [3, 1, 2, 0],
    "-name": [0, 2, 1, 3],
    "rows": [1, 3, 2, 0],
    "-rows": [0, 3, 2, 1],  # equal ones newest first, either way
    "size": [1, 2, 3, 0],
    "jobs": [3, 2, 0, 1],
    "-jobs": [1, 3, 2, 0],
    "created": [0, 1, 2, 3],
    "-created": [3, 2, 1, 0],
    "kind": [3, 2, 1, 0],
    "-format": [3, 2, 0, 1],  # a single line is JSON, several are JSONL
}


class TestSort:
    @pytest.fixture
    async def mark(self, client: httpx.AsyncClient, database: Database) -> tuple[str, list[str]]:
        """Words that only these four data sets have in their name, and their ids, oldest first."""
        mark = new_id("sorted")
        named = zip("dbCa", (12, 1, 3, 3), strict=True)
        ids = [(await created(client, rows_, name=f"{name} {mark}"))["id"] for name, rows_ in named]
        async with database.unit_of_work() as session:
            for place, id_ in enumerate(ids):
                sized = text("UPDATE dataset SET original_size_bytes = :size WHERE id = :id")
                await session.execute(sized, {"id": id_, "size": (2**40, 5, 900, 1000)[place]})
        await job_with(database, ids[1])
        return mark, ids

    @staticmethod
    async def places(
        client: httpx.AsyncClient, mark: tuple[str, list[str]], sort: str, limit: int
    ) -> list[int]:
        """Which of them come, in their order, over all pages."""
        words, ids = mark
        found: list[int] = []
        after: str | None = ""
        while after is not None:
            asked = {"q": words, "sort": sort, "limit": limit, **({"after": after} if after else {})}
            page = (await client.get("/api/datasets", params=asked)).json()
            found += [ids.index(row["id"]) for row in page["data"]]
            after = page["next"]
        return found

    async def test_all_pages_together_are_in_order_and_hold_every_dataset_once(
        self, client: httpx.AsyncClient, mark: tuple[str, list[str]]
    ) -> None:
        for limit in (1, 3):
            found = {sort: await self.places(client, mark, sort, limit) for sort in ORDERS}
            assert found == ORDERS, limit

    async def test_what_is_added_between_two_pages_moves_none_of_the_others(
        self, client: httpx.AsyncClient, mark: tuple[str, list[str]]
    ) -> None:
        words, ids = mark
        query = {"q": words, "sort": "-rows", "limit": 2}
        first = (await client.get("/api/datasets", params=query)).json()
        for count in (40, 3):  # in front of all, and among those of equal size
            await created(client, count, name=f"new {words}")
        rest = (await client.get("/api/datasets", params={**query, "after": first["next"]})).json()
        shown = [row["id"] for row in first["data"] + rest["data"]]
        assert [ids.index(id_) for id_ in shown] == [0, 3, 2, 1]
        assert rest["total"] == 6

    async def test_what_none_has_is_refused_with_the_columns_there_are(
        self, client: httpx.AsyncClient
    ) -> None:
        for sort in ("colour", "-", "--name", "name,rows"):
            answer = await client.get("/api/datasets", params={"sort": sort}, headers=ENGLISH)
            assert (answer.status_code, answer.json()["code"]) == (422, "dataset_sort_unknown")
            assert "name, kind, format, rows, size, created, jobs" in answer.json()["detail"]

    async def test_cursor_of_another_order_is_refused(
        self, client: httpx.AsyncClient, mark: tuple[str, list[str]]
    ) -> None:
        first = (await client.get("/api/datasets", params={"q": mark[0], "sort": "name", "limit": 1})).json()
        for other in ({"sort": "-name"}, {}):
            answer = await client.get("/api/datasets", params={**other, "after": first["next"]})
            assert answer.json()["code"] == "cursor_invalid"


async def job_with(database: Database, dataset_id: str) -> str:
    """A queued job that has the dataset as input."""
    job = JobRow(
        id=new_id("job"),
        name="test",
        recipe="text_lora",
        state=JobState.PENDING,
        config={},
        inputs={"dataset_id": dataset_id},
        next_run_at=utc_now(),
        created_at=utc_now(),
    )
    id_ = job.id
    async with database.unit_of_work() as session:
        await keep_job(session, job, ())
    return id_


def test_endpoints_load_no_torch() -> None:
    code = "import sys, llmlora.features.datasets.endpoints; assert not {'torch', 'transformers'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
