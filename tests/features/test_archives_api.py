"""ZIP files through the HTTP door: several files of rows become one data set, and what is unsafe is refused in words."""

import io
import json
import stat
import struct
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmlora.data import archives
from llmlora.data.archive_errors import ArchiveTooManyMembersError
from llmlora.data.errors import FileRefusedError, UnfoldsTooFarError
from llmlora.data.importer import import_file
from llmlora.data.importer_protocol import Request
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.api import create_app
from llmlora.kit.ids import new_id
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


def lines(*answers: str) -> bytes:
    """Questions and these answers; an empty one makes a row that is refused."""
    return b"".join(json.dumps({"instruction": f"q {a}", "output": a}).encode() + b"\n" for a in answers)


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


async def upload(client: httpx.AsyncClient, content: bytes, name: str = "data.zip") -> httpx.Response:
    return await client.post("/api/datasets/upload", files={"file": (name, content)})


def linked(name: str, mode: int = stat.S_IFLNK) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (mode | 0o777) << 16
    return info


def encrypted(content: bytes) -> bytes:
    """The same archive, its first member marked as encrypted."""
    marked = bytearray(content)
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = marked.index(magic)
        (flags,) = struct.unpack_from("<H", marked, start + at)
        struct.pack_into("<H", marked, start + at, flags | 1)
    return bytes(marked)


class TestSeveralFiles:
    async def test_two_files_are_one_data_set_in_the_order_of_their_names(
        self, client: httpx.AsyncClient, data_dir: Path
    ) -> None:
        mark = new_id("m")
        content = zipped(("b.jsonl", lines(f"{mark}3", "", "4")), ("a/x.jsonl", lines(f"{mark}1", "2")))
        answer = await upload(client, content, "よくある質問.zip")
        assert answer.status_code == 201, answer.text
        dataset = answer.json()["dataset"]
        assert (dataset["name"], dataset["kind"], dataset["source_format"]) == (
            "よくある質問", "text.instruction", "zip",
        )  # fmt: skip
        page = (await client.get(f"/api/datasets/{dataset['id']}/rows")).json()
        shown = [(row["row"], row["messages"][-1]["content"]) for row in page["data"]]
        assert shown == [(1, f"{mark}1"), (2, "2"), (3, f"{mark}3"), (5, "4")]
        counts = dataset["counts"]
        assert [(one["name"], one["first_row"], one["read"], one["kept"]) for one in counts["files"]] == [
            ("a/x.jsonl", 1, 2, 2),
            ("b.jsonl", 3, 3, 2),
        ]
        (refused,) = counts["first_refused"]
        assert (refused["row"], refused["file"], refused["line"]) == (4, "b.jsonl", 2)
        assert (await client.get(f"/api/datasets/{dataset['id']}/file")).content == content
        again = await upload(client, content)
        assert (again.status_code, again.json()["dataset"]["id"]) == (200, dataset["id"])
        assert not list((data_dir / "datasets" / dataset["id"]).glob(".*"))

    async def test_each_file_has_a_format_an_encoding_and_columns_of_its_own(
        self, client: httpx.AsyncClient
    ) -> None:
        table = f"質問,回答\n首都は？,東京です。{new_id('m')}\n".encode("cp932")
        members = (("1.csv", table), ("2.jsonl", lines("x", "y")))
        dataset = (await upload(client, zipped(*members))).json()["dataset"]
        found = [(one["format"], one["encoding"], one["mapping"]) for one in dataset["counts"]["files"]]
        assert found == [
            ("csv", "cp932", {"instruction": "質問", "output": "回答"}),
            ("jsonl", "utf-8", {"instruction": "instruction", "output": "output"}),
        ]

    async def test_names_that_windows_wrote_in_shift_jis_are_read(self, client: httpx.AsyncClient) -> None:
        name = "質問集.jsonl".encode("cp932")
        content = zipped(("A" * len(name), lines(new_id("m"), "2"))).replace(b"A" * len(name), name)
        dataset = (await upload(client, content)).json()["dataset"]
        assert [one["name"] for one in dataset["counts"]["files"]] == ["質問集.jsonl"]

    async def test_what_systems_leave_in_archives_is_no_data(self, client: httpx.AsyncClient) -> None:
        junk = [("__MACOSX/._a.jsonl", b"\0\1"), ("x/.DS_Store", b"\0"), ("x/Thumbs.db", b"\0"), ("x/", b"")]
        answer = await upload(client, zipped(*junk, ("x/a.jsonl", lines(new_id("m"), "2"))))
        assert answer.status_code == 201, answer.text
        assert [one["name"] for one in answer.json()["dataset"]["counts"]["files"]] == ["x/a.jsonl"]

    async def test_other_doors_take_them_too(self, client: httpx.AsyncClient) -> None:
        content = zipped(("a.jsonl", lines(new_id("m"), "2")), ("b.jsonl", lines("3", "4")))
        shown = await client.post("/api/datasets/preview", files={"file": ("data.zip", content)})
        assert (shown.json()["found"]["format"], shown.json()["counts"]["read"]) == ("zip", 2)
        headers = {"tus-resumable": "1.0.0", "upload-length": str(len(content))}
        place = (await client.post("/api/datasets/uploads", headers=headers)).headers["location"]
        piece = {
            "tus-resumable": "1.0.0",
            "upload-offset": "0",
            "content-type": "application/offset+octet-stream",
        }
        assert (await client.patch(place, headers=piece, content=content)).status_code == 204
        done = await client.post(f"{place}/finish", json={"name": "zip"})
        assert done.json()["dataset"]["counts"]["kept"] == 4
        file = await client.post(
            "/v1/files", files={"file": ("d.zip", content)}, data={"purpose": "fine-tune"}
        )
        assert file.status_code == 200, file.text


