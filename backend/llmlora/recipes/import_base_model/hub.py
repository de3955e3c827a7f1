"""A model of the Hugging Face hub at one commit. What would be refused is refused before the weights are fetched."""

import asyncio
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from llmlora.contracts.events import Progress
from llmlora.contracts.run import Context, RunCancelledError
from llmlora.kit.errors import InvalidInputError
from llmlora.kit.files import CHUNK_BYTES
from llmlora.recipes.blocks.base_model import refuse_unsupported
from llmlora.recipes.blocks.base_model_errors import BaseModelFileMalformedError, BaseModelFileMissingError
from llmlora.recipes.blocks.base_reference import Reference
from llmlora.recipes.blocks.hub_errors import HubFileBrokenError, HubRevisionMissingError, ImportDiskError
from llmlora.recipes.blocks.model_files import (
    MAX_JSON_BYTES,
    SINGLE_WEIGHTS,
    WEIGHTS_INDEX,
    ModelFiles,
    read_json,
    refuse_by_config,
    refuse_by_names,
    used_names,
)
from llmlora.recipes.import_base_model.hub_client import HubClient, Patience
from llmlora.recipes.import_base_model.hub_downloads import Download, forget_abandoned
from llmlora.recipes.import_base_model.hub_listing import HubFile, Snapshot
from llmlora.recipes.import_base_model.progress import INTERVAL_S, stop_if_cancelled
from llmlora.recipes.import_base_model.sources import Made, Origin, publish
from llmlora.recipes.import_base_model.spec import ENDPOINT_VARIABLE, HUB_ENDPOINT, TOKEN_SECRET

T = TypeVar("T")
POLL_S = 0.1
AT_A_TIME = 4
KEPT_PAPERS = ("README.md", "LICENSE", "LICENSE.md", "LICENSE.txt", "NOTICE")
_DEFAULT_PATIENCE = Patience()


def from_hub(
    reference: Reference, models: Path, ctx: Context, patience: Patience = _DEFAULT_PATIENCE
) -> Origin:
    """Fetch a repository's safetensors at one commit; the reference then names that commit.

    An import that was interrupted goes on with what had arrived, at its commit.

    Raises:
        AppError: a leaf of `hub_errors`, each with its own cure.
        InvalidInputError: a leaf of `base_model_errors`, mostly before the weights are fetched.
        RunCancelledError: SIGTERM was seen; what has arrived is kept.
    """
    forget_abandoned(models)
    download = Download(models, reference)
    work = _Fetching(reference, download, ctx, patience)
    snapshot = _until_cancelled(work.look_up(), ctx)
    refuse_by_names(str(reference), tuple(snapshot.files))
    pinned = Reference("hf", reference.name, snapshot.commit)

    def make(temporary: Path) -> Made:
        _until_cancelled(work.fetch(snapshot, temporary), ctx)
        return Made(snapshot.licence)

    try:
        origin = publish(pinned, str(pinned), models, ctx, make)
    except InvalidInputError:
        if work.has_all:  # it would be refused again
            download.forget()
        raise
    download.forget()
    return origin


def _until_cancelled(work: Coroutine[Any, Any, T], ctx: Context) -> T:
    """The result of `work`; SIGTERM ends it between two pieces, whatever it waits for."""

    async def watched() -> T:
        task = asyncio.create_task(work)
        while not (await asyncio.wait({task}, timeout=POLL_S))[0]:
            if ctx.cancelled:
                task.cancel()
                await asyncio.wait({task})
                raise RunCancelledError
        return task.result()

    return asyncio.run(watched())


