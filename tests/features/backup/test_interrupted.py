"""Killed in the middle or out of room, a backup and a restore go on where they stopped."""

import asyncio
import fcntl
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from llmlora.engine.embedded.errors import ExternalServiceUnreachableError, RestoreUnfinishedError
from llmlora.engine.embedded.services import ServiceUrls, running_services
from llmlora.features.backup.errors import (
    BackupBusyError,
    BackupDamagedError,
    BackupDiskFullError,
    BackupExistsError,
    NotEnoughRoomError,
    OtherRestoreUnfinishedError,
    RestoreTargetNotEmptyError,
)
from llmlora.features.backup.making import KEPT_FOR
from llmlora.features.backup.reporting import database_told_in_words
from llmlora.features.backup.schemas import BackupMade, Restored
from llmlora.kit.clock import utc_now
from llmlora.kit.settings import Settings

from tests.databases import on_server
from tests.engine.embedded.door import AS_ROOT
from tests.fakes.work import execute
from tests.features.backup.door import (
    WEIGHTS_BYTES,
    Lived,
    Place,
    files_below,
    killed_in,
    rows_of,
    with_flipped,
)

pytestmark = pytest.mark.anyio

DISK_BYTES = 24 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of the test's own."""
    place = tmp_path / "disk"
    place.mkdir()
    options = f"size={DISK_BYTES}"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(
            "this machine forbids mounting a tmpfs, so no disk can be filled: "
            + mounted.stderr.decode(errors="replace").strip()
        )
    yield place
    subprocess.run(["umount", place], check=True)


class Ballast:
    """Fills a disk when a stage begins, as a neighbour would."""

    def __init__(self, disk: Path, stage: str, left_bytes: int) -> None:
        self.file, self.stage, self.left_bytes = disk / "ballast", stage, left_bytes

    def __call__(self, stage: str, _done: int, _total: int) -> None:
        if stage == self.stage and not self.file.exists():
            free = shutil.disk_usage(self.file.parent).free
            self.file.write_bytes(bytes(max(0, free - self.left_bytes)))


