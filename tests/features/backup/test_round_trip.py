"""What is restored is what was saved, and a job that ran goes on."""

import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlmodel import SQLModel, col

from llmlora.contracts.states import JobState
from llmlora.engine.embedded.migrate import known_revisions
from llmlora.features.backup.contents import named_by, pin
from llmlora.features.backup.errors import BackupExistsError, SourceChangedError
from llmlora.features.backup.rows import LEFT_OUT, snapshot
from llmlora.features.datasets.service import add_dataset
from llmlora.features.jobs.service import usable_checkpoints
from llmlora.tables.backup import BackupRow
from llmlora.tables.job import JobRow

from tests.factories import LEVEL_1
from tests.fakes.work import execute, job_of, states_of
from tests.features.backup.door import SEALED, Lived, Place, files_below, rows_of

pytestmark = pytest.mark.anyio


class TestRoundTrip:
    async def test_rows_and_files_are_the_same_and_the_running_job_waits_with_its_checkpoint(
        self, lived: Lived, empty: Place, tmp_path: Path
    ) -> None:
        before, files = await rows_of(lived.place.database), files_below(lived.place.root)
        made = await lived.place.backup(tmp_path / "b.tar")
        assert files_below(lived.place.root) == files
        assert (made.absent, made.damaged, made.left_out_runs) == ((), (), ())
        restored = await empty.restore(tmp_path / "b.tar")
        after = await rows_of(empty.database)

        assert restored.requeued == (lived.running,)
        for table, rows in before.items():
            others = {row for row in after[table] if lived.running not in row}
            assert others == {row for row in rows if lived.running not in row}, table
            assert rows or table == "job_dependency"
        assert after["metric_point"] == before["metric_point"]
        assert await states_of(empty.database, lived.running) == ["queued", "running", "queued"]
        job = await job_of(empty.database, lived.running)
        assert (job.state, job.attempt, job.epoch, job.worker_id) == (JobState.QUEUED, 0, 1, None)
        async with empty.database.unit_of_work() as session:
            saved = await usable_checkpoints(
                session, empty.root, await session.get_one(JobRow, lived.running)
            )
            assert [one.step for one in saved] == [2, 1]

        spec = f"jobs/{lived.finished}/1/spec.json"
        there = files_below(empty.root)
        assert json.loads((empty.root / spec).read_text())["data_dir"] == str(empty.root)
        assert (
            json.loads((empty.root / spec).read_text())["inputs"]["path"] == f"{empty.root}/models/bm_inside"
        )
        gone = {path for path in files if path not in there}
        assert gone == {f"jobs/{lived.finished}/1/log.txt"}
        for path in there.keys() & files.keys() - {spec}:
            assert there[path] == files[path], path

    async def test_database_goes_on_as_if_nothing_had_been(
        self, lived: Lived, empty: Place, tmp_path: Path
    ) -> None:
        await lived.place.backup(tmp_path / "b.tar")
        await empty.restore(tmp_path / "b.tar")
        async with empty.database.unit_of_work() as session:
            version = await session.scalar(text("SELECT version_num FROM alembic_version"))
            assert version == known_revisions()[-1]
            assert await session.scalar(text("SELECT obj_description('alembic_version'::regclass)")) is None
            off = "SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'"
            assert await session.scalar(text(off)) == 0
        with pytest.raises(Exception, match="is final"):  # the guard of jobs is there again
            await execute(empty.database, "UPDATE job SET state = 'queued' WHERE id = :id", id=lived.finished)
        again = await empty.backup(tmp_path / "again.tar")
        assert again.rows["metric_point"] == 23

    def test_person_can_read_it_without_us(self, saved: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        out.mkdir()
        subprocess.run(["tar", "xf", saved, "-C", out], check=True)
        subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=out, check=True)
        manifest = json.loads((out / "manifest.json").read_text())
        adapters = [
            one
            for one in manifest["files"]
            if one["path"].endswith(".safetensors") and "final" in one["path"]
        ]
        assert len(adapters) == 2
        assert len({one["sha256"] for one in adapters}) == 1
        with tarfile.open(saved) as tar:
            names = tar.getnames()
        assert names[:2] == ["manifest.json", "SHA256SUMS"]
        assert len(names) == len(set(names))
        assert saved.stat().st_mode & 0o077 == 0

    async def test_secrets_and_sign_ins_stay_where_they_are(
        self, lived: Lived, empty: Place, tmp_path: Path
    ) -> None:
        await lived.place.backup(tmp_path / "b.tar")
        content = (tmp_path / "b.tar").read_bytes()
        assert SEALED.encode() not in content
        assert SEALED.encode().hex().encode() not in content
        await empty.restore(tmp_path / "b.tar")
        async with empty.database.unit_of_work() as session:
            for table in LEFT_OUT:
                assert await session.scalar(text(f"SELECT count(*) FROM {table}")) == 0

    async def test_backup_that_is_whole_is_remembered_where_it_was_made(
        self, lived: Lived, tmp_path: Path
    ) -> None:
        made = await lived.place.backup(tmp_path / "b.tar")
        async with lived.place.database.unit_of_work() as session:
            kept = (await session.scalars(select(BackupRow).where(col(BackupRow.file) == made.file))).one()
        assert (kept.size_bytes, kept.made_at) == (made.size_bytes, made.made_at)

    def test_what_is_left_out_are_tables_that_exist(self) -> None:
        assert set(SQLModel.metadata.tables) >= LEFT_OUT

    async def test_base_model_outside_is_named_and_missed_where_it_is_not(
        self, lived: Lived, empty: Place, tmp_path: Path
    ) -> None:
        made = await lived.place.backup(tmp_path / "b.tar")
        assert made.outside == (str(lived.outside),)
        lived.outside.rename(tmp_path / "elsewhere")
        restored = await empty.restore(tmp_path / "b.tar")
        (tmp_path / "elsewhere").rename(lived.outside)
        assert restored.missing_outside == (str(lived.outside),)

    async def test_only_the_spec_of_a_run_gets_other_paths(
        self, lived: Lived, empty: Place, tmp_path: Path
    ) -> None:
        root = lived.place.root
        others = ("models/bm_inside/spec.json", f"jobs/{lived.finished}/1/final_model/spec.json")
        contents = (f'{{ "trained_in":"{root}/x" }}', "no JSON at all")
        for path, content in zip(others, contents, strict=True):
            (root / path).write_text(content)
        await lived.place.backup(tmp_path / "b.tar")
        await empty.restore(tmp_path / "b.tar")
        assert tuple((empty.root / path).read_text() for path in others) == contents

    async def test_base_model_beside_the_saved_folders_is_named_and_not_in_it(
        self, lived: Lived, empty: Place, tmp_path: Path
    ) -> None:
        own = lived.place.root / "own" / "model"
        own.parent.mkdir()
        (lived.place.root / "models" / "bm_inside").rename(own)
        await execute(
            lived.place.database,
            "UPDATE base_model SET path = 'own/model' WHERE path = 'models/bm_inside'",
        )
        made = await lived.place.backup(tmp_path / "b.tar")
        assert set(made.outside) == {str(own), str(lived.outside)}
        with tarfile.open(tmp_path / "b.tar") as tar:
            manifest = tar.extractfile("manifest.json")
            assert manifest is not None
            assert "own/model/" not in manifest.read().decode()
        restored = await empty.restore(tmp_path / "b.tar")
        assert restored.missing_outside == (str(empty.root / "own" / "model"),)

    async def test_job_that_was_to_be_cancelled_is(self, lived: Lived, empty: Place, tmp_path: Path) -> None:
        await execute(
            lived.place.database, "UPDATE job SET desired = 'cancel' WHERE id = :id", id=lived.running
        )
        await lived.place.backup(tmp_path / "b.tar")
        restored = await empty.restore(tmp_path / "b.tar")
        assert restored.requeued == ()
        assert (await job_of(empty.database, lived.running)).state == JobState.CANCELLED


