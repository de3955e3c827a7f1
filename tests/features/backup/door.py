"""A lived-in data directory, and what the tests of backups ask about it."""

import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import SQLModel

from llmlora.contracts.events import Artifact, ArtifactKind, LogBatch, MetricBatch
from llmlora.contracts.states import GroupKind, JobState
from llmlora.contracts.sweep import TrialOutcome
from llmlora.engine.embedded.migrate import migrate
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.features.backup.archive import write_archive
from llmlora.features.backup.making import make_backup
from llmlora.features.backup.restoring import restore_backup
from llmlora.features.backup.rows import LEFT_OUT
from llmlora.features.backup.schemas import BackupMade, Manifest, Member, Restored
from llmlora.features.datasets.service import add_dataset
from llmlora.features.deployments.registry import accept_deployment
from llmlora.features.evaluations.service import keep_evaluation
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.files import sha256_of_file, sha256_of_tree
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.browser_session import BrowserSessionRow
from llmlora.tables.chat_message import ChatMessageRow
from llmlora.tables.chat_session import ChatSessionRow
from llmlora.tables.course_tick import CourseTickRow
from llmlora.tables.job import JobRow
from llmlora.tables.job_group import JobGroupRow
from llmlora.tables.secret import SecretRow
from llmlora.tables.sweep import SweepRow
from llmlora.tables.trial import TrialRow
from llmlora.tables.webhook import WebhookRow
from llmlora.tables.webhook_delivery import WebhookDeliveryRow

from tests.databases import named, on_server
from tests.factories import LEVEL_1
from tests.fakes.evaluations import evaluation_of, judged
from tests.fakes.work import HEAVY, make_job
from tests.features.chat_door import files_of, proposed
from tests.features.jobs.door import checkpoint_of, claimed, ended, stored
from tests.features.test_models_api import FACTS

SEALED = "sealed-secret-that-no-backup-may-hold"
WEIGHTS_BYTES = 3 << 20


@dataclass(frozen=True)
class Place:
    """A data directory with a database of its own."""

    settings: Settings
    database: Database

    @property
    def root(self) -> Path:
        return self.settings.data_dir

    async def backup(
        self, file: Path, on_bytes: Callable[[str, int, int], None] = lambda *_: None
    ) -> BackupMade:
        return await make_backup(self.settings, file, on_bytes)

    async def restore(
        self, file: Path, on_bytes: Callable[[str, int, int], None] = lambda *_: None
    ) -> Restored:
        return await restore_backup(self.settings, file, on_bytes)


@dataclass(frozen=True)
class Lived:
    """What happened in a place."""

    place: Place
    dataset_id: str
    finished: str
    running: str
    outside: Path


@asynccontextmanager
async def place_on(services: ServiceUrls, data_dir: Path, template: str = "") -> AsyncIterator[Place]:
    """A place whose database is empty (or as another one), gone when the block ends."""
    name = new_id("backup")
    await on_server(services.database_url, f"CREATE DATABASE {name} TEMPLATE {template or 'template1'}")
    database = Database(named(services.database_url, name))
    settings = Settings(
        data_dir=data_dir,
        database_url=named(services.database_url, name),
        redis_url=services.redis_url,
    )
    try:
        yield Place(settings, database)
    finally:
        await database.close()
        await on_server(services.database_url, f"DROP DATABASE {name} WITH (FORCE)")


async def live(place: Place, outside: Path) -> Lived:
    """A data set, a base model of the directory and one outside, a training that ended and one that goes on, a talk."""
    database, root = place.database, place.root
    await migrate(database.engine)
    dataset_id = (await add_dataset(database, root, LEVEL_1)).dataset.id
    base = await _base_model(database, root, outside)
    finished = await make_job(database, {"epochs": 1}, inputs={"base_model": base.id})
    epoch = await claimed(database, finished)
    adapter = _adapter(root, finished)
    points = [MetricBatch(step=step, values={"train/loss": 1 / step}) for step in range(1, 21)]
    odd = MetricBatch(step=21, values={}, not_finite={"train/loss": "nan"})
    said = LogBatch(level="info", message='改行\nと "引用" と , と \\N')
    await stored(database, finished, epoch, *points, odd, said, adapter)
    await ended(database, finished, epoch, JobState.COMPLETED)
    await _deployment(database, base, f"{adapter.path}/adapter_model.safetensors")
    running = await make_job(database, {"steps": 5}, recipe=HEAVY)
    epoch = await claimed(database, running)
    saved = [checkpoint_of(root, running, step, weights_bytes=1 << 16) for step in (1, 2)]
    await stored(database, running, epoch, *points[:3], *saved)
    await _evaluation(database, finished, dataset_id)
    await _course(database)
    await _talk(database)
    await _secrets(database)
    await _webhook(database)
    await _sweep(database, finished)
    return Lived(place, dataset_id, finished, running, outside)