class TestBackup:
    async def test_killed_while_it_writes_it_goes_on_with_the_same_moment(
        self, lived: Lived, empty: Place, tmp_path: Path
    ) -> None:
        before, file = await rows_of(lived.place.database), tmp_path / "b.tar"
        killed_in("backup", lived.place, file, "write", 0.9)
        assert not file.exists()
        await execute(lived.place.database, "DELETE FROM dataset")
        written: list[int] = []

        def on_bytes(stage: str, done: int, _total: int) -> None:
            written.append(done if stage == "write" else -1)

        made = await lived.place.backup(file, on_bytes)
        assert made.reused_bytes > 0
        assert -1 not in written  # nothing was hashed anew: the snapshot is that of the first try
        await empty.restore(file)
        assert (await rows_of(empty.database))["dataset"] == before["dataset"]
        assert not (lived.place.root / "backup").exists()
        assert not file.with_name("b.tar.part").exists()

    async def test_killed_before_the_moment_is_whole_it_begins_anew(
        self, lived: Lived, empty: Place, tmp_path: Path
    ) -> None:
        killed_in("backup", lived.place, tmp_path / "b.tar", "hash", 0.1)
        assert list((lived.place.root / "backup").iterdir())
        made = await lived.place.backup(tmp_path / "b.tar")
        assert made.reused_bytes == 0
        assert not (lived.place.root / "backup").exists()
        await empty.restore(tmp_path / "b.tar")

    async def test_half_that_was_damaged_meanwhile_is_written_anew(
        self, lived: Lived, empty: Place, tmp_path: Path
    ) -> None:
        file = tmp_path / "b.tar"
        killed_in("backup", lived.place, file, "write", 0.9)
        part = file.with_name("b.tar.part")
        content = bytearray(part.read_bytes())
        content[700] ^= 1  # inside of the manifest
        part.write_bytes(content)
        made = await lived.place.backup(file)
        assert made.reused_bytes == 0
        await empty.restore(file)

    async def test_given_up_backup_of_another_name_is_let_go(self, lived: Lived, tmp_path: Path) -> None:
        killed_in("backup", lived.place, tmp_path / "a.tar", "write", 0.5)
        (tmp_path / "a.tar.part").unlink()
        await lived.place.backup(tmp_path / "b.tar")
        assert not (lived.place.root / "backup").exists()

    async def test_old_backup_of_another_name_is_let_go_unless_somebody_writes_it(
        self, lived: Lived, tmp_path: Path
    ) -> None:
        killed_in("backup", lived.place, tmp_path / "a.tar", "write", 0.5)
        (pins,) = (lived.place.root / "backup").iterdir()
        await lived.place.backup(tmp_path / "young.tar")
        assert pins.exists()
        manifest = json.loads((pins / "manifest.json").read_bytes())
        manifest["made_at"] = (utc_now() - KEPT_FOR).isoformat()
        (pins / "manifest.json").write_text(json.dumps(manifest))
        with (tmp_path / "a.tar.part").open("r+b") as part:
            fcntl.flock(part, fcntl.LOCK_EX)
            await lived.place.backup(tmp_path / "held.tar")
        assert pins.exists()
        await lived.place.backup(tmp_path / "b.tar")
        assert not (lived.place.root / "backup").exists()

    async def test_backup_of_another_name_killed_before_its_moment_is_let_go(
        self, lived: Lived, tmp_path: Path
    ) -> None:
        killed_in("backup", lived.place, tmp_path / "a.tar", "hash", 0.1)
        await lived.place.backup(tmp_path / "b.tar")
        assert not (lived.place.root / "backup").exists()

    async def test_two_at_once_do_not_write_one_file(self, lived: Lived, tmp_path: Path) -> None:
        results = await asyncio.gather(
            *(lived.place.backup(tmp_path / "b.tar") for _ in range(2)), return_exceptions=True
        )
        assert sorted(type(one) for one in results if not isinstance(one, BackupMade)) == [BackupBusyError]

    async def test_file_that_another_finishes_meanwhile_is_not_emptied(
        self, lived: Lived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "b.tar"
        part = file.with_name("b.tar.part")

        def finished(stream: IO[Any], operation: int) -> None:
            if part.exists():
                part.write_bytes(b"whole")
                part.rename(file)
            flock(stream, operation)

        flock = fcntl.flock
        monkeypatch.setattr(fcntl, "flock", finished)
        with pytest.raises(BackupBusyError):
            await lived.place.backup(file)
        assert file.read_bytes() == b"whole"

    async def test_file_that_another_has_finished_is_not_replaced(
        self, lived: Lived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "b.tar"

        def finished(stream: IO[Any], operation: int) -> None:
            file.write_bytes(b"whole")
            flock(stream, operation)

        flock = fcntl.flock
        monkeypatch.setattr(fcntl, "flock", finished)
        with pytest.raises(BackupExistsError):
            await lived.place.backup(file)
        assert [path.read_bytes() for path in tmp_path.glob("b.tar*")] == [b"whole"]

    @AS_ROOT
    async def test_too_small_a_disk_is_told_before_anything_is_written(
        self, lived: Lived, disk: Path
    ) -> None:
        (disk / "ballast").write_bytes(bytes(DISK_BYTES - WEIGHTS_BYTES))
        with pytest.raises(NotEnoughRoomError, match="MB"):
            await lived.place.backup(disk / "b.tar")
        assert [path.name for path in disk.iterdir()] == ["ballast"]
        assert not (lived.place.root / "backup").exists()

    @AS_ROOT
    async def test_disk_that_fills_meanwhile_is_told_and_the_rest_is_written_later(
        self, lived: Lived, empty: Place, disk: Path
    ) -> None:
        ballast = Ballast(disk, "write", 1 << 20)
        with pytest.raises(BackupDiskFullError):
            await lived.place.backup(disk / "b.tar", ballast)
        ballast.file.unlink()
        made = await lived.place.backup(disk / "b.tar")
        assert made.reused_bytes > 0
        await empty.restore(disk / "b.tar")


class TestRestore:
    @pytest.mark.parametrize(("stage", "share"), [("files", 0.9), ("rows", 0.5), ("rows", 1.0)])
    async def test_killed_nothing_starts_on_it_and_it_goes_on(
        self, saved: Path, origin: Lived, empty: Place, stage: str, share: float
    ) -> None:
        killed_in("restore", empty, saved, stage, share)
        with pytest.raises(RestoreUnfinishedError, match="restore again"):
            async with running_services(empty.settings):
                pass
        restored = await empty.restore(saved)
        assert restored.reused_bytes > 0
        assert restored.requeued == (origin.running,)
        there = files_below(empty.root)
        assert there.keys() == files_below(origin.place.root).keys() - {f"jobs/{origin.finished}/1/log.txt"}
        rows = await rows_of(empty.database)
        assert {name: len(found) for name, found in rows.items() if name != "event"} == {
            name: count for name, count in restored.rows.items() if name != "event"
        }
        async with running_services(empty.settings):
            pass

    async def test_killed_between_a_file_and_its_paths_the_paths_are_those_of_here(
        self, saved: Path, origin: Lived, empty: Place
    ) -> None:
        spec = f"jobs/{origin.finished}/1/spec.json"
        killed_in("restore", empty, saved, "files", 1.0)
        shutil.copy(origin.place.root / spec, empty.root / spec)
        await empty.restore(saved)
        assert json.loads((empty.root / spec).read_text())["data_dir"] == str(empty.root)

    async def test_damaged_copy_is_gone_on_with_from_a_good_one(
        self, saved: Path, origin: Lived, empty: Place, tmp_path: Path
    ) -> None:
        weights = files_below(origin.place.root)["models/bm_inside/model.safetensors"][0]
        damaged = with_flipped(saved, tmp_path / "damaged.tar", f"blobs/{weights}")
        with pytest.raises(BackupDamagedError, match=weights):
            await empty.restore(damaged)
        assert not (empty.root / "models" / "bm_inside" / "model.safetensors").exists()
        with pytest.raises(RestoreUnfinishedError):
            async with running_services(empty.settings):
                pass
        restored = await empty.restore(saved)
        assert restored.reused_bytes > 0

    async def test_connection_that_is_lost_is_no_fault_of_the_file(
        self, saved: Path, empty: Place, services: ServiceUrls
    ) -> None:
        name = make_url(empty.settings.database_url or "").database
        ends = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        lost: list[str] = []

        def lose(stage: str, _done: int, _total: int) -> None:
            if stage == "rows" and not lost:
                lost.append(stage)
                other = threading.Thread(target=asyncio.run, args=(on_server(services.database_url, ends),))
                other.start()
                other.join()

        with pytest.raises(ExternalServiceUnreachableError, match="LLMLORA_DATABASE_URL"):
            await empty.restore(saved, lose)
        assert lost
        assert (await empty.restore(saved)).reused_bytes > 0

    @pytest.mark.parametrize("url", [None, "postgresql://127.0.0.1/named"])
    def test_full_disk_of_the_database_is_told_as_such(self, tmp_path: Path, url: str | None) -> None:
        place = "LLMLORA_DATABASE_URL" if url else str(tmp_path)
        settings = Settings(data_dir=tmp_path, database_url=url)
        with pytest.raises(BackupDiskFullError, match=place), database_told_in_words(settings):
            raise asyncpg.DiskFullError("could not extend file")

    async def test_half_of_one_is_not_finished_with_another(
        self, saved: Path, lived: Lived, empty: Place, tmp_path: Path
    ) -> None:
        killed_in("restore", empty, saved, "files", 0.5)
        await lived.place.backup(tmp_path / "other.tar")
        with pytest.raises(OtherRestoreUnfinishedError, match=r"saved\.tar"):
            await empty.restore(tmp_path / "other.tar")

    async def test_two_at_once_do_not_fill_one_directory(self, saved: Path, empty: Place) -> None:
        results = await asyncio.gather(*(empty.restore(saved) for _ in range(2)), return_exceptions=True)
        assert [type(one) for one in results if not isinstance(one, Restored)] == [BackupBusyError]

    async def test_what_another_restores_meanwhile_is_not_written_again(
        self, saved: Path, empty: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def finished(stream: IO[Any], operation: int) -> None:
            if Path(stream.name).name == ".restore.lock":
                (empty.root / "datasets").mkdir()
            flock(stream, operation)

        flock = fcntl.flock
        monkeypatch.setattr(fcntl, "flock", finished)
        with pytest.raises(RestoreTargetNotEmptyError, match="datasets"):
            await empty.restore(saved)
        assert [path.name for path in empty.root.iterdir()] == ["datasets"]

    async def test_directory_that_another_has_just_left_is_not_shared(
        self, saved: Path, empty: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def left(stream: IO[Any], operation: int) -> None:
            if Path(stream.name).name == ".restore.lock":
                Path(stream.name).unlink()
                Path(stream.name).touch()
            flock(stream, operation)

        flock = fcntl.flock
        monkeypatch.setattr(fcntl, "flock", left)
        with pytest.raises(BackupBusyError):
            await empty.restore(saved)

    @AS_ROOT
    async def test_too_small_a_disk_is_told_before_anything_is_written(
        self, saved: Path, empty: Place, disk: Path
    ) -> None:
        place = Place(empty.settings.model_copy(update={"data_dir": disk / "data"}), empty.database)
        with pytest.raises(NotEnoughRoomError):
            await place.restore(saved)
        assert list(disk.iterdir()) == []
