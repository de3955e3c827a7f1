"""What a data set consists of is written beside it, and told of older ones."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmlora.data.manifest import read_manifest
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.api import create_app
from llmlora.kit.files import sha256_of_file
from llmlora.kit.ids import new_id
from llmlora.kit.manifest import MANIFEST
from llmlora.kit.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(data_dir: Path, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(data_dir=data_dir), services)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as opened,
    ):
        yield opened


def lines(mark: str) -> bytes:
    return b"".join(
        json.dumps({"instruction": f"{mark} {i}", "output": "a"}).encode() + b"\n" for i in (1, 2)
    )


async def upload(client: httpx.AsyncClient, content: bytes) -> dict[str, Any]:
    answer = await client.post("/api/datasets/upload", files={"file": ("a.jsonl", content)})
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


class TestManifest:
    async def test_names_every_file_with_its_role_hash_and_size(
        self, client: httpx.AsyncClient, data_dir: Path
    ) -> None:
        id_ = (await upload(client, lines(new_id("mark"))))["dataset"]["id"]
        directory = data_dir / "datasets" / id_
        found = json.loads((directory / MANIFEST).read_text())
        assert found["roles"] == {"original.jsonl": "original", "rows.parquet": "canonical"}
        for name, sha256 in found["files"].items():
            assert sha256 == sha256_of_file(directory / name)
            assert found["sizes"][name] == (directory / name).stat().st_size
        assert {p.name for p in directory.iterdir()} == {MANIFEST, *found["files"]}

    @pytest.mark.parametrize("left", [None, "no JSON"])
    async def test_older_data_sets_open_without_one_and_with_a_damaged_one(
        self, client: httpx.AsyncClient, data_dir: Path, left: str | None
    ) -> None:
        content = lines(new_id("mark"))
        id_ = (await upload(client, content))["dataset"]["id"]
        manifest = data_dir / "datasets" / id_ / MANIFEST
        manifest.unlink() if left is None else manifest.write_text(left)
        assert (await client.get(f"/api/datasets/{id_}/rows")).json()["data"][0]["row"] == 1
        assert (await client.get(f"/api/datasets/{id_}/file")).content == content
        again = await upload(client, content)
        assert (again["dataset"]["id"], again["already_known"]) == (id_, True)
        assert not manifest.exists() or manifest.read_text() == left  # nothing was amiss

    @pytest.mark.parametrize(("file", "harm"), [("rows.parquet", "cut"), ("original.jsonl", "gone")])
    async def test_files_that_are_gone_or_cut_come_back_with_the_same_bytes(
        self, client: httpx.AsyncClient, data_dir: Path, file: str, harm: str
    ) -> None:
        content = lines(new_id("mark"))
        id_ = (await upload(client, content))["dataset"]["id"]
        path = data_dir / "datasets" / id_ / file
        before = path.read_bytes()
        path.unlink() if harm == "gone" else path.write_bytes(before[:-1])
        again = await upload(client, content)
        assert (again["dataset"]["id"], again["already_known"]) == (id_, True)
        assert path.read_bytes() == before

    @pytest.mark.parametrize("outside", ["../x", "/etc/passwd", "a/../../x"])
    def test_never_leads_out_of_its_directory(self, tmp_path: Path, outside: str) -> None:
        names = (outside, "rows.parquet")
        roles = dict(zip(names, ("original", "canonical"), strict=True))
        facts = {"files": dict.fromkeys(names, "0"), "sizes": dict.fromkeys(names, 1), "roles": roles}
        (tmp_path / MANIFEST).write_text(json.dumps(facts))
        found = read_manifest(tmp_path, source_format="csv", original=("1", 2), rows_sha256="3")
        assert [one.name for one in found.files] == ["original.csv", "rows.parquet"]
        assert found.first_missing(tmp_path) == "original.csv"
