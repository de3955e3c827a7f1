"""What a base model would see of a dataset: pieces that join to the text, loss on the answers and nothing else."""

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from llmlora.contracts.dataset import Message
from llmlora.data.kinds.text.examples import ConversationExample
from llmlora.data.kinds.text.previewer import MOST_CUT_TOKENS, rows_as_pieces
from llmlora.data.token_previews import bins_of
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.api import create_app, routers
from llmlora.features.datasets.endpoints import router
from llmlora.features.models.repository import keep
from llmlora.features.models.service import row_of_import
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings

from tests.factories import question
from tests.plugins.base_models import import_model

pytestmark = pytest.mark.anyio


def app_of(settings: Settings, services: ServiceUrls) -> FastAPI:
    """The application with the routes of datasets, whether it lists them itself or not."""
    app = create_app(settings, services)
    if router not in routers():
        app.include_router(router)
    return app


class Bytes:
    """A tokenizer whose tokens are the bytes of UTF-8, so that characters can be cut in two."""

    special_texts: frozenset[str] = frozenset({"<end>"})
    eos_text = "<end>"
    start_ids: tuple[int, ...] = ()

    def render(self, messages: Any, *, tools: str | None, add_generation_prompt: bool) -> str:
        text = "".join(
            f"{m.role}:{m.content}" + ("<end>" if m.role == "assistant" else "\n") for m in messages
        )
        return text + ("assistant:" if add_generation_prompt else "")

    def encode(self, text: str) -> list[int]:
        return list(text.encode())

    def decode(self, ids: Any) -> str:
        return bytes(ids).decode("utf-8", "replace")


class TestPieces:
    def test_pieces_join_to_the_text_and_loss_is_on_the_answer(self) -> None:
        [[row]] = rows_as_pieces([question(7, "空の色は？", "青です。")], Bytes(), max_length=999)
        assert [(p.text, p.trained) for p in row.pieces] == [
            ("user:空の色は？\nassistant:", False),
            ("青です。<end>", True),
        ]
        assert (row.row, row.truncated, row.dropped) == (7, False, None)
        assert row.tokens == len("user:空の色は？\nassistant:青です。<end>".encode())

    @pytest.mark.parametrize("max_length", range(8, 60))
    def test_cut_inside_a_character_loses_no_text(self, max_length: int) -> None:
        example = question(1, "色？", "青い空と白い雲")
        [[row]] = rows_as_pieces([example], Bytes(), max_length=max_length)
        whole = "user:色？\nassistant:青い空と白い雲<end>".encode()
        assert "".join(p.text for p in row.pieces) == whole[:max_length].decode("utf-8", "replace")
        assert (row.tokens, row.tokens_before_truncation) == (min(len(whole), max_length), len(whole))
        assert row.truncated == (len(whole) > max_length)
        assert (row.dropped is None) == any(p.trained for p in row.pieces)

    @pytest.mark.parametrize("max_length", range(8, 60))
    def test_what_a_cut_takes_is_shown_behind_what_it_leaves(self, max_length: int) -> None:
        example = question(1, "色？", "青い空と白い雲")
        [[row]] = rows_as_pieces([example], Bytes(), max_length=max_length)
        whole = "user:色？\nassistant:青い空と白い雲<end>"
        kept = "".join(piece.text for piece in row.pieces).rstrip("\ufffd")
        lost = "".join(piece.text for piece in row.cut_pieces)
        assert kept + lost == whole
        begin = whole.index("青")
        assert all(piece.trained == (whole.index(piece.text) >= begin) for piece in row.cut_pieces)
        assert (row.cut_pieces == []) == (not row.truncated)

    def test_of_an_endless_cut_the_beginning_is_shown(self) -> None:
        example = question(1, "q", "x" * 100_000)
        [[row]] = rows_as_pieces([example], Bytes(), max_length=50)
        assert sum(len(piece.text) for piece in row.cut_pieces) == MOST_CUT_TOKENS

    def test_turn_without_loss_is_shown_untrained(self) -> None:
        turns = [("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d")]
        messages = tuple(Message(role=r, content=c, train=c != "b") for r, c in turns)  # type: ignore[arg-type]
        [[row]] = rows_as_pieces([ConversationExample(row=1, messages=messages)], Bytes(), max_length=999)
        assert [p.text for p in row.pieces if p.trained] == ["d<end>"]

    def test_dropped_row_says_why(self) -> None:
        [[row]] = rows_as_pieces([question(1, "q", "<end>")], Bytes(), max_length=999)
        assert row.dropped is not None
        assert row.pieces == []

    @pytest.mark.parametrize(
        "lengths",
        [[1], [1, 24], [25], [1, 2, 1000], [100_000, 3], list(range(1, 2000)), [*range(1, 200), 50_000]],
    )
    def test_every_row_is_in_one_bin(self, lengths: list[int]) -> None:
        bins = bins_of(lengths)
        assert len(bins) <= 24 + 17
        for one in bins:
            assert one.rows == sum(one.first_tokens <= n <= one.last_tokens for n in lengths)
        assert sum(one.rows for one in bins) == len(lengths)
        assert [one.last_tokens + 1 for one in bins[:-1]] == [one.first_tokens for one in bins[1:]]

    def test_one_long_row_does_not_flatten_the_others(self) -> None:
        bins = bins_of([*range(1, 200), 50_000])
        assert sum(one.rows > 0 for one in bins) == 14
        widths = [one.last_tokens - one.first_tokens + 1 for one in bins]
        assert widths[:13] == [16] * 13
        assert widths[13:] == [16 * 2**n for n in range(1, len(widths) - 12)]