@dataclass
class _Meter:
    """Bytes that are here, told at most five times a second."""

    ctx: Context
    total: int
    done: int
    _began: float = field(default_factory=time.monotonic)
    _told: float = 0.0
    _first: int = field(init=False)

    def __post_init__(self) -> None:
        self._first = self.done
        self.tell()

    def count(self, size_bytes: int) -> None:
        self.done += size_bytes
        if self.done >= self.total or time.monotonic() - self._told > INTERVAL_S:
            self.tell()

    def tell(self) -> None:
        now = self._told = time.monotonic()
        left, new = max(self.total - self.done, 0), self.done - self._first
        eta_s = left * (now - self._began) / new if new > 0 and now - self._began > 1 else None
        done = max(min(self.done, self.total), 0)
        self.ctx.emit(Progress(stage="download", done=done, total=self.total, unit="bytes", eta_s=eta_s))


class _Fetching:
    """One import's questions to the hub."""

    def __init__(self, asked: Reference, download: Download, ctx: Context, patience: Patience) -> None:
        self._asked, self._download, self._ctx, self._patience = asked, download, ctx, patience
        self.has_all = False

    def _client(self) -> HubClient:
        """With the token that the job was given, and never one that lies about on the machine."""
        endpoint = os.environ.get(ENDPOINT_VARIABLE) or HUB_ENDPOINT
        return HubClient(endpoint, self._ctx.secrets.get(TOKEN_SECRET), self._ctx, self._patience)

    async def look_up(self) -> Snapshot:
        """The repository as it is asked for; where a download of it was interrupted, at that download's commit."""
        async with self._client() as client:
            now = await client.look_up(self._asked)
            begun = self._download.commit
            if begun is None or begun == now.commit:
                return now
            try:
                before = await client.look_up(Reference("hf", self._asked.name, begun))
            except HubRevisionMissingError:
                self._ctx.log(
                    f"取り込みを始めたコミット {begun} がなくなったため、{now.commit} を取り込みます / The commit {begun}, "
                    f"with which the import began, is gone; importing {now.commit}",
                    level="warning",
                )
                return now
            self._ctx.log(
                f"{self._asked} は {now.commit} に変わりましたが、取り込みを始めたコミット {begun} で続けます。新しいものは、"
                f"このあともう一度取り込んでください / {self._asked} has moved to {now.commit}; continuing with {begun}, with "
                "which the import began. To get the newer one, import it again afterwards",
                level="warning",
            )
            return before

    async def fetch(self, snapshot: Snapshot, directory: Path) -> None:
        """The small files first; the weights when those pass."""
        names = used_names(tuple(snapshot.files))
        small = [name for name in names if not name.endswith(".safetensors")]
        async with self._client() as client:
            for name in [*small, *(paper for paper in KEPT_PAPERS if paper in snapshot.files)]:
                await self._fetch_small(client, snapshot, snapshot.files[name], directory / name)
            config = read_json(directory / "config.json")
            refuse_by_config(directory, tuple(small), config)
            refuse_unsupported(ModelFiles(directory, tuple(small), (), (), config))
            weights = _weights(snapshot, directory)
            self._refuse_without_space(snapshot, weights)
            self._download.begin(snapshot.commit)
            await self._fetch_weights(client, snapshot, weights)
        for file in weights:
            _put(self._download.whole(_key(snapshot, file)), directory / file.name)
        self.has_all = True

    async def _fetch_small(self, client: HubClient, snapshot: Snapshot, file: HubFile, path: Path) -> None:
        if (file.size_bytes or 0) > MAX_JSON_BYTES:
            raise BaseModelFileMalformedError(
                file=file.name,
                reason=(f"{MAX_JSON_BYTES} バイトを超えている", f"more than {MAX_JSON_BYTES} bytes"),
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        await client.fetch(snapshot, file, path, lambda _size: None)
        if not _is_listed(path, file, self._ctx):
            raise HubFileBrokenError(
                repo=snapshot.repo, file=file.name, reason=("ハッシュが違う", "the hash differs")
            )

    async def _fetch_weights(self, client: HubClient, snapshot: Snapshot, files: list[HubFile]) -> None:
        total = sum(file.size_bytes or 0 for file in files)
        here = sum(self._download.size_bytes(_key(snapshot, file)) for file in files)
        meter, at_a_time = _Meter(self._ctx, total, here), asyncio.Semaphore(AT_A_TIME)
        if here:
            self._ctx.log(
                f"{here:,} バイトは受信済みです。続きから受け取ります / {here:,} bytes have already arrived; continuing from there"
            )

        async def bring(file: HubFile) -> None:
            async with at_a_time:
                await self._bring(client, snapshot, file, meter.count)

        try:
            async with asyncio.TaskGroup() as group:
                for file in files:
                    group.create_task(bring(file))
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _bring(
        self, client: HubClient, snapshot: Snapshot, file: HubFile, on_bytes: Callable[[int], None]
    ) -> None:
        """A file of the weights, whole and checked. One that is not as listed is fetched once more."""
        key = _key(snapshot, file)
        part, whole = self._download.part(key), self._download.whole(key)
        for _ in range(2):
            if whole.is_file():
                return
            await client.fetch(snapshot, file, part, on_bytes)
            if await asyncio.to_thread(_is_listed, part, file, self._ctx):
                part.replace(whole)
                return
            on_bytes(-part.stat().st_size)
            part.unlink()
        raise HubFileBrokenError(
            repo=snapshot.repo, file=file.name, reason=("ハッシュが違う", "the hash differs")
        )

    def _refuse_without_space(self, snapshot: Snapshot, files: list[HubFile]) -> None:
        here = sum(self._download.size_bytes(_key(snapshot, file)) for file in files)
        needed = sum(file.size_bytes or 0 for file in files) - here
        models = self._download.directory.parent.parent
        free = shutil.disk_usage(models).free
        if needed > free:
            raise ImportDiskError(
                repo=snapshot.repo, needed=f"{needed / 1e9:.2f} GB", free=f"{free / 1e9:.2f} GB", path=models
            )


def _weights(snapshot: Snapshot, directory: Path) -> list[HubFile]:
    """Only what transformers loads: repositories often hold the same weights twice.

    Raises:
        BaseModelFileMissingError: the index names a shard that the repository lacks.
        BaseModelFileMalformedError: the index names none.
    """
    if SINGLE_WEIGHTS in snapshot.files:
        return [snapshot.files[SINGLE_WEIGHTS]]
    shards = read_json(directory / WEIGHTS_INDEX).get("weight_map")
    named = sorted({str(name) for name in shards.values()}) if isinstance(shards, dict) else []
    if not named:
        raise BaseModelFileMalformedError(file=WEIGHTS_INDEX, reason=("weight_map がない", "no weight_map"))
    usable = set(used_names(tuple(snapshot.files)))
    for name in named:
        if name not in usable or not name.endswith(".safetensors"):
            raise BaseModelFileMissingError(where=f"hf:{snapshot.repo}@{snapshot.commit}", missing=name)
    return [snapshot.files[name] for name in named]


def _key(snapshot: Snapshot, file: HubFile) -> str:
    """What a file is called among the downloads: its hash, or its place where the hub lists none."""
    place = hashlib.sha256(f"{snapshot.commit}/{file.name}".encode()).hexdigest()
    return file.sha256 or file.git_sha1 or place


def _is_listed(path: Path, file: HubFile, ctx: Context) -> bool:
    """Whether the bytes are those whose hash the hub lists; what is listed without one is taken as it is."""
    if file.sha256 is None and file.git_sha1 is None:
        return True
    git_head = f"blob {path.stat().st_size}\0".encode()
    digest = hashlib.sha256() if file.sha256 else hashlib.sha1(git_head, usedforsecurity=False)
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            stop_if_cancelled(ctx)
            digest.update(chunk)
    return digest.hexdigest() == (file.sha256 or file.git_sha1)


def _put(source: Path, target: Path) -> None:
    """Let a file that has arrived be found under its own name too; a check that is interrupted costs no download."""
    try:
        os.link(source, target)
    except OSError:  # a file system without links
        shutil.move(source, target)