def lives_at(lived: Lived, place: Place) -> Lived:
    """The same life, whose database is a copy already, in another directory."""
    shutil.copytree(lived.place.root, place.root, ignore=shutil.ignore_patterns("services"))
    spec = place.root / "jobs" / lived.finished / "1" / "spec.json"
    spec.write_text(spec.read_text().replace(str(lived.place.root), str(place.root)))
    return replace(lived, place=place)


async def _base_model(database: Database, root: Path, outside: Path) -> BaseModelRow:
    outside.mkdir(exist_ok=True)
    directory = root / "models" / "bm_inside"
    directory.mkdir(parents=True)
    (directory / "config.json").write_text("{}")
    (directory / "model.safetensors").write_bytes(hashlib.shake_256(b"base").digest(WEIGHTS_BYTES))
    digests = {
        path.name: {
            "size_bytes": path.stat().st_size,
            "mtime_ns": path.stat().st_mtime_ns,
            "sha256": sha256_of_file(path),
        }
        for path in directory.iterdir()
    }
    rows = {
        "models/bm_inside": {"files": digests, "requested": []},
        str(outside): {"files": {}, "requested": []},
    }
    bases = [_base_row(path, facts) for path, facts in rows.items()]
    async with database.unit_of_work() as session:
        session.add_all(bases)
    return bases[0]


def _base_row(path: str, facts: dict[str, Any]) -> BaseModelRow:
    id_ = new_id("bm")
    digests = dict.fromkeys(("weights_digest", "tokenizer_hash"), id_)
    sizes = dict.fromkeys(("parameters", "context_length", "size_bytes"), 2048)
    return BaseModelRow(
        id=id_,
        reference=f"hf:tests/{id_}",
        source="hf",
        path=path,
        architecture="LlamaForCausalLM",
        facts=FACTS | facts,
        created_at=utc_now(),
        **digests,
        **sizes,
    )


def _adapter(root: Path, job_id: str) -> Artifact:
    run = root / "jobs" / job_id / "1"
    (run / "final_model").mkdir(parents=True)
    (run / "final_model" / "adapter_model.safetensors").write_bytes(b"adapter" * 1000)
    (run / "final_model" / "again.safetensors").write_bytes(b"adapter" * 1000)
    (run / "spec.json").write_text(
        json.dumps({"data_dir": str(root), "inputs": {"path": f"{root}/models/bm_inside"}})
    )
    (run / "log.txt").write_text("nobody names this")
    path = f"jobs/{job_id}/1/final_model"
    tree = sha256_of_tree(root / path)
    return Artifact(kind=ArtifactKind.ADAPTER, name="final_model", path=path, sha256=tree, size_bytes=14_000)


async def _deployment(database: Database, base: BaseModelRow, gguf: str) -> None:
    row = await proposed(database, base, files_of("models/bm_inside/base.gguf", adapter_gguf=gguf))
    async with database.unit_of_work() as session:
        assert row.job_id is not None
        await accept_deployment(session, row.job_id, {"passed": True})


async def _talk(database: Database) -> None:
    now = utc_now()
    columns = {"models": ["ft:tiny"], "settings": {}, "created_at": now, "updated_at": now}
    async with database.unit_of_work() as session:
        session.add(ChatSessionRow(id="cs_1", title="返品", system="", **columns))  # type: ignore[arg-type]
        await session.flush()
        for position, (role, content) in enumerate([("user", "返品は？"), ("assistant", "")], 1):
            id_ = f"cm_{position}"
            session.add(
                ChatMessageRow(
                    id=id_,
                    session_id="cs_1",
                    position=position,
                    role=role,
                    content=content,
                    facts={},
                    created_at=now,
                )
            )


async def _evaluation(database: Database, job_id: str, dataset_id: str) -> None:
    found = evaluation_of(judged([3]), dataset_id=dataset_id)
    async with database.unit_of_work() as session:
        await keep_evaluation(session, await session.get_one(JobRow, job_id), found.report())


async def _course(database: Database) -> None:
    async with database.unit_of_work() as session:
        row = CourseTickRow(course="level1", goal="data", by="seen", ticked_at=utc_now())
        session.add(row)


async def _secrets(database: Database) -> None:
    async with database.unit_of_work() as session:
        session.add(SecretRow(name="hf_token", sealed=SEALED, set_at=utc_now()))
        session.add(BrowserSessionRow(secret_hash=SEALED.encode(), token_mark=b"mark", expires_at=utc_now()))


