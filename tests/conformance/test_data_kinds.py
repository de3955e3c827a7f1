"""A kind of data that nobody here knows goes through every door by its own folder alone."""

import asyncio
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from PIL import Image

from llmlora.data.kinds.registry import BUILT_IN, DataKindUnknownError, families, family_of, kinds
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.features.datasets import service
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.manifest import MANIFEST

HERE = Path(__file__).parent / "kinds"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory of somebody else's kinds."""
    shutil.copytree(HERE / "colours", tmp_path / "own" / "colours")
    return tmp_path / "own"


def png(colour: str, size: tuple[int, int] = (640, 320)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "PNG")
    return stream.getvalue()


def with_kinds(directory: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    env = {**os.environ, "LLMLORA_DATA_KINDS": str(directory)}
    return subprocess.run([sys.executable, *command], env=env, capture_output=True, text=True, check=False)


def through_the_doors(
    directory: Path, services: ServiceUrls, data_dir: Path, *files: Path
) -> dict[str, list[tuple[int, Any]]]:
    """Every answer, by what was asked."""
    urls = (services.database_url, services.redis_url)
    ran = with_kinds(directory, str(HERE / "round_trip.py"), *urls, str(data_dir), *map(str, files))
    assert ran.returncode == 0, ran.stderr
    answers: dict[str, list[tuple[int, Any]]] = {}
    for asked, status, body in map(json.loads, ran.stdout.splitlines()):
        answers.setdefault(asked, []).append((status, body))
    return answers


def archive(path: Path, mark: str) -> bytes:
    """Four rows, in two folders, that show one photo under two names and another one; three rows are faulty."""
    red = png("red")
    rows = [
        ("a.png", "red"),
        ("../a.png", "red"),
        ("gone.png", "red"),
        ("broken.png", "red"),
        ("a.png", mark),
    ]
    lines = "\n".join(json.dumps({"photo": photo, "colour": colour}) for photo, colour in rows)
    more = "\n".join(
        json.dumps({"photo": photo, "colour": "blue"}) for photo in ("same.png", "b.png", "b.png")
    )
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("one/rows.jsonl", lines)
        file.writestr("one/a.png", red)
        file.writestr("one/broken.png", red[:40])
        file.writestr("two/rows.jsonl", more)
        file.writestr("two/same.png", red)
        file.writestr("two/b.png", png("blue", (8, 16)))
    return red


@pytest.mark.slow
class TestForeignKind:
    def test_goes_from_upload_to_list_with_its_pictures_kept_once(
        self, directory: Path, services: ServiceUrls, data_dir: Path, tmp_path: Path
    ) -> None:
        mark = new_id("m")
        red = archive(tmp_path / "photos.zip", mark)
        (tmp_path / "none.csv").write_text("size,weight\n1,2\n")
        files = (tmp_path / "photos.zip", tmp_path / "none.csv")
        got = through_the_doors(directory, services, data_dir, *files)
        ((_, declared),) = got["kinds"]
        assert {
            "name": "colours.photo",
            "title": {"ja": "色と写真", "en": "photos with a colour"},
            "has_tokens": False,
            "media": ["image/png"],
            "layouts": [{"required": ["photo", "colour"], "optional": []}],
        } in declared["data"]
        status, shown = got["preview"][0]
        assert status == 200, shown
        assert shown["found"]["kind"] == "colours.photo"
        assert [one["colour"] for one in shown["examples"]] == ["red"]

        (status, added), unknown = got["upload"]
        assert status == 201, added
        counts = added["dataset"]["counts"]
        assert (counts["read"], counts["kept"]) == (8, 4)
        assert counts["refused_by_reason"] == {"media_missing": 2, "media_unreadable": 1, "no_colour": 1}
        no_colour = next(one for one in counts["first_refused"] if one["reason"] == "no_colour")
        assert (no_colour["file"], no_colour["line"]) == ("one/rows.jsonl", 5)
        assert mark in no_colour["ja"]
        assert mark in no_colour["en"]

        ((_, rows),) = got["rows"]
        assert [(one["row"], one["colour"]) for one in rows["data"]] == [
            (1, "red"),
            (6, "blue"),
            (7, "blue"),
            (8, "blue"),
        ]
        photo = rows["data"][0]["photo"]
        assert photo["sha256"] == rows["data"][1]["photo"]["sha256"] == hashlib.sha256(red).hexdigest()
        assert (photo["type"], photo["width"], photo["height"]) == ("image/png", 640, 320)
        ((_, listed),) = got["list"]
        assert [one["kind"] for one in listed["data"]] == ["colours.photo"]
        assert got["media"][0] == (200, {"type": "image/png", "bytes": len(red)})
        assert {(status, body["type"]) for status, body in got["thumbnail"]} == {(200, "image/webp")}
        ((status, tokens),) = got["tokens"]
        assert (status, tokens["code"]) == (422, "tokens_kind_unsupported")

        stored = data_dir / "datasets" / added["dataset"]["id"]
        assert len(list(stored.glob("media/*/*"))) == 2
        assert len(list(stored.glob("thumbnails/*/*"))) == 2
        with Image.open(next(stored.glob(f"thumbnails/*/{photo['sha256']}.webp"))) as small:
            assert small.size == (256, 128)
        manifest = json.loads((stored / MANIFEST).read_text())
        assert set(manifest["files"]) == {
            p.relative_to(stored).as_posix() for p in stored.rglob("*") if p.is_file() and p.name != MANIFEST
        }
        assert pq.read_schema(stored / "rows.parquet").metadata[b"llmlora.kind"] == b"colours.photo"
        self.is_told_with_all_choices(*unknown)
        self.is_told_where_nobody_knows_it_any_more(services, data_dir, added["dataset"]["id"])

    def is_told_with_all_choices(self, status: int, refused: dict[str, Any]) -> None:
        """A file that no family knows."""
        assert (status, refused["code"]) == (422, "dataset_missing_column")
        assert "instruction, output" in refused["detail"]
        assert "photo, colour" in refused["detail"]

    def is_told_where_nobody_knows_it_any_more(
        self, services: ServiceUrls, data_dir: Path, dataset_id: str
    ) -> None:
        """The list still draws; its rows are refused in words. (This process never knew that kind.)"""

        async def asked() -> list[str]:
            database = Database(services.database_url)
            try:
                found = [one.kind for one in await service.list_datasets(database) if one.id == dataset_id]
                with pytest.raises(DataKindUnknownError, match=r"colours\.photo.*LLMLORA_DATA_KINDS"):
                    await service.page_dataset(database, data_dir, dataset_id, offset=0, limit=1)
                return found
            finally:
                await database.close()

        assert asyncio.run(asked()) == ["colours.photo"]


NAMED = re.compile(r"kinds\.text\b|[\"']text\.(instruction|chat|completion|preference)\b")
MAY_NAME = frozenset(
    {
        "data/kinds/registry.py",  # the line that a family is registered by
        "data/held.py",  # these make tokens of texts, and know their examples
        "data/mask.py",
        "data/render.py",
        "entry/commands/demo.py",  # a course of texts
        *(
            f"client/generated/{name}.py" for name in ("models", "resources", "async_resources")
        ),  # what openapi.json says
    }
)


class TestFamilies:
    def test_nobody_else_names_one(self) -> None:
        room = Path(next(iter(__import__("llmlora").__path__)))
        files = {path.relative_to(room).as_posix(): path for path in room.rglob("*.py")}
        naming = {name for name, path in files.items() if NAMED.search(path.read_text())}
        assert {name for name in naming if not name.startswith(("data/kinds/text/", "recipes/"))} <= MAY_NAME

    def test_every_folder_is_one(self) -> None:
        room = Path(next(iter(__import__("llmlora.data.kinds", fromlist=["kinds"]).__path__)))
        assert len(list(room.glob("*/family.py"))) == len(BUILT_IN)

    def test_kinds_have_words_and_reasons_have_both_lengths(self) -> None:
        for kind in kinds().values():
            assert all(kind.words)
            assert len(kind.name) <= 32  # the table's column
            assert any(layout.kind is kind for layout in family_of(kind.name).layouts)
        for family in families():
            assert set(family.refusals) == set(family.refusal_names)

    @pytest.mark.parametrize(
        ("code", "told"),
        [
            (None, "there is no such directory"),
            ("nothing here", "SyntaxError"),
            ("from llmlora.data.kinds.text.family import FAMILY", "names that begin with its folder"),
        ],
    )
    def test_directories_that_cannot_be_used_are_told(
        self, tmp_path: Path, code: str | None, told: str
    ) -> None:
        if code is not None:
            (tmp_path / "own" / "colours").mkdir(parents=True)
            (tmp_path / "own" / "colours" / "family.py").write_text(code)
        ran = with_kinds(tmp_path / "own", "-c", "import llmlora.data.kinds.registry")
        assert ran.returncode != 0
        assert "ExternalKindsError" in ran.stderr
        assert told in ran.stderr
