"""What cannot be restored is refused in words, and nothing is touched."""

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from llmlora.engine.embedded.errors import ExternalServiceUnreachableError
from llmlora.engine.embedded.migrate import upgrade
from llmlora.features.backup.archive import Archive
from llmlora.features.backup.errors import (
    BackupDamagedError,
    BackupNewerError,
    BackupNotFoundError,
    BackupPartForeignError,
    BackupPlaceError,
    NotABackupError,
    NothingToBackUpError,
    RestoreDatabaseNotEmptyError,
    RestoreTargetNotEmptyError,
)
from llmlora.features.backup.making import make_backup
from llmlora.features.backup.rows import tables_of
from llmlora.features.backup.schemas import Manifest, SavedTable
from llmlora.kit.clock import utc_now
from llmlora.kit.errors import AppError
from llmlora.kit.files import sha256_of_file
from llmlora.kit.settings import Settings

from tests.features.backup.door import Lived, Place, archive_of, rewritten, rows_of, with_flipped

pytestmark = pytest.mark.anyio

HEAD = -512


async def refused(place: Place, file: Path, error: type[AppError], words: str | None = None) -> None:
    """The restore is refused, and the directory is as it was."""
    with pytest.raises(error, match=words):
        await place.restore(file)
    assert not place.root.exists()


def same(_document: dict[str, Any]) -> None:
    """Another tar of the same manifest."""


class TestDamaged:
    @pytest.mark.parametrize(
        ("member", "at"),
        [
            ("manifest.json", None),
            ("manifest.json", 0),
            ("SHA256SUMS", None),
            ("SHA256SUMS", 3),
            ("SHA256SUMS", HEAD),
        ],
    )
    async def test_flipped_bit_in_what_tells_the_rest(
        self, saved: Path, empty: Place, tmp_path: Path, member: str, at: int | None
    ) -> None:
        damaged = with_flipped(saved, tmp_path / "d.tar", member, at)
        await refused(empty, damaged, BackupDamagedError, "damaged")

    async def test_flipped_bit_in_the_first_head_is_no_backup_at_all(
        self, saved: Path, empty: Place, tmp_path: Path
    ) -> None:
        damaged = with_flipped(saved, tmp_path / "d.tar", "manifest.json", HEAD)
        await refused(empty, damaged, NotABackupError)

    async def test_flipped_bit_in_the_head_of_a_blob(self, saved: Path, empty: Place, tmp_path: Path) -> None:
        with tarfile.open(saved) as tar:
            blob = next(name for name in tar.getnames() if name.startswith("blobs/"))
        await refused(
            empty, with_flipped(saved, tmp_path / "d.tar", blob, HEAD), BackupDamagedError, "missing"
        )

    @pytest.mark.parametrize("table", ["job", "event", "chat_message"])
    async def test_flipped_bit_in_rows_leaves_the_database_empty(
        self, saved: Path, empty: Place, tmp_path: Path, table: str
    ) -> None:
        damaged = with_flipped(saved, tmp_path / "d.tar", f"database/{table}.csv")
        with pytest.raises(BackupDamagedError, match=f"database/{table}.csv"):
            await empty.restore(damaged)
        async with empty.database.unit_of_work() as session:
            assert (
                await session.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) == 0
            )
        assert (await empty.restore(saved)).rows["job"] == 3

    async def test_missing_blob_and_cut_file(self, saved: Path, empty: Place, tmp_path: Path) -> None:
        with tarfile.open(saved) as tar:
            blob = next(name for name in tar.getnames() if name.startswith("blobs/"))
        await refused(empty, rewritten(saved, tmp_path / "m.tar", same, drop=blob), BackupDamagedError, blob)
        for share in (0.3, 0.8):
            cut = tmp_path / "cut.tar"
            cut.write_bytes(saved.read_bytes()[: int(saved.stat().st_size * share)])
            await refused(empty, cut, BackupDamagedError, "missing")

    async def test_path_that_leads_out_is_refused(self, saved: Path, empty: Place, tmp_path: Path) -> None:
        for path in ("../outside", "/etc/outside", "jobs/../../outside", "models/../outside"):

            def lead_out(document: dict[str, Any], path: str = path) -> None:
                document["files"][0]["path"] = path

            await refused(empty, rewritten(saved, tmp_path / "o.tar", lead_out), BackupDamagedError)

    @pytest.mark.parametrize(
        "path",
        [
            "postgres/data/postgresql.conf",
            "./postgres/data/pg_hba.conf",
            "restore.json",
            "services/state.json",
            "valkey/valkey.conf",
            "backup/bak_1/record.json",
            "cache/exports/known.json",
            ".env",
            "jobs",
        ],
    )
    async def test_backup_that_would_write_what_the_machine_owns_is_refused(
        self, saved: Path, empty: Place, tmp_path: Path, path: str
    ) -> None:
        def own(document: dict[str, Any]) -> None:
            document["files"][0]["path"] = path

        await refused(empty, rewritten(saved, tmp_path / "o.tar", own), BackupDamagedError)

    @pytest.mark.parametrize(
        "change", [{"name": "no_such_table"}, {"name": "browser_session"}, {"columns": ("no_such_column",)}]
    )
    async def test_table_that_no_backup_has_is_refused(
        self, saved: Path, empty: Place, tmp_path: Path, change: dict[str, Any]
    ) -> None:
        with Archive(saved) as archive:
            manifest = archive.manifest
            found = next(one for one in manifest.tables if one.name == "dataset")
            rows = tmp_path / "rows.csv"
            rows.write_bytes(
                b"".join(archive.pieces(next(m for m in manifest.members() if m.name == found.member)))
            )
        forged = manifest.model_copy(update={"tables": (found.model_copy(update=change),), "files": ()})
        file = archive_of(tmp_path / "forged.tar", forged, lambda _: rows)
        with pytest.raises(BackupDamagedError, match=r"cannot be read|no backup has"):
            await empty.restore(file)
        async with empty.database.engine.connect() as connection:
            assert await tables_of(connection) == []