async def registered(database: Database, directory: Path, data_dir: Path) -> None:
    """A model, described by the import itself."""
    reference = f"path:{directory}"
    outcome = import_model(reference, data_dir)
    assert outcome.failure is None, outcome.failure
    async with database.unit_of_work() as session:
        await keep(session, row_of_import(outcome.artifacts[0], reference, data_dir))


@pytest.fixture(scope="module")
def place(services: ServiceUrls, tiny_model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data directory in which the tiny model is registered."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("tokens"))

    async def register() -> None:
        database = Database(services.database_url)
        try:
            await registered(database, tiny_model_dir, settings.data_dir)
        finally:
            await database.close()

    asyncio.run(register())
    return settings


@pytest.fixture
def reference(tiny_model_dir: Path) -> str:
    return f"path:{tiny_model_dir}"


@pytest.fixture
async def client(place: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    app = app_of(place, services)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=120) as opened,
    ):
        yield opened


async def created(client: httpx.AsyncClient, rows: list[dict[str, str]]) -> str:
    answer = await client.post("/api/datasets", json={"name": "tokens", "rows": rows})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["dataset"]["id"])


def rows(count: int) -> list[dict[str, str]]:
    mark = new_id("q")
    return [{"instruction": f"{mark} の {i} は？", "output": f"答え {i} 😀です。"} for i in range(count)]


