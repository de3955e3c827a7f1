"""Uploads in pieces (tus 1.0): whatever interrupts them, they go on where they stood, and end whole or refused."""

import asyncio
import base64
import csv
import fcntl
import hashlib
import io
import os
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import astuple
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.api import create_app, routers
from llmlora.features.datasets.endpoints import router
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.tables.upload import UploadRow

pytestmark = pytest.mark.anyio


def app_of(settings: Settings, services: ServiceUrls) -> FastAPI:
    """The application with the routes of datasets, whether it lists them itself or not."""
    app = create_app(settings, services)
    if router not in routers():
        app.include_router(router)
    return app


ROOT = "/api/datasets/uploads"
TUS = {"tus-resumable": "1.0.0"}
LIMIT_BYTES = 200_000


@pytest.fixture
def settings(data_dir: Path) -> Settings:
    return Settings(data_dir=data_dir, upload_limit_bytes=LIMIT_BYTES)


@pytest.fixture
def app(settings: Settings, services: ServiceUrls) -> FastAPI:
    return app_of(settings, services)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened,
    ):
        yield opened


@pytest.fixture
def served_port(app: FastAPI) -> Iterator[int]:
    """A real server, so that a connection can really break."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield int(listener.getsockname()[1])
    server.should_exit = True
    thread.join()


def faq(count: int = 200) -> bytes:
    """A CSV of questions in CP932, different each time."""
    stream, mark = io.StringIO(), new_id("m")
    csv.writer(stream).writerows(
        [("質問", "回答"), *((f"{mark} の {i} は？", f"答え {i}") for i in range(count))]
    )
    return stream.getvalue().encode("cp932")


def metadata(**pairs: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


async def begin(client: httpx.AsyncClient, content: bytes, **pairs: str) -> str:
    """Create an upload; returns its path."""
    headers = {**TUS, "upload-length": str(len(content))}
    answer = await client.post(ROOT, headers=headers | {"upload-metadata": metadata(**pairs)})
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


async def send(
    client: httpx.AsyncClient, path: str, content: bytes, offset: int = 0, **more: str
) -> httpx.Response:
    kind = {"content-type": "application/offset+octet-stream", "upload-offset": str(offset)}
    headers = TUS | kind | {name.replace("_", "-"): value for name, value in more.items()}
    return await client.patch(path, content=content, headers=headers)


async def offset_of(client: httpx.AsyncClient, path: str) -> int:
    answer = await client.head(path, headers=TUS)
    assert answer.status_code == 200
    return int(answer.headers["upload-offset"])


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def stored(data_dir: Path) -> list[str]:
    return [p.name for p in (data_dir / "uploads").iterdir()]


class TestProtocol:
    async def test_server_tells_what_it_knows(self, client: httpx.AsyncClient) -> None:
        answer = await client.options(ROOT)
        assert answer.status_code == 204
        assert answer.headers["tus-version"] == "1.0.0"
        assert answer.headers["tus-extension"] == "creation,termination,checksum"
        assert answer.headers["tus-max-size"] == str(LIMIT_BYTES)

    async def test_other_version_is_refused(self, client: httpx.AsyncClient) -> None:
        answer = await client.post(ROOT, headers={"tus-resumable": "0.2.2", "upload-length": "1"})
        assert (answer.status_code, answer.json()["code"]) == (412, "upload_version_unknown")
        assert (answer.headers["tus-version"], answer.headers["tus-resumable"]) == ("1.0.0", "1.0.0")

    @pytest.mark.parametrize("length", [None, "-1", "many", "9" * 30])
    async def test_length_has_to_be_told(self, client: httpx.AsyncClient, length: str | None) -> None:
        answer = await client.post(ROOT, headers=TUS | ({"upload-length": length} if length else {}))
        assert (answer.status_code, answer.json()["code"]) == (400, "upload_header_invalid")

    @pytest.mark.parametrize("given", ["filename %%%", "sha256 eHl6", "filename gICA"])
    async def test_malformed_metadata_is_refused(self, client: httpx.AsyncClient, given: str) -> None:
        headers = {**TUS, "upload-length": "1", "upload-metadata": given}
        assert (await client.post(ROOT, headers=headers)).status_code == 400

    async def test_upload_over_the_cap_is_refused(self, client: httpx.AsyncClient, data_dir: Path) -> None:
        answer = await client.post(ROOT, headers={**TUS, "upload-length": str(LIMIT_BYTES + 1)})
        assert (answer.status_code, answer.json()["code"]) == (413, "upload_too_large")
        assert not (data_dir / "uploads").exists()

    async def test_metadata_comes_back(self, client: httpx.AsyncClient) -> None:
        path = await begin(client, b"abc", filename="質問.csv")
        answer = await client.head(path, headers=TUS)
        assert answer.headers["upload-metadata"] == metadata(filename="質問.csv")
        assert (answer.headers["upload-length"], answer.headers["cache-control"]) == ("3", "no-store")

    async def test_upload_is_given_up(self, client: httpx.AsyncClient, data_dir: Path) -> None:
        path = await begin(client, b"abc")
        await send(client, path, b"ab")
        answer = await client.delete(path, headers=TUS)
        assert (answer.status_code, answer.headers["tus-resumable"]) == (204, "1.0.0")
        assert (await client.head(path, headers=TUS)).status_code == 404
        assert (await send(client, path, b"c", 2)).status_code == 404
        assert stored(data_dir) == []


class TestPieces:
    async def test_wrong_offset_is_refused(self, client: httpx.AsyncClient) -> None:
        path = await begin(client, b"abcdef")
        await send(client, path, b"abc")
        for offset in (0, 4):
            answer = await send(client, path, b"def", offset)
            assert (answer.status_code, answer.json()["code"]) == (409, "upload_offset_wrong")
            assert answer.headers["tus-resumable"] == "1.0.0"
        assert await offset_of(client, path) == 3

    async def test_other_media_type_is_refused(self, client: httpx.AsyncClient) -> None:
        path = await begin(client, b"abc")
        answer = await send(client, path, b"abc", content_type="text/csv")
        assert answer.status_code == 415

    @pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
    async def test_more_than_announced_is_refused(self, client: httpx.AsyncClient, announced: bool) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(3):
                yield b"xx"

        path = await begin(client, b"abcde")
        await send(client, path, b"a")
        content: Any = b"xxxxxx" if announced else chunks()
        answer = await send(client, path, content, 1)
        assert (answer.status_code, answer.json()["code"]) == (413, "upload_beyond_length")
        assert await offset_of(client, path) == 1

    async def test_checksum_is_compared(self, client: httpx.AsyncClient) -> None:
        path = await begin(client, b"abcd")
        right = base64.b64encode(hashlib.sha1(b"ab").digest()).decode()
        assert (await send(client, path, b"ab", upload_checksum=f"sha1 {right}")).status_code == 204
        damaged = await send(client, path, b"cd", 2, upload_checksum=f"sha1 {right}")
        assert (damaged.status_code, damaged.json()["status"]) == (460, 460)
        assert damaged.json()["code"] == "upload_checksum_mismatch"
        assert await offset_of(client, path) == 2
        unknown = await send(client, path, b"cd", 2, upload_checksum="crc32 AAAA")
        assert unknown.status_code == 400

    async def test_second_writer_is_told_to_wait(self, client: httpx.AsyncClient) -> None:
        begun, go = asyncio.Event(), asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            yield b"ab"
            begun.set()
            await go.wait()
            yield b"cd"

        path = await begin(client, b"abcd")
        first = asyncio.create_task(send(client, path, slowly()))  # type: ignore[arg-type]
        await begun.wait()
        for answer in (
            await send(client, path, b"zz"),
            await client.delete(path, headers=TUS),
        ):
            assert (answer.status_code, answer.json()["code"]) == (423, "upload_busy")
        go.set()
        assert (await first).headers["upload-offset"] == "4"

    async def test_broken_connection_keeps_what_arrived(
        self, served_port: int, data_dir: Path, services: ServiceUrls
    ) -> None:
        content = faq()
        base = f"http://127.0.0.1:{served_port}"
        async with httpx.AsyncClient(base_url=base) as client:
            path = await begin(client, content, filename="faq.csv", sha256=sha256(content))
            await break_off(served_port, path, content, 3000)
            for _ in range(200):
                if await offset_of(client, path) == 3000:
                    break
                await asyncio.sleep(0.05)
            assert (data_dir / path.replace(ROOT, "uploads")).read_bytes() == content[:3000]
        app = app_of(Settings(data_dir=data_dir), services)  # as after a restart
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client,
        ):
            assert await offset_of(client, path) == 3000
            assert (await send(client, path, content[3000:], 3000)).status_code == 204
            answer = await client.post(f"{path}/finish", json={})
        assert answer.status_code == 201, answer.text
        assert answer.json()["dataset"]["original_sha256"] == sha256(content)
        assert stored(data_dir) == []

    async def test_killed_server_keeps_what_arrived(
        self, data_dir: Path, services: ServiceUrls, client: httpx.AsyncClient
    ) -> None:
        content = faq(4000)
        path = await begin(client, content, filename="faq.csv", sha256=sha256(content))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            arguments = [str(data_dir), *astuple(services), str(listener.fileno())]
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", SERVER, *arguments, pass_fds=[listener.fileno()]
            )
            _, writer = await asyncio.open_connection(*listener.getsockname()[:2])
        arrived = data_dir / path.replace(ROOT, "uploads")
        try:
            writer.write(patch_head(path, len(content)) + content[:-100])
            for _ in range(300):
                if arrived.stat().st_size:
                    break
                await asyncio.sleep(0.1)
        finally:
            process.kill()
            await process.wait()
            writer.transport.abort()
        offset = await offset_of(client, path)
        assert 0 < offset < len(content)
        assert arrived.read_bytes() == content[:offset]
        assert (await send(client, path, content[offset:], offset)).status_code == 204
        assert (await client.post(f"{path}/finish", json={})).status_code == 201


SERVER = """
import sys
from pathlib import Path
import uvicorn
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.api import create_app
from llmlora.features.datasets.endpoints import router
from llmlora.kit.settings import Settings
data_dir, *urls, fd = sys.argv[1:]
app = create_app(Settings(data_dir=Path(data_dir)), ServiceUrls(*urls))
app.include_router(router)
uvicorn.run(app, fd=int(fd), log_level="error")
"""


def patch_head(path: str, length: int) -> bytes:
    return (
        f"PATCH {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
        f"Content-Type: application/offset+octet-stream\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


async def break_off(port: int, path: str, content: bytes, at: int) -> None:
    """Announce the whole, send the first `at` bytes, and drop the connection."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(patch_head(path, len(content)) + content[:at])
    await writer.drain()
    await asyncio.sleep(0.2)
    writer.transport.abort()