class TestMeanwhile:
    async def test_what_is_deleted_or_pruned_while_it_is_saved_is_in_it(
        self, lived: Lived, empty: Place, tmp_path: Path
    ) -> None:
        root = lived.place.root
        files = files_below(root)

        def prune(stage: str, _done: int, _total: int) -> None:
            if stage == "hash":
                for name in (f"datasets/{lived.dataset_id}", f"jobs/{lived.running}", "models"):
                    shutil.rmtree(root / name, ignore_errors=True)

        made = await lived.place.backup(tmp_path / "b.tar", prune)
        assert made.absent == ()
        await empty.restore(tmp_path / "b.tar")
        there = files_below(empty.root)
        for path in files:
            if path.startswith(("datasets", f"jobs/{lived.running}", "models")):
                assert there[path] == files[path]

    async def test_what_comes_later_is_not_in_it(self, lived: Lived, empty: Place, tmp_path: Path) -> None:
        rows = tmp_path / "later.json"
        rows.write_text(json.dumps([{"instruction": "later", "output": "も、はい。"}]), encoding="utf-8")
        before = await rows_of(lived.place.database)
        told: list[str] = []

        def add(stage: str, _done: int, _total: int) -> None:
            told.append(stage)
            (lived.place.root / "datasets" / "ds_later").mkdir(exist_ok=True)

        await lived.place.backup(tmp_path / "b.tar", add)
        await add_dataset(lived.place.database, lived.place.root, rows)
        await empty.restore(tmp_path / "b.tar")
        assert (await rows_of(empty.database))["dataset"] == before["dataset"]
        assert {"hash", "write"} <= set(told)

    async def test_pruned_checkpoints_are_no_loss_and_all_pruned_means_a_later_moment(
        self, lived: Lived, tmp_path: Path
    ) -> None:
        root = lived.place.root
        checkpoints = root / "jobs" / lived.running / "1" / "checkpoints"
        shutil.rmtree(checkpoints / "step-00000001")
        made = await lived.place.backup(tmp_path / "b.tar")
        assert made.absent == ()
        shutil.rmtree(checkpoints)
        async with snapshot(lived.place.database) as raw:
            named = await named_by(raw, root)
        assert pin(named, root, tmp_path / "pins").lost_jobs == {lived.running}
        assert (await lived.place.backup(tmp_path / "without.tar")).absent == ()

    async def test_half_a_checkpoint_is_none(self, lived: Lived, empty: Place, tmp_path: Path) -> None:
        step = lived.place.root / "jobs" / lived.running / "1" / "checkpoints" / "step-00000002"
        (step / "parameters.safetensors").unlink()
        await lived.place.backup(tmp_path / "b.tar")
        await empty.restore(tmp_path / "b.tar")
        there = files_below(empty.root)
        assert not any("step-00000002" in path for path in there)
        assert any("step-00000001" in path for path in there)

    async def test_file_that_changes_in_place_is_told_and_nothing_is_left(
        self, lived: Lived, tmp_path: Path
    ) -> None:
        weights = lived.place.root / "models" / "bm_inside" / "model.safetensors"

        def write(stage: str, _done: int, _total: int) -> None:
            if stage == "write":
                with weights.open("r+b") as stream:
                    stream.write(b"changed")

        with pytest.raises(SourceChangedError):
            await lived.place.backup(tmp_path / "b.tar", write)
        assert not (tmp_path / "b.tar").exists()
        made = await lived.place.backup(tmp_path / "b.tar")
        assert made.damaged == ("models/bm_inside/model.safetensors",)

    async def test_missing_and_damaged_files_are_told(self, lived: Lived, tmp_path: Path) -> None:
        root = lived.place.root
        shutil.rmtree(root / "models")
        adapter = f"jobs/{lived.finished}/1/final_model"
        (root / adapter / "again.safetensors").write_bytes(b"other")
        (root / "datasets" / lived.dataset_id / "rows.parquet").write_bytes(b"other")
        made = await lived.place.backup(tmp_path / "b.tar")
        assert made.absent == ("models/bm_inside",)
        assert set(made.damaged) == {adapter, f"datasets/{lived.dataset_id}/rows.parquet"}

    async def test_run_without_a_row_is_saved_when_it_has_ended(
        self, lived: Lived, empty: Place, tmp_path: Path
    ) -> None:
        import fcntl

        jobs = lived.place.root / "jobs"
        for name in ("job_done", "job_going_on"):
            (jobs / name / "1" / "final_model").mkdir(parents=True)
            (jobs / name / "1" / "final_model" / "adapter_model.safetensors").write_bytes(name.encode())
            (jobs / name / "lock").touch()
        with (jobs / "job_going_on" / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            made = await lived.place.backup(tmp_path / "b.tar")
        assert made.left_out_runs == ("job_going_on",)
        await empty.restore(tmp_path / "b.tar")
        assert (
            empty.root / "jobs/job_done/1/final_model/adapter_model.safetensors"
        ).read_bytes() == b"job_done"
        assert not (empty.root / "jobs/job_going_on").exists()

    async def test_nothing_is_overwritten(self, lived: Lived, tmp_path: Path) -> None:
        (tmp_path / "b.tar").write_text("mine")
        with pytest.raises(BackupExistsError):
            await lived.place.backup(tmp_path / "b.tar")
        assert (tmp_path / "b.tar").read_text() == "mine"
        assert not os.path.lexists(tmp_path / "b.tar.part")
        assert LEVEL_1.exists()
