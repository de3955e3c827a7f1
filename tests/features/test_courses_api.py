"""Courses through the HTTP door: read in both languages, and ticked by what is there."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from llmlora.contracts.states import JobState
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.features.courses.course_files import rows_of
from llmlora.features.courses.endpoints import router
from llmlora.features.courses.reading import COURSES
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.backup import BackupRow
from llmlora.tables.chat_message import ChatMessageRow
from llmlora.tables.chat_session import ChatSessionRow
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.deployment import DeploymentRow

from tests.factories import LEVEL_1, REPOSITORY
from tests.fakes.work import make_job
from tests.features.chat_door import client_of, running_app

pytestmark = pytest.mark.anyio
TRAINER = "text_lora"
ONE_PASS = {"rank": 4, "alpha": 8, "epochs": 1}
FUJI = "富士山の高さは何メートルですか？"


@pytest.fixture
async def database(own_urls: ServiceUrls) -> AsyncIterator[Database]:
    """The file's own, empty at each test."""
    opened = Database(own_urls.database_url)
    async with opened.unit_of_work() as session:
        tables = "course_tick, backup, dataset, job, deployment, chat_session, artifact"
        await session.execute(text(f"TRUNCATE {tables} CASCADE"))
    yield opened
    await opened.close()


@pytest.fixture
async def client(
    settings: Settings, own_urls: ServiceUrls, database: Database
) -> AsyncIterator[httpx.AsyncClient]:
    async with running_app(settings, own_urls, None, router) as app, client_of(app) as opened:
        yield opened


async def added(database: Database, file: str = "level1_basic.json") -> str:
    """A data set's row as `uploaded` leaves it, without its files."""
    rows = rows_of(f"tutorial/datasets/{file}")[0]
    row = DatasetRow(
        id=new_id("ds"),
        name=file,
        kind="text.instruction",
        source_format="json",
        original_name=file,
        original_sha256=rows.original_sha256,
        original_size_bytes=1,
        rows_sha256=rows.rows_sha256,
        rows_read=5,
        rows_kept=5,
        mapping={},
        report={},
        created_at=utc_now(),
    )
    async with database.unit_of_work() as session:
        session.add(row)
    return row.id


async def uploaded(client: httpx.AsyncClient, file: str) -> str:
    path = REPOSITORY / "tutorial" / "datasets" / file
    answer = await client.post("/api/datasets/upload", files={"file": (path.name, path.read_bytes())})
    return str(answer.raise_for_status().json()["dataset"]["id"])


async def trained(
    database: Database, dataset_id: str, config: dict[str, Any], state: JobState = JobState.COMPLETED
) -> str:
    job_id = await make_job(database, config, recipe=TRAINER, inputs={"dataset_id": dataset_id})
    if state != JobState.QUEUED:
        await ended(database, job_id, state)
    return job_id


async def ended(database: Database, job_id: str, state: JobState = JobState.COMPLETED) -> None:
    async with database.unit_of_work() as session:
        for change in ("state = 'running', epoch = epoch + 1", f"state = '{state}'"):
            await session.execute(text(f"UPDATE job SET {change} WHERE id = :id"), {"id": job_id})


async def deployed(database: Database, training_id: str, state: str = "ready") -> str:
    name = f"ft:{training_id}"
    row = DeploymentRow(
        id=new_id("dep"),
        name=name,
        target="llama_cpp",
        state=state,
        training_job_id=training_id,
        files={},
        created_at=utc_now(),
    )
    async with database.unit_of_work() as session:
        session.add(row)
    return name


async def asked(database: Database, model: str, question: str, answer: str | None = "はい。") -> None:
    now, id_ = utc_now(), new_id("chat")
    async with database.unit_of_work() as session:
        session.add(
            ChatSessionRow(id=id_, title="t", models=[model], settings={}, created_at=now, updated_at=now)
        )
        await session.flush()
        for position, (role, said, of) in enumerate(
            (("user", question, None), ("assistant", answer, model)), 1
        ):
            if said is not None:
                session.add(
                    ChatMessageRow(
                        id=new_id("msg"),
                        session_id=id_,
                        position=position,
                        role=role,
                        model=of,
                        content=said,
                        facts={},
                        created_at=now,
                    )
                )


