"""OpenAI's files, through OpenAI's own client: a file is a dataset, and a bad one is refused by row and reason."""

from pathlib import Path

import openai
import pytest

from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow

from tests.features.openai.door import created, lessons, refused, uploaded

pytestmark = pytest.mark.anyio

LIMIT_BYTES = 100_000


@pytest.fixture
def settings(data_dir: Path) -> Settings:
    return Settings(data_dir=data_dir, upload_limit_bytes=LIMIT_BYTES)


class TestFiles:
    async def test_upload_is_found_listed_and_read_back(self, client: openai.AsyncOpenAI) -> None:
        content = lessons("読み戻し")
        made = await client.files.create(file=("質問.jsonl", content), purpose="fine-tune")
        assert made.id.startswith("file-ds_")
        assert (made.object, made.purpose, made.status) == ("file", "fine-tune", "processed")
        assert (made.bytes, made.filename, made.expires_at) == (len(content), "質問.jsonl", None)
        assert await client.files.retrieve(made.id) == made
        assert made in (await client.files.list(purpose="fine-tune")).data
        assert (await client.files.content(made.id)).content == content

    async def test_same_bytes_are_the_same_file(self, client: openai.AsyncOpenAI) -> None:
        assert await uploaded(client, "同じ") == await uploaded(client, "同じ")

    async def test_pages_go_both_ways(self, client: openai.AsyncOpenAI) -> None:
        made = [await uploaded(client, f"頁{i}") for i in range(3)]
        newest = await client.files.list(limit=2)
        assert [one.id for one in newest.data] == made[:0:-1]
        assert newest.has_more
        assert (await client.files.list(limit=2, after=newest.data[-1].id)).data[0].id == made[0]
        behind = [one.id async for one in client.files.list(limit=1, order="asc", after=made[0])]
        assert behind == made[1:]
        assert (await client.files.list(purpose="batch")).data == []

    async def test_deleted_file_is_gone(self, client: openai.AsyncOpenAI) -> None:
        file_id = await uploaded(client, "削除")
        deleted = await client.files.delete(file_id)
        assert (deleted.id, deleted.deleted, deleted.object) == (file_id, True, "file")
        for gone in (client.files.retrieve(file_id), client.files.content(file_id)):
            with pytest.raises(openai.NotFoundError):
                await gone

    async def test_file_of_an_unfinished_job_stays(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str
    ) -> None:
        job = await created(client, base, file_id)
        with pytest.raises(openai.ConflictError, match="uses it or is going to"):
            await client.files.delete(job.training_file)

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ('{"messages": [{"role": "user"', "not valid JSON"),
            ('{"messages": [{"role": "user", "content": "?"}]}', "no assistant turn"),
            ('{"messages": [{"role": "boss", "content": "?"}]}', "unknown role"),
        ],
    )
    async def test_bad_row_is_named_with_its_reason(
        self, client: openai.AsyncOpenAI, line: str, words: str
    ) -> None:
        content = lessons("不正") + b"\n" + line.encode()
        error = await refused(client.files.create(file=("bad.jsonl", content), purpose="fine-tune"))
        assert (error.type, error.param, error.code) == (
            "invalid_request_error",
            "file",
            "invalid_training_file",
        )
        assert "Row 3" in error.message
        assert words in error.message
        assert all(one.filename != "bad.jsonl" for one in (await client.files.list()).data)

    @pytest.mark.parametrize("content", [b"", b"just words\nand more", b'{"messages": "none"}'])
    async def test_what_is_no_training_data_is_refused(
        self, client: openai.AsyncOpenAI, content: bytes
    ) -> None:
        error = await refused(client.files.create(file=("bad.jsonl", content), purpose="fine-tune"))
        assert (error.type, error.param) == ("invalid_request_error", "file")

    async def test_other_purposes_are_refused(self, client: openai.AsyncOpenAI) -> None:
        error = await refused(client.files.create(file=("a.jsonl", lessons("用途")), purpose="batch"))
        assert error.param == "purpose"
        more = {"anchor": "created_at", "seconds": 3600}
        asked = client.files.create(
            file=("a.jsonl", lessons("用途")), purpose="fine-tune", expires_after=more
        )
        assert (await refused(asked)).param == "expires_after"

    async def test_too_large_file_is_refused(self, client: openai.AsyncOpenAI) -> None:
        with pytest.raises(openai.APIStatusError) as caught:
            await client.files.create(file=("big.jsonl", b"x" * (LIMIT_BYTES + 1)), purpose="fine-tune")
        assert caught.value.status_code == 413
