"""Predictions over HTTP: of a ready model, by the very files that its gates have proved."""

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmlora.data.predictor_files import TOKENIZER_NAME
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.serving.pool import ServerPool
from llmlora.features.deployments import registry
from llmlora.features.deployments.targets.onnx import predictor_at
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings
from llmlora.recipes.blocks.predictor import load_predictor
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.deployment import DeploymentRow

from tests.features.chat_door import accepted, client_of, job_over, registered_base, running_app
from tests.plugins.predictors import HELD, LABELS, classifier_dir, onnx_dir

__all__ = ["classifier_dir", "onnx_dir"]
pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.timeout(600)]
TEXT = {"type": "text", "text": "The match was won"}


@pytest.fixture
async def base(database: Database) -> AsyncIterator[BaseModelRow]:
    async with registered_base(database, None) as row:
        yield row


@pytest.fixture
async def client(settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    settings.data_dir.mkdir(exist_ok=True)
    async with (
        ServerPool(settings.data_dir / "pool") as pool,
        running_app(settings, services, pool) as app,
        client_of(app) as opened,
    ):
        yield opened


async def deployed(
    database: Database, base: BaseModelRow, data_dir: Path, onnx_dir: Path, *, is_ready: bool = True
) -> DeploymentRow:
    """A deployment over a copy of the export in the data directory."""
    directory = Path(
        shutil.copytree(onnx_dir, data_dir / "jobs" / "job_x" / "1" / "onnx", dirs_exist_ok=True)
    )
    async with database.unit_of_work() as session:
        job_id = await job_over(session)
        row = await registry.propose_deployment(
            session,
            job_id=job_id,
            training_job_id=None,
            name=f"predict:tiny:{job_id[-8:]}",
            base_model_id=base.id,
            served=predictor_at(directory, data_dir),
        )
    if is_ready:
        async with database.unit_of_work() as session:
            await registry.accept_deployment(session, job_id, {"passed": True})
    return row


async def asked(client: httpx.AsyncClient, id_: str, *items: Any, language: str = "en") -> httpx.Response:
    headers = {"accept-language": language}
    return await client.post(f"/api/deployments/{id_}/predict", json={"items": items}, headers=headers)


class TestPredict:
    async def test_labels_have_shares_and_the_answer_says_who_gave_it(
        self,
        client: httpx.AsyncClient,
        database: Database,
        base: BaseModelRow,
        data_dir: Path,
        onnx_dir: Path,
        classifier_dir: Path,
    ) -> None:
        row = await deployed(database, base, data_dir, onnx_dir)
        shown = (await client.get(f"/api/deployments/{row.id}")).json()
        assert (shown["state"], shown["target"]) == ("ready", "onnx")
        assert (shown["predictor"]["labels"], shown["predictor"]["input"]) == (list(LABELS), "text")

        answer = (await asked(client, row.id, *({"type": "text", "text": text} for text in HELD))).json()

        trained = load_predictor(classifier_dir)
        expected = [LABELS[int(one.argmax())] for one in trained.logits(trained.held)]
        assert [one["labels"][0]["label"] for one in answer["data"]] == expected
        for one in answer["data"]:
            assert sum(label["score"] for label in one["labels"]) == pytest.approx(1)
            assert sorted(label["label"] for label in one["labels"]) == sorted(LABELS)
            assert (one["is_cut"], one["tokens"] > 2) == (False, True)
        assert answer["model_sha256"] == shown["predictor"]["model_sha256"]
        assert (answer["deployment_id"], answer["name"]) == (row.id, row.name)
        assert 0 < answer["model_ms"] <= answer["total_ms"]

    async def test_text_beyond_what_the_model_reads_says_that_it_was_cut(
        self,
        client: httpx.AsyncClient,
        database: Database,
        base: BaseModelRow,
        data_dir: Path,
        onnx_dir: Path,
    ) -> None:
        row = await deployed(database, base, data_dir, onnx_dir)
        [one] = (await asked(client, row.id, {"type": "text", "text": "the match was won " * 9})).json()[
            "data"
        ]
        assert (one["is_cut"], one["tokens"]) == (True, 16)

    @pytest.mark.parametrize(
        ("items", "pointer"),
        [
            ([], "/items"),
            ([TEXT] * 65, "/items"),
            ([{"type": "image", "text": "a"}], "/items/0/type"),
            ([{"type": "text", "text": "  "}], "/items/0/text"),
            ([TEXT, {"type": "text", "text": "a" * 20_001}], "/items/1/text"),
            ([{"type": "text"}], "/items/0/text"),
        ],
        ids=["none", "too many", "of another type", "blank", "too long", "without text"],
    )
    async def test_what_cannot_be_asked_is_refused_where_it_stands(
        self, client: httpx.AsyncClient, items: list[Any], pointer: str
    ) -> None:
        for language in ("ja", "en"):
            refused = await asked(client, "dep_any", *items, language=language)
            assert refused.status_code == 422
            assert [one["pointer"] for one in refused.json()["errors"]] == [pointer]

    async def test_model_that_is_not_ready_that_talks_or_that_is_not_there(
        self,
        client: httpx.AsyncClient,
        database: Database,
        base: BaseModelRow,
        data_dir: Path,
        onnx_dir: Path,
    ) -> None:
        checking = await deployed(database, base, data_dir, onnx_dir, is_ready=False)
        talking = await accepted(database, base)
        told = [await asked(client, id_, TEXT) for id_ in (checking.id, talking.id, "dep_none")]
        assert [(one.status_code, one.json()["code"]) for one in told] == [
            (409, "prediction_not_ready"),
            (422, "no_prediction"),
            (404, "deployment_not_found"),
        ]
        assert "being checked" in told[0].json()["detail"]

    async def test_files_that_changed_after_the_checks_are_not_asked(
        self,
        client: httpx.AsyncClient,
        database: Database,
        base: BaseModelRow,
        data_dir: Path,
        onnx_dir: Path,
    ) -> None:
        row = await deployed(database, base, data_dir, onnx_dir)
        path = data_dir / "jobs" / "job_x" / "1" / "onnx" / TOKENIZER_NAME
        found = json.loads(path.read_text())
        found["normalizer"]["lowercase"] = False
        path.write_text(json.dumps(found))
        refused = await asked(client, row.id, TEXT)
        assert (refused.status_code, refused.json()["code"]) == (409, "deployment_file_changed")
        assert (await client.get(f"/api/deployments/{row.id}")).json()["state"] == "changed"

    async def test_it_is_offered_to_nobody_who_wants_to_talk(
        self,
        client: httpx.AsyncClient,
        database: Database,
        base: BaseModelRow,
        data_dir: Path,
        onnx_dir: Path,
    ) -> None:
        row = await deployed(database, base, data_dir, onnx_dir)
        assert row.name not in str((await client.get("/api/chat/models")).json())
        assert row.name not in str((await client.get("/v1/models")).json())
        said = {"model": row.name, "messages": [{"role": "user", "content": "hello"}]}
        refused = await client.post("/v1/chat/completions", json=said)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "no_conversation")