async def goals(client: httpx.AsyncClient, level: int = 1) -> dict[str, dict[str, Any]]:
    told = (await client.get(f"/api/courses/{level}/progress")).raise_for_status().json()
    return {goal["name"]: goal for goal in told["goals"]}


async def done(client: httpx.AsyncClient, level: int = 1) -> set[str]:
    return {name for name, goal in (await goals(client, level)).items() if goal["ticked_by"]}


class TestText:
    async def test_list_tells_title_time_reader_and_progress_in_either_language(
        self, client: httpx.AsyncClient
    ) -> None:
        ja = (await client.get("/api/courses?language=ja")).json()["data"]
        en = (await client.get("/api/courses", headers={"accept-language": "en"})).json()["data"]
        assert [(one["level"], one["minutes"]) for one in ja] == [(1, 30), (2, 60), (3, 120)]
        assert [(one["level"], one["minutes"]) for one in en] == [(1, 30), (2, 60), (3, 120)]
        assert ja[0]["title"] == "レベル 1: はじめての LoRA"
        assert en[0]["title"] == "Level 1: your first LoRA"
        assert all(one["audience"] and one["goals_total"] >= 5 and one["goals_done"] == 0 for one in ja + en)

    async def test_text_is_the_file_and_lines_are_its_lines(self, client: httpx.AsyncClient) -> None:
        for language, name in (("ja", "level1_basic_tutorial.md"), ("en", "level1_basic_tutorial.en.md")):
            course = (await client.get(f"/api/courses/1?language={language}")).json()
            lines = course["text"].splitlines()
            assert course["text"] == (COURSES / name).read_text(encoding="utf-8")
            assert all(lines[one["line"] - 1] == f"## {one['title']}" for one in course["sections"])
            anchors = {one["anchor"] for one in course["sections"]}
            assert {goal["anchor"] for goal in course["goals"]} <= anchors
            assert all(step["value"] in lines[step["line"] - 1] for step in course["steps"])

    async def test_settings_are_called_as_forms_call_them(self, client: httpx.AsyncClient) -> None:
        titles = {}
        for language in ("ja", "en"):
            course = (await client.get(f"/api/courses/1?language={language}")).json()
            goal = next(one for one in course["goals"] if one["name"] == "one-pass")
            titles[language] = [(one["title"], one["value"]) for one in goal["settings"]]
        assert titles["ja"] == [("ランク r", 4), ("倍率 alpha", 8), ("エポック数", 1)]
        assert titles["en"] == [("Rank", 4), ("Alpha", 8), ("Epochs", 1)]

    async def test_course_that_is_not_there_is_told(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/courses/9")
        assert (answer.status_code, answer.json()["code"]) == (404, "course_not_found")
        assert "1, 2, 3" in answer.json()["detail"]


class TestFiles:
    async def test_pictures_and_data_that_the_text_names_are_served(self, client: httpx.AsyncClient) -> None:
        picture = await client.get("/api/courses/1/files/level1_loss.ja.webp")
        assert picture.headers["content-type"] == "image/webp"
        assert picture.content.startswith(b"RIFF")
        data = await client.get("/api/courses/1/files/level1_basic.json")
        assert data.content == LEVEL_1.read_bytes()
        assert "level1_basic.json" in data.headers["content-disposition"]
        again = await client.get(
            "/api/courses/1/files/level1_basic.json", headers={"if-none-match": data.headers["etag"]}
        )
        assert again.status_code == 304

    @pytest.mark.parametrize(
        "name",
        ["level2_technical.csv", "sources.json", "level1_basic_tutorial.md", "%2e%2e%2fREADME.md"],
    )
    async def test_no_other_file_is(self, client: httpx.AsyncClient, name: str) -> None:
        assert (await client.get(f"/api/courses/1/files/{name}")).status_code in (404, 422)


class TestSeen:
    async def test_nothing_is_done_in_an_empty_studio_and_the_first_link_adds_data(
        self, client: httpx.AsyncClient
    ) -> None:
        found = await goals(client)
        assert not any(goal["ticked_by"] for goal in found.values())
        assert found["data"]["link"]["page"] == "add_data"
        assert found["one-pass"]["link"] is None

    @pytest.mark.parametrize(
        "file",
        ["level1_basic_chat.jsonl", "level1_basic_en.csv"],
    )
    async def test_data_is_known_by_its_rows_in_any_form_and_language(
        self, client: httpx.AsyncClient, file: str
    ) -> None:
        dataset_id = await uploaded(client, file)
        found = await goals(client)
        assert found["data"]["ticked_by"] == "seen"
        assert found["data"]["link"] == {
            "page": "dataset", "dataset_id": dataset_id, "job_ids": [], "model": None, "base": None,
        }  # fmt: skip
        assert found["one-pass"]["link"]["page"] == "new_training"
        assert found["one-pass"]["link"]["dataset_id"] == dataset_id

    async def test_pasted_rows_count_and_others_do_not(self, client: httpx.AsyncClient) -> None:
        rows = json.loads(LEVEL_1.read_text(encoding="utf-8"))
        await client.post("/api/datasets", json={"name": "four", "rows": rows[:4]})
        assert await done(client) == set()
        await client.post("/api/datasets", json={"name": "five", "rows": rows})
        assert await done(client) == {"data"}

    async def test_training_counts_when_it_has_completed_with_these_settings_on_this_data(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        dataset_id, other = await added(database), await added(database, "level2_technical.csv")
        await trained(database, dataset_id, {**ONE_PASS, "rank": 8})
        await trained(database, dataset_id, ONE_PASS, JobState.FAILED)
        await trained(database, other, ONE_PASS)
        queued = await trained(database, dataset_id, ONE_PASS, JobState.QUEUED)
        waiting = (await goals(client))["one-pass"]
        assert (waiting["ticked_by"], waiting["at_work"]) == (None, True)
        assert waiting["link"] == {**waiting["link"], "page": "training", "job_ids": [queued]}
        job_id = await trained(database, dataset_id, ONE_PASS)
        found = await goals(client)
        assert (found["one-pass"]["ticked_by"], found["one-pass"]["at_work"]) == ("seen", False)
        assert found["one-pass"]["link"]["job_ids"] == [job_id]
        assert found["eight-passes"]["ticked_by"] is None

    async def test_next_training_begins_as_the_one_before(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        dataset_id = await added(database)
        job_id = await trained(database, dataset_id, ONE_PASS)
        link = (await goals(client))["eight-passes"]["link"]
        assert (link["page"], link["dataset_id"], link["job_ids"]) == ("new_training", dataset_id, [job_id])
        found = await goals(client)
        assert found["one-pass-asked"]["link"]["job_ids"] == [job_id]
        assert found["eight-passes-asked"]["link"] is None

    async def test_question_counts_when_a_model_of_that_training_has_answered(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        dataset_id = await added(database)
        one = await deployed(database, await trained(database, dataset_id, ONE_PASS))
        eight = await deployed(database, await trained(database, dataset_id, {**ONE_PASS, "epochs": 8}))
        await asked(database, one, FUJI, answer=None)
        await asked(database, one, FUJI, answer="")
        await asked(database, "bundled:smollm2-135m-instruct", FUJI)
        await asked(database, one, "富士山はどこですか？")
        assert not {"one-pass-asked", "eight-passes-asked"} & await done(client)
        await asked(database, one, FUJI)
        found = await goals(client)
        assert found["one-pass-asked"]["ticked_by"] == "seen"
        assert found["eight-passes-asked"]["ticked_by"] is None
        assert found["eight-passes-asked"]["link"]["page"] == "chat"
        assert found["eight-passes-asked"]["link"]["model"] == eight

    async def test_deployment_counts_when_it_is_ready_and_a_file_when_it_was_made_as_told(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        dataset_id = await added(database, "level3_medical_chat.jsonl")
        job_id = await trained(database, dataset_id, {"rank": 16, "measure_forgetting": True})
        await deployed(database, job_id, "checking")
        made = {"q4_K_M": False, "q8_0": True}
        for outtype, counts in made.items():
            export = await make_job(
                database,
                {"target": "merged", "outtype": outtype},
                recipe="export_gguf",
                inputs={"training_job_id": job_id},
            )
            await ended(database, export)
            async with database.unit_of_work() as session:
                session.add(
                    ArtifactRow(
                        id=new_id("art"),
                        job_id=export,
                        epoch=1,
                        kind="gguf",
                        name="a",
                        path="a",
                        sha256="0",
                        size_bytes=1,
                        facts={},
                        created_at=utc_now(),
                    )
                )
            assert ("exported" in await done(client, 3)) is counts
        assert "checks" not in await done(client, 3)
        await deployed(database, job_id)
        assert await done(client, 3) == {"data", "rank-16", "exported", "checks"}

    async def test_backup_counts_when_it_holds_the_data(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        async def backed_up() -> None:
            async with database.unit_of_work() as session:
                row = BackupRow(id=new_id("bak"), file="/b.tar", size_bytes=1, made_at=utc_now())
                session.add(row)

        await backed_up()
        await added(database, "level3_medical.csv")
        assert await done(client, 3) == {"data"}
        await backed_up()
        assert await done(client, 3) == {"data", "backup"}

    async def test_comparison_opens_with_the_newest_of_each_setting(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        dataset_id = await added(database, "level2_technical.csv")
        assert (await goals(client, 2))["compared"]["link"] is None
        ids = [await trained(database, dataset_id, {"rank": rank}) for rank in (2, 8, 8, 16, 32)]
        link = (await goals(client, 2))["compared"]["link"]
        assert (link["page"], link["job_ids"]) == ("comparison", [ids[2], ids[3], ids[4]])


class TestKept:
    async def test_what_was_seen_stays_done_when_its_data_is_deleted(self, client: httpx.AsyncClient) -> None:
        dataset_id = await uploaded(client, "level1_basic.csv")
        before = (await goals(client))["data"]
        (await client.delete(f"/api/datasets/{dataset_id}")).raise_for_status()
        after = (await goals(client))["data"]
        assert after["ticked_by"] == "seen"
        assert after["ticked_at"] == before["ticked_at"]
        assert after["link"]["page"] == "add_data"
        listed = (await client.get("/api/courses")).json()["data"][0]
        assert listed["goals_done"] == 1

    async def test_what_nobody_sees_is_ticked_by_hand_and_taken_back(self, client: httpx.AsyncClient) -> None:
        told = (await client.put("/api/courses/2/ticks/compared")).json()
        assert {one["name"]: one["ticked_by"] for one in told["goals"]}["compared"] == "hand"
        assert await done(client, 2) == {"compared"}
        (await client.put("/api/courses/2/ticks/compared")).raise_for_status()
        (await client.delete("/api/courses/2/ticks/compared")).raise_for_status()
        assert await done(client, 2) == set()

    async def test_what_is_seen_is_not_ticked_by_hand(self, client: httpx.AsyncClient) -> None:
        for ask in (client.put, client.delete):
            refused = await ask("/api/courses/1/ticks/data")
            assert (refused.status_code, refused.json()["code"]) == (409, "course_goal_seen")
            nothing = await ask("/api/courses/1/ticks/none")
            assert (nothing.status_code, nothing.json()["code"]) == (404, "course_goal_not_found")