class TestOther:
    async def test_what_is_no_backup(self, empty: Place, tmp_path: Path) -> None:
        await refused(empty, tmp_path / "nothing.tar", BackupNotFoundError)
        await refused(empty, tmp_path, BackupPlaceError)
        (tmp_path / "nothing").touch()
        (tmp_path / "text").write_text("hello" * 1000)
        with tarfile.open(tmp_path / "other.tar", "w") as tar:
            tar.add(tmp_path / "text", "text")
        for name in ("nothing", "text", "other.tar"):
            await refused(empty, tmp_path / name, NotABackupError, "not a backup")

    async def test_backup_of_a_later_version_says_which(
        self, saved: Path, empty: Place, tmp_path: Path
    ) -> None:
        def later_format(document: dict[str, Any]) -> None:
            document |= {"version": 2, "made_by": "9.9.9", "files": "not as we know it"}

        def later_tables(document: dict[str, Any]) -> None:
            document |= {"schema_revision": "0999", "made_by": "9.9.9"}

        for change, told in ((later_format, "version 2"), (later_tables, "0999")):
            newer = rewritten(saved, tmp_path / "newer.tar", change)
            with pytest.raises(BackupNewerError, match=told) as raised:
                await empty.restore(newer)
            assert "9.9.9" in raised.value.detail("ja")
            assert not empty.root.exists()

    async def test_places_that_hold_something(
        self, saved: Path, lived: Lived, empty: Place, tmp_path: Path
    ) -> None:
        with pytest.raises(RestoreTargetNotEmptyError, match="datasets"):
            await lived.place.restore(saved)
        before = await rows_of(lived.place.database)
        other = Place(
            lived.place.settings.model_copy(update={"data_dir": tmp_path / "other"}), empty.database
        )
        await refused(other, saved, RestoreDatabaseNotEmptyError, "artifact")
        assert await rows_of(lived.place.database) == before

    async def test_named_service_that_does_not_answer(self, saved: Path, empty: Place) -> None:
        for named in (
            {"database_url": "postgresql://nobody@127.0.0.1:9/none"},
            {"redis_url": "redis://127.0.0.1:9/0"},
        ):
            gone = Place(empty.settings.model_copy(update=named), empty.database)
            await refused(gone, saved, ExternalServiceUnreachableError)

    async def test_nothing_to_back_up_and_nowhere_to_write(self, lived: Lived, tmp_path: Path) -> None:
        with pytest.raises(NothingToBackUpError):
            await make_backup(Settings(data_dir=tmp_path / "none"), tmp_path / "b.tar", lambda *_: None)
        assert not (tmp_path / "none").exists()
        with pytest.raises(BackupPlaceError, match="nowhere"):
            await lived.place.backup(tmp_path / "nowhere" / "b.tar")
        (tmp_path / "b.tar.part").write_text("somebody's own")
        with pytest.raises(BackupPartForeignError):
            await lived.place.backup(tmp_path / "b.tar")
        assert (tmp_path / "b.tar.part").read_text() == "somebody's own"


