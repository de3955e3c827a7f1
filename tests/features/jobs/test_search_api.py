"""One search over data sets, jobs, models and chats, in Japanese and English."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from llmlora.features.search.marking import excerpt_of, folded, marks_of
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.tables.base_model import BaseModelRow

from tests.features.chat_door import accepted
from tests.features.jobs.door import created

pytestmark = pytest.mark.anyio


async def search(client: httpx.AsyncClient, q: str, **params: Any) -> dict[str, Any]:
    answer = await client.get("/api/search", params={"q": q, **params})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def chat_called(client: httpx.AsyncClient, title: str) -> str:
    chat = await client.post("/api/chat/sessions", json={"title": title, "models": ["any"]})
    return str(chat.json()["id"])


async def said(database: Database, chat_id: str, content: str) -> None:
    row = "INSERT INTO chat_message (id, session_id, position, role, content, facts, created_at) "
    async with database.unit_of_work() as session:
        values = {"id": new_id("msg"), "chat": chat_id, "content": content}
        await session.execute(text(row + "VALUES (:id, :chat, 1, 'user', :content, '{}', now())"), values)


class TestSearch:
    async def test_finds_every_kind_by_one_word(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, base: BaseModelRow
    ) -> None:
        word = new_id("w")
        job = await created(client, request_body)
        served = await accepted(database, base)
        chat = await chat_called(client, "")
        await said(database, chat, f"今日の {word.upper()} は何ですか。")
        await client.patch(f"/api/labels/dataset/{request_body['dataset_id']}", json={"name": f"{word} FAQ"})
        await client.patch(f"/api/labels/job/{job['id']}", json={"note": f"覚え書き {word}"})
        await client.patch(f"/api/labels/base_model/{base.id}", json={"add_tags": [word]})
        await client.patch(f"/api/labels/deployment/{served.id}", json={"add_tags": [word]})
        found = (await search(client, word))["data"]
        assert {one["kind"]: one["id"] for one in found} == {
            "dataset": request_body["dataset_id"],
            "job": job["id"],
            "base_model": base.id,
            "deployment": served.id,
            "chat": chat,
        }
        where = {one["kind"]: one["excerpt"] and one["excerpt"]["of"] for one in found}
        assert where == {
            "dataset": None, "job": "note", "base_model": "tag", "deployment": "tag", "chat": "message",
        }  # fmt: skip
        data = next(one for one in found if one["kind"] == "dataset")
        assert data["marks"] == [{"start": 0, "end": len(word)}]
        only = await search(client, word, kinds=["chat", "job"])
        assert [one["kind"] for one in only["data"]] == ["chat", "job"]

    async def test_puts_exact_names_first_then_beginnings_then_parts_then_tags_then_messages(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        word = new_id("w")
        by_message, by_tag = await chat_called(client, "何か"), await chat_called(client, "別の話")
        await said(database, by_message, f"… {word} …")
        await client.patch(f"/api/labels/chat/{by_tag}", json={"add_tags": [word]})
        within = await chat_called(client, f"秋の {word}")
        begins = await chat_called(client, f"{word} の続き")
        exact = await chat_called(client, word)
        found = await search(client, word)
        assert [one["id"] for one in found["data"]] == [exact, begins, within, by_tag, by_message]
        first = await search(client, word, limit=2)
        assert [one["id"] for one in first["data"]] == [exact, begins]
        assert first["more"] == ["chat"]

    @pytest.mark.parametrize(
        ("title", "q"),
        [
            ("ガッコウのサーバー", "がっこう"),
            ("ｶﾞｯｺｳの返品", "ガッコウ　返品"),
            ("ＡＢＣ　Ｆａｑ", "abc faq"),
            ("Éclair recipe", "ÉCLAIR"),
            ("100%_sure\\", "100%_SURE\\"),
            ("犬と猫", "犬"),
        ],
    )
    async def test_reads_width_case_and_kana_as_one(
        self, client: httpx.AsyncClient, database: Database, title: str, q: str
    ) -> None:
        own = new_id("n")
        by_title = await chat_called(client, f"{own} {title}")
        by_message = await chat_called(client, "…")
        await said(database, by_message, f"{own} と {title} について")
        found = (await search(client, f"{q} {own}"))["data"]
        assert [one["id"] for one in found] == [by_title, by_message]
        assert found[1]["excerpt"]["marks"]

    async def test_finds_nothing_for_what_is_nowhere_and_for_nothing(self, client: httpx.AsyncClient) -> None:
        await chat_called(client, "何か")
        assert await search(client, "ない言葉だけ") == {"data": [], "more": []}
        assert await search(client, " 　 ") == {"data": [], "more": []}
        for params in ({"q": "x" * 201}, {"q": "a\0"}, {"q": "a", "limit": 51}, {"q": "a", "kinds": ["x"]}):
            assert (await client.get("/api/search", params=params)).status_code == 422

    async def test_folds_as_the_database_does(self, database: Database) -> None:
        samples = ["ｶﾞｯｺｳ ヴァ ヶ ヽヾ", "ＡｂＣ É ß", "𝔘𝔫𝔦 ㍿ ﷺ", "パ゚ a\u0301", "plain ASCII %_"]
        async with database.unit_of_work() as session:
            for sample in samples:
                told = await session.scalar(text("SELECT searchable(:words)"), {"words": sample})
                assert told == folded(sample), sample


class TestMarks:
    def test_stand_on_the_text_as_it_is_written(self) -> None:
        assert marks_of("ｶﾞｯｺｳ ガッコウ", ["がっこう"]) == [(0, 5), (6, 10)]
        assert marks_of("㍿ABC", ["株式会社a"]) == [(0, 2)]
        assert marks_of("aaaa", ["aa", "aaa"]) == [(0, 4)]
        assert marks_of("日本", ["x", ""]) == []

    def test_of_a_long_text_stand_on_a_line_around_the_first(self) -> None:
        line, marks = excerpt_of("前" * 500 + "\n返品は\nできますか" + "後" * 500, ["返品"])
        assert line.startswith("…前")
        assert line.endswith("後…")
        assert "\n" not in line
        assert [line[start:end] for start, end in marks] == ["返品"]