@pytest.mark.slow
class TestThroughTheDoor:
    async def test_trained_pieces_are_the_answers(self, client: httpx.AsyncClient, reference: str) -> None:
        given = rows(3)
        id_ = await created(client, given)
        answer = await client.get(f"/api/datasets/{id_}/tokens", params={"base_model": reference})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert (page["base_model"], page["max_length"], page["next"]) == (reference, 1024, None)
        assert [row["row"] for row in page["data"]] == [1, 2, 3]
        for row, expected in zip(page["data"], given, strict=True):
            trained = [p["text"] for p in row["pieces"] if p["trained"]]
            assert trained == [expected["output"] + "<|im_end|>"]
            text = "".join(p["text"] for p in row["pieces"])
            assert f"<|im_start|>user\n{expected['instruction']}<|im_end|>" in text
            assert text.endswith(trained[0])
            assert 0 < row["supervised_tokens"] < row["tokens"]

    async def test_pages_cross_blocks_and_are_kept(
        self, client: httpx.AsyncClient, reference: str, place: Settings
    ) -> None:
        id_ = await created(client, rows(70))
        query: dict[str, Any] = {"base_model": reference, "offset": 45, "limit": 10}
        page = (await client.get(f"/api/datasets/{id_}/tokens", params=query)).json()
        assert [row["row"] for row in page["data"]] == list(range(46, 56))
        assert page["next"] == 55
        started = time.monotonic()
        rest = (
            await client.get(f"/api/datasets/{id_}/tokens", params={**query, "offset": 55, "limit": 50})
        ).json()
        assert time.monotonic() - started < 1  # no process was started
        assert [row["row"] for row in rest["data"]] == list(range(56, 71))
        assert rest["next"] is None
        beyond = (await client.get(f"/api/datasets/{id_}/tokens", params={**query, "offset": 70})).json()
        assert (beyond["data"], beyond["next"]) == ([], None)
        cache = place.data_dir / "cache" / "tokens"
        assert not list(cache.glob(".*-*/"))
        kept = (await client.get(f"/api/datasets/{id_}")).json()["rows_sha256"]
        assert len(list(cache.glob(f"{kept}-*-1024"))) == 1
        assert (await client.delete(f"/api/datasets/{id_}")).status_code == 204
        assert not list(cache.glob(f"{kept}-*"))

    async def test_lengths_and_ledger_agree(self, client: httpx.AsyncClient, reference: str) -> None:
        long = {"instruction": f"{new_id('q')} 長い質問", "output": "長い答え。" * 100}
        hidden = {"instruction": f"{new_id('q')} " + "長い質問。" * 100, "output": "答え"}
        id_ = await created(client, [*rows(20), long, hidden])
        query: dict[str, Any] = {"base_model": reference, "max_length": 128}
        answer = await client.get(f"/api/datasets/{id_}/token-lengths", params=query)
        assert answer.status_code == 200, answer.text
        ledger, bins = answer.json()["ledger"], answer.json()["bins"]
        assert (ledger["rows_read"], ledger["rows_kept"], ledger["rows_truncated"]) == (22, 21, 1)
        assert ledger["dropped_by_reason"] == {"answer_beyond_max_length": 1}
        assert ledger["longest"] == 128 < ledger["longest_before_truncation"]
        assert sum(one["rows"] for one in bins) == ledger["training_rows"] == 21
        assert set(ledger["length_quantiles"]) == {"p50", "p90", "p95", "p99"}
        page = await client.get(f"/api/datasets/{id_}/tokens", params={**query, "limit": 50})
        shown = page.json()["data"]
        assert [row["dropped"] for row in shown[-2:]] == [None, "answer_beyond_max_length"]
        assert [row["truncated"] for row in shown[-3:]] == [False, True, True]
        kept = [row for row in shown if row["dropped"] is None]
        assert sum(row["tokens"] for row in kept) == ledger["tokens"]
        assert sum(row["supervised_tokens"] for row in kept) == ledger["supervised_tokens"]

    async def test_dataset_without_a_trained_token_is_refused(
        self, client: httpx.AsyncClient, reference: str, place: Settings
    ) -> None:
        id_ = await created(client, [{"instruction": f"{new_id('q')}" + "長い質問。" * 50, "output": "答え"}])
        query: dict[str, Any] = {"base_model": reference, "max_length": 16}
        answer = await client.get(f"/api/datasets/{id_}/token-lengths", params=query)
        assert (answer.status_code, answer.json()["code"]) == (422, "nothing_to_learn")
        assert "max_length" in answer.json()["detail"]
        assert not list((place.data_dir / "cache" / "tokens").glob(".*-*/"))

    async def test_two_askers_share_one_answer(self, client: httpx.AsyncClient, reference: str) -> None:
        id_ = await created(client, rows(2))
        asked = [
            client.get(f"/api/datasets/{id_}/tokens", params={"base_model": reference}) for _ in range(2)
        ]
        first, second = await asyncio.gather(*asked)
        assert first.status_code == 200
        assert first.json() == second.json()

    async def test_changed_model_is_not_used(
        self,
        client: httpx.AsyncClient,
        place: Settings,
        services: ServiceUrls,
        tiny_model_dir: Path,
        tmp_path: Path,
    ) -> None:
        copy = shutil.copytree(tiny_model_dir, tmp_path / "copy")
        database = Database(services.database_url)
        await registered(database, copy, place.data_dir)
        await database.close()
        config = json.loads((copy / "tokenizer_config.json").read_bytes())
        (copy / "tokenizer_config.json").write_text(json.dumps({**config, "note": "changed"}))
        id_ = await created(client, rows(1))
        answer = await client.get(f"/api/datasets/{id_}/tokens", params={"base_model": f"path:{copy}"})
        assert (answer.status_code, answer.json()["code"]) == (422, "base_model_changed")


class TestRefusals:
    async def test_unknown_base_model_is_named(self, services: ServiceUrls, data_dir: Path) -> None:
        app = app_of(Settings(data_dir=data_dir), services)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client,
        ):
            id_ = await created(client, rows(1))
            query = {"base_model": "path:/nowhere"}
            for path in ("tokens", "token-lengths"):
                answer = await client.get(f"/api/datasets/{id_}/{path}", params=query)
                assert (answer.status_code, answer.json()["code"]) == (404, "base_model_unknown")
                bundled = {"base_model": "bundled:smollm2-135m-instruct"}
                answer = await client.get(f"/api/datasets/{id_}/{path}", params=bundled)
                assert (answer.status_code, answer.json()["code"]) == (404, "base_model_not_prepared")
                assert "./llmlora models add" in answer.json()["detail"]
            pair = [{"prompt": new_id("q"), "chosen": "good", "rejected": "bad"}]
            other = await created(client, pair)
            answer = await client.get(f"/api/datasets/{other}/tokens", params=query)
            assert (answer.status_code, answer.json()["code"]) == (422, "tokens_kind_unsupported")