class TestFinish:
    async def test_upload_becomes_a_dataset_once(self, client: httpx.AsyncClient, data_dir: Path) -> None:
        content = faq()
        path = await begin(client, content, filename="../質問.csv", sha256=sha256(content).upper())
        await send(client, path, content[:100])
        await send(client, path, content[100:], 100)
        first = await client.post(f"{path}/finish", json={"name": "よくある質問"})
        assert first.status_code == 201, first.text
        dataset = first.json()["dataset"]
        assert (dataset["name"], dataset["original_name"]) == ("よくある質問", "質問.csv")
        assert dataset["counts"]["kept"] == 200
        again = await client.post(f"{path}/finish", json={"name": "よくある質問"})
        assert (again.status_code, again.json()["already_known"]) == (200, True)
        assert again.json()["dataset"] == dataset
        assert (await client.head(path, headers=TUS)).status_code == 404
        assert stored(data_dir) == []

    async def test_unfinished_bytes_are_refused(self, client: httpx.AsyncClient) -> None:
        path = await begin(client, b"abc")
        await send(client, path, b"ab")
        answer = await client.post(f"{path}/finish", json={})
        assert (answer.status_code, answer.json()["code"]) == (409, "upload_incomplete")
        assert "2 / 3" in answer.json()["detail"]

    async def test_wrong_sha256_is_refused_and_discarded(
        self, client: httpx.AsyncClient, data_dir: Path
    ) -> None:
        content = faq()
        path = await begin(client, content, sha256=sha256(b"other"))
        await send(client, path, content)
        answer = await client.post(f"{path}/finish", json={}, headers={"accept-language": "en"})
        assert (answer.status_code, answer.json()["code"]) == (422, "upload_sha256_mismatch")
        assert sha256(content) in answer.json()["detail"]
        assert stored(data_dir) == []
        assert (await client.post(f"{path}/finish", json={})).status_code == 404

    async def test_refused_file_can_be_read_in_another_way(self, client: httpx.AsyncClient) -> None:
        content = f"a,b\n{new_id('q')},answer\n".encode()
        path = await begin(client, content, filename="ab.csv")
        await send(client, path, content)
        refused = await client.post(f"{path}/finish", json={})
        assert (refused.status_code, refused.json()["code"]) == (422, "dataset_missing_column")
        mapping = {"instruction": "a", "output": "b"}
        asked = {"upload_id": path.rpartition("/")[2]}
        assert (await client.post("/api/datasets/preview", json=asked)).status_code == 422
        shown = await client.post("/api/datasets/preview", json={**asked, "mapping": mapping})
        assert shown.json()["found"]["mapping"] == mapping
        assert shown.json()["examples"][0]["messages"][-1]["content"] == "answer"
        finished = await client.post(f"{path}/finish", json={"mapping": mapping})
        assert finished.status_code == 201, finished.text

    async def test_incomplete_upload_has_no_preview(self, client: httpx.AsyncClient) -> None:
        path = await begin(client, b"abc")
        asked = {"upload_id": path.rpartition("/")[2]}
        answer = await client.post("/api/datasets/preview", json=asked)
        assert (answer.status_code, answer.json()["code"]) == (409, "upload_incomplete")