async def _webhook(database: Database) -> None:
    """An address that is told, and a message to it on its way."""
    now = utc_now()
    async with database.unit_of_work() as session:
        hook = WebhookRow(
            id="whk_1", url="http://10.0.0.1/", shape="json", language="ja", events=["failed"], created_at=now
        )
        session.add(hook)
        await session.flush()
        told = {"event": "test", "about": {}, "state": "waiting", "next_at": now, "created_at": now}
        session.add(WebhookDeliveryRow(id="dlv_1", webhook_id=hook.id, **told))


async def _sweep(database: Database, job_id: str) -> None:
    """One that has ended, with a trial that the job was."""
    now = utc_now()
    group = JobGroupRow(id="swp_1", kind=GroupKind.SWEEP, name="探索", created_at=now)
    sweep = SweepRow(
        id=group.id, recipe="tests", request={}, space={"rate": [1, 2]}, sampler="grid", objectives=[], pruner={},
        trials=2, parallel=1, seed=7, created_at=now, ended_at=now, end_reason="trials",
    )  # fmt: skip
    trial = TrialRow(
        id="trl_1", sweep_id=sweep.id, number=0, point={"rate": 1}, point_hash="0", job_id=job_id,
        outcome=TrialOutcome.COMPLETE, values=[0.5], created_at=now, finished_at=now,
    )  # fmt: skip
    async with database.unit_of_work() as session:
        for row in (group, sweep, trial):
            session.add(row)
            await session.flush()


async def rows_of(database: Database) -> dict[str, list[str]]:
    """Every row of every table that is kept, as text."""
    found = {}
    async with database.unit_of_work() as session:
        await session.execute(text("SET LOCAL timezone = 'UTC'"))
        for table in SQLModel.metadata.sorted_tables:
            if table.name not in LEFT_OUT:
                rows = await session.scalars(
                    text(f"SELECT row_to_json(t)::text FROM {table.name} t ORDER BY 1")
                )
                found[table.name] = list(rows)
    return found


def files_below(root: Path) -> dict[str, tuple[str, int]]:
    """Hash and time of every file of a data directory."""
    return {
        path.relative_to(root).as_posix(): (sha256_of_file(path), path.stat().st_mtime_ns)
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_relative_to(root / "services")
    }


def rewritten(
    file: Path, target: Path, change: Callable[[dict[str, Any]], None], drop: str | None = None
) -> Path:
    """The backup with another manifest and sums that fit it, as another version would have written; or without a member."""
    with tarfile.open(file) as tar:
        members = {one.name: tar.extractfile(one).read() for one in tar.getmembers()}  # type: ignore[union-attr]
    document = json.loads(members["manifest.json"])
    change(document)
    written = (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
    lines = members["SHA256SUMS"].decode().splitlines()[1:]
    head = f"{hashlib.sha256(written).hexdigest()}  manifest.json"
    members |= {"manifest.json": written, "SHA256SUMS": ("\n".join([head, *lines]) + "\n").encode()}
    with tarfile.open(target, "w") as tar:
        for name, content in members.items():
            if name != drop:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return target


def with_flipped(file: Path, target: Path, member: str, at: int | None = None) -> Path:
    """A copy with one bit of a member's bytes (or, `at` below 0, of its head) turned over."""
    content = bytearray(file.read_bytes())
    with tarfile.open(file) as tar:
        info = tar.getmember(member)
    content[info.offset_data + (info.size // 2 if at is None else at)] ^= 1
    target.write_bytes(content)
    return target


# Ends itself without a word as soon as a stage has come so far.
KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from llmlora.features.backup.making import make_backup
from llmlora.features.backup.restoring import restore_backup
from llmlora.features.evaluations.service import keep_evaluation
from llmlora.kit.settings import Settings

verb, settings, file, stage, share = sys.argv[1:]

def on_bytes(at, done, total):
    if at == stage and done >= float(share) * total:
        os.kill(os.getpid(), signal.SIGKILL)

work = {"backup": make_backup, "restore": restore_backup}[verb]
asyncio.run(work(Settings.model_validate_json(settings), Path(file), on_bytes))
"""


def killed_in(verb: str, place: Place, file: Path, stage: str, share: float) -> None:
    """A process of its own that is killed (-9) when a stage has come so far."""
    settings = place.settings.model_dump_json(include={"data_dir", "database_url", "redis_url"})
    argv = [sys.executable, "-c", KILLED, verb, settings, str(file), stage, str(share)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == -9, done.stderr


def archive_of(target: Path, manifest: Manifest, source: Callable[[Member], Path]) -> Path:
    """A backup of what the test says."""
    with target.open("w+b") as part:
        write_archive(part, manifest, source, lambda _: None)
    return target