ROWS = ("a.jsonl", lines("1", "2"))
BOMB = archives.MEMBER_BASE_BYTES + (8 << 20)
REFUSED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "slip": (lambda: zipped(ROWS, ("../../b.jsonl", ROWS[1])), "name_unsafe", "../../b.jsonl"),
    "absolute": (lambda: zipped(("/etc/b.jsonl", ROWS[1])), "name_unsafe", "/etc/b.jsonl"),
    "drive": (lambda: zipped(("C:/b.jsonl", ROWS[1])), "name_unsafe", "C:/b.jsonl"),
    "backslash": (lambda: zipped(("..\\b.jsonl", ROWS[1])), "name_unsafe", "..\\b.jsonl"),
    "control": (lambda: zipped(("a\nb.jsonl", ROWS[1])), "name_unsafe", "a"),
    "symlink": (lambda: zipped(ROWS, (linked("b.jsonl"), b"/etc/passwd")), "link", "b.jsonl"),
    "device": (lambda: zipped((linked("b", stat.S_IFCHR), b"")), "link", "b"),
    "encrypted": (lambda: encrypted(zipped(ROWS)), "encrypted", "a.jsonl"),
    "nested": (lambda: zipped(ROWS, ("b.zip", zipped(ROWS))), "nested", "b.zip"),
    "packed": (lambda: zipped(("b.jsonl.gz", b"\x1f\x8b\x08\0" + bytes(99))), "nested", "b.jsonl.gz"),
    "empty": (lambda: zipped(), "empty", "data.zip"),
    "only_folders": (lambda: zipped(("a/", b""), ("__MACOSX/._a", b"x")), "empty", "data.zip"),
    "only_pictures": (lambda: zipped(("a.png", b"\x89PNG\r\n\x1a\n" + bytes(99))), "empty", "data.zip"),
    "picture": (lambda: zipped(ROWS, ("p.jpg", b"\xff\xd8\xff" + bytes(99))), "media_unused", "p.jpg"),
    "cut": (lambda: zipped(ROWS)[:-30], "damaged", "data.zip"),
    "method": (lambda: zipped(ROWS, method=zipfile.ZIP_LZMA), "method", "a.jsonl"),
    "kinds": (lambda: zipped(ROWS, ("b.csv", b"text\nabc\n")), "kinds_differ", "b.csv"),
    "faulty_member": (lambda: zipped(ROWS, ("b.csv", b"colour,size\nred,1\n")), "member", "b.csv"),
    "bomb": (lambda: zipped(("a.jsonl", b" " * BOMB)), "member_unfolds_too_far", "a.jsonl"),
    "empty_member": (lambda: zipped(ROWS, ("b.jsonl", b"")), "member", "b.jsonl"),
}