class TestSweep:
    async def test_abandoned_upload_is_forgotten(
        self, client: httpx.AsyncClient, data_dir: Path, database: Database
    ) -> None:
        names = ["abandoned", "living", "fresh", "locked"]
        paths = {name: await begin(client, b"abc", filename=name) for name in names}
        ids = {name: path.rpartition("/")[2] for name, path in paths.items()}
        week_ago = utc_now() - timedelta(days=7, minutes=1)
        async with database.unit_of_work() as session:
            for name in ("abandoned", "living", "locked"):
                row = await session.get(UploadRow, ids[name])
                assert row is not None
                row.created_at = week_ago
        for name in ("abandoned", "locked"):
            os.utime(data_dir / "uploads" / ids[name], (week_ago.timestamp(),) * 2)
        orphan = data_dir / "uploads" / new_id("up")
        orphan.touch()
        os.utime(orphan, (week_ago.timestamp(),) * 2)
        with (data_dir / "uploads" / ids["locked"]).open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            last = await begin(client, b"abc")
        assert set(stored(data_dir)) == {
            *(ids[n] for n in ("living", "fresh", "locked")),
            last.rpartition("/")[2],
        }
        assert (await client.head(paths["abandoned"], headers=TUS)).status_code == 404
        assert (await client.head(paths["living"], headers=TUS)).status_code == 200