OLD_ROWS = {
    "job": "INSERT INTO job SELECT (jsonb_populate_record(NULL::job, CAST(:row AS jsonb))).*",
    "metric_point": "INSERT INTO metric_point SELECT 'job_old', 'train/loss', step, 1, 1.0 / step, now() "
    "FROM generate_series(1, 40) step",
}


class TestOlder:
    async def test_backup_of_an_earlier_revision_is_migrated(
        self, lived: Lived, empty: Place, tmp_path: Path
    ) -> None:
        """As the release with migration 0002 would have written it: no buckets of curves yet."""
        directory = tmp_path / "csv"
        directory.mkdir()
        now = utc_now()
        row = {
            **{key: {} for key in ("config", "inputs", "latest_metrics", "reports", "facts")},
            **dict.fromkeys(("cpus", "memory_bytes", "priority", "attempt", "epoch", "head_seq", "src_head"), 0),
            **dict.fromkeys(("created_at", "next_run_at"), now.isoformat()),
            "id": "job_old", "name": "昔", "recipe": "text_lora", "state": "queued", "desired": "run",
            "device": "auto", "keep_checkpoint": True, "wants_gpu": False,
        }  # fmt: skip
        tables = []
        async with lived.place.database.engine.begin() as connection:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
            await connection.run_sync(upgrade, "0002")
            raw: Any = (await connection.get_raw_connection()).driver_connection
            for table, statement in OLD_ROWS.items():
                await connection.execute(
                    text(statement), {"row": json.dumps(row)} if ":row" in statement else {}
                )
                path = directory / f"{table}.csv"
                told = await raw.copy_from_table(table, output=path, format="csv", header=True)
                columns = tuple(path.read_text().splitlines()[0].split(","))
                tables.append(
                    SavedTable(
                        name=table,
                        columns=columns,
                        rows=int(told.split()[-1]),
                        size_bytes=path.stat().st_size,
                        sha256=sha256_of_file(path),
                    )
                )
        manifest = Manifest(
            id="bak_old", made_at=now, made_by="0.0.1", schema_revision="0002", data_dir="/old",
            tables=tuple(tables), files=(),
        )  # fmt: skip
        old = archive_of(tmp_path / "old.tar", manifest, lambda member: directory / Path(member.name).name)
        restored = await empty.restore(old)
        assert restored.migrated_from == "0002"
        rows = await rows_of(empty.database)
        assert json.loads(rows["job"][0])["name"] == "昔"
        assert len(rows["metric_point"]) == 40
        assert rows["metric_bucket"]  # what migration 0003 makes of the points