class TestRefusals:
    @pytest.mark.parametrize("name", REFUSED)
    def test_archives_that_cannot_be_trusted_are_refused_in_words(self, name: str, tmp_path: Path) -> None:
        content, code, member = REFUSED[name]
        refused = self.refused(tmp_path, content())
        assert refused.code == f"dataset_archive_{code}"
        for language in ("ja", "en"):
            assert "ZIP" in refused.detail(language)
            assert member in refused.detail(language)

    def refused(self, directory: Path, content: bytes) -> FileRefusedError:
        (source := directory / "data.zip").write_bytes(content)
        (target := directory / "new").mkdir()
        request = Request(source=source, directory=target, kind=None, mapping={})
        with pytest.raises(FileRefusedError) as refused:
            import_file(request, lambda _message: None)
        assert not (target / "rows.parquet").exists()
        return refused.value

    async def test_the_door_tells_them_and_keeps_nothing(
        self, client: httpx.AsyncClient, data_dir: Path
    ) -> None:
        for name in ("slip", "symlink", "bomb", "encrypted", "nested", "empty", "faulty_member"):
            content, code, member = REFUSED[name]
            answer = await upload(client, content())
            told = answer.json()
            assert (answer.status_code, told["code"]) == (422, f"dataset_archive_{code}")
            assert member in told["detail"]
        left = [p for place in ("uploads", "datasets") for p in (data_dir / place).glob("*")]
        assert left == []

    def test_wrong_bytes_are_told_by_their_checksum(self, tmp_path: Path) -> None:
        content = zipped(("a.jsonl", lines("11111", "22222")), method=zipfile.ZIP_STORED)
        told = self.refused(tmp_path, content.replace(b"22222", b"33333"))
        assert told.code == "dataset_archive_damaged"
        assert "a.jsonl" in told.detail("en")

    def test_all_members_together_are_bounded(self, tmp_path: Path) -> None:
        half = b" " * (1 << 20)
        (source := tmp_path / "data.zip").write_bytes(zipped(("a.jsonl", half), ("b.jsonl", half)))
        with archives.open_archive(source, most_bytes=3 << 19) as archive:
            archive.copy("a.jsonl", tmp_path / "member")
            with pytest.raises(UnfoldsTooFarError):
                archive.copy("b.jsonl", tmp_path / "member")

    def test_members_are_counted(self, tmp_path: Path) -> None:
        many = ((f"{n}.jsonl", b"") for n in range(archives.MAX_MEMBERS + 1))
        (source := tmp_path / "data.zip").write_bytes(zipped(*many, method=zipfile.ZIP_STORED))
        with pytest.raises(ArchiveTooManyMembersError), archives.open_archive(source):
            pass

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_a_name_stands_once(self, tmp_path: Path) -> None:
        assert self.refused(tmp_path, zipped(ROWS, ROWS)).code == "dataset_archive_twice"

    def test_encodings_of_members_can_be_chosen(self, tmp_path: Path) -> None:
        (source := tmp_path / "a.zip").write_bytes(zipped(("a.csv", "質問,回答\nあ,い\n".encode("euc_jp"))))
        request = Request(source=source, directory=None, kind=None, mapping={}, encoding="euc_jp")
        result = import_file(request, lambda _message: None)
        assert [one.encoding for one in result.counts.files] == ["euc_jp"]
        assert result.examples[0].model_dump()["messages"][1]["content"] == "い"

    def test_documents_of_office_programs_are_no_archives(self, tmp_path: Path) -> None:
        book: list[tuple[Any, bytes]] = [("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<x/>")]
        assert self.refused(tmp_path, zipped(*book)).code == "dataset_format_unreadable"
