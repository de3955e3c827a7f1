"""Base models: registered once, found by their reference, verified before every use. No alias ever swaps one."""

import asyncio
import os
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import Artifact
from llmlora.contracts.run import BaseModelInput
from llmlora.features.models import repository
from llmlora.features.models.errors import (
    AmbiguousBaseModelError,
    BaseModelChangedError,
    BaseModelFilesGoneError,
)
from llmlora.features.models.schemas import BaseModelOut
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.files import OnBytes, sha256_of_file
from llmlora.kit.reading import read_aside
from llmlora.recipes.blocks.base_model_errors import BaseModelNotPreparedError, UnknownBaseModelError
from llmlora.recipes.blocks.base_reference import Reference, parse
from llmlora.recipes.blocks.bundled_models import BUNDLED_MODELS, BundledModel
from llmlora.recipes.blocks.model_files import config_hash
from llmlora.recipes.blocks.tasks import GENERATE
from llmlora.tables.base_model import BaseModelRow

LIST_LIMIT = 1000
DIGESTS_KEPT = 4096


async def get_base_model(database: Database, reference: str) -> BaseModelRow:
    """A registered model by reference or id; nothing is imported.

    Raises:
        UnknownBaseModelError: it is not registered; the bundled one may not be prepared yet.
        AmbiguousBaseModelError: the reference means several.
    """
    row = await _find(database, reference)
    if row is None and reference.strip() in BUNDLED_MODELS:
        raise BaseModelNotPreparedError(reference=reference.strip())
    if row is None:
        known = {*BUNDLED_MODELS, *(one.reference for one in await list_base_models(database))}
        raise UnknownBaseModelError(reference=reference, known=", ".join(sorted(known)))
    return row


async def find_base_model(session: AsyncSession, reference: str) -> BaseModelRow | None:
    """The registered model of an id or a reference, if there is one.

    Raises:
        UnknownBaseModelError: the reference cannot be read.
        AmbiguousBaseModelError: it means several.
    """
    row = await repository.find_by_id(session, reference)
    row = row or await repository.find_by_reference(session, reference)
    if row is not None:
        return row
    found = await repository.find_requested_as(session, str(await parse_reference(session, reference)))
    if len(found) > 1:
        raise AmbiguousBaseModelError(
            reference=reference, known=", ".join(sorted(one.reference for one in found))
        )
    return next(iter(found), None)


async def list_base_models(database: Database) -> list[BaseModelRow]:
    """The registered models, newest first (at most 1000)."""
    async with database.unit_of_work() as session:
        rows = await repository.list_newest_first(session, LIST_LIMIT)
        session.expunge_all()
    return rows


async def verify_base_model(row: BaseModelRow, data_dir: Path) -> None:
    """Prove that the files are still those that were registered; a file of the same size and time is not read.

    Raises:
        BaseModelFilesGoneError: names the first file that is gone.
        BaseModelChangedError: names the first file that differs.
    """
    await refuse_missing_files(row, data_dir)
    changed = await read_aside(partial(_first_changed, data_dir / row.path, row.facts["files"]))
    if changed is not None:
        raise BaseModelChangedError(reference=row.reference, file=changed)


async def refuse_missing_files(row: BaseModelRow, data_dir: Path) -> None:
    """Check that the files are there, without reading any.

    Raises:
        BaseModelFilesGoneError: names the first file that is gone.
    """
    root = data_dir / row.path
    missing = await asyncio.to_thread(
        lambda: next((name for name in row.facts.get("files", {}) if not (root / name).is_file()), None)
    )
    if missing is not None:
        raise BaseModelFilesGoneError(reference=row.reference, file=root / missing)


def as_input(row: BaseModelRow, data_dir: Path) -> BaseModelInput:
    """The model as a recipe is given it. Reads small files of models that were registered before `config_hash`."""
    settings = row.facts.get("config_hash") or config_hash(data_dir / row.path)
    return BaseModelInput(
        id=row.id,
        reference=row.reference,
        path=data_dir / row.path,
        weights_digest=row.weights_digest,
        tokenizer_hash=row.tokenizer_hash,
        template_hash=row.template_hash,
        config_hash=settings,
        gguf=None if row.gguf_path is None else data_dir / row.gguf_path,
        licence=row.licence,
    )


def as_out(row: BaseModelRow, data_dir: Path) -> BaseModelOut:
    """The model as the wire shows it."""
    facts = row.facts
    shown = row.model_dump(exclude={"facts", "path", "gguf_path"})
    keys = ("model_type", "vocab_size", "dtype", "eos_token", "linear_layers", "gguf_sha256", "ignored_files")
    return BaseModelOut(
        **shown,
        **{key: facts[key] for key in keys},
        quantisation=facts.get("quantisation"),
        tasks=sorted(tasks_of(row)),
        state="registered",
        path=str(data_dir / row.path),
        gguf_path=None if row.gguf_path is None else str(data_dir / row.gguf_path),
    )


def tasks_of(row: BaseModelRow) -> frozenset[str]:
    """What a registered model can learn. Those from before this was kept generate."""
    return frozenset(row.facts.get("tasks") or [GENERATE])


def bundled_out(bundled: BundledModel) -> BaseModelOut:
    """A bundled model before it was ever used."""
    empty: dict[str, Any] = dict.fromkeys(BaseModelOut.model_fields)
    told = {
        "reference": bundled.reference,
        "state": "available",
        "source": "bundled",
        "ignored_files": [],
        "tags": [],
        "note": "",
    }
    return BaseModelOut(**empty | told | {"tasks": sorted(bundled.tasks), "licence": bundled.wheel.licence})


async def _find(database: Database, reference: str) -> BaseModelRow | None:
    async with database.unit_of_work() as session:
        row = await find_base_model(session, reference)
        session.expunge_all()
    return row


async def parse_reference(session: AsyncSession, reference: str) -> Reference:
    """What a reference says, in its full form.

    Raises:
        UnknownBaseModelError: it cannot be read; lists what is known and how to write one.
    """
    known = {*BUNDLED_MODELS, *await repository.known_references(session)}
    return parse(reference, known=", ".join(sorted(known)))


def row_of_import(artifact: Artifact, asked: str, data_dir: Path) -> BaseModelRow:
    """The row of a model that an import job has published. `asked`: the reference in the words of the request."""
    facts, directory = artifact.facts, Path(artifact.path)
    gguf = facts["gguf"]
    columns = ("id", "source", "revision", "architecture", "parameters", "context_length", "licence")
    digests = ("weights_digest", "tokenizer_hash", "template_hash", "size_bytes")
    return BaseModelRow.model_validate(
        {
            **{name: facts[name] for name in (*columns, *digests)},
            "reference": artifact.name,
            "path": _stored(directory, data_dir),
            "gguf_path": None if gguf is None else _stored(directory / str(gguf), data_dir),
            "facts": {**facts, "requested": [asked]},
            "created_at": utc_now(),
        }
    )


def _stored(path: Path, data_dir: Path) -> str:
    """Relative below the data directory, so that the directory can be moved; absolute elsewhere."""
    return (path.relative_to(data_dir) if path.is_relative_to(data_dir) else path).as_posix()


def _first_changed(root: Path, files: dict[str, Any], on_bytes: OnBytes) -> str | None:
    for name, facts in files.items():
        try:
            stat = (root / name).stat()
        except OSError:
            return name
        if stat.st_size != facts["size_bytes"]:
            return name
        touched = stat.st_mtime_ns != facts["mtime_ns"]
        # Same size, other time: a copy, a restore, or an edit. Only the bytes can tell.
        if touched and _digest_at(root / name, stat, on_bytes) != facts["sha256"]:
            return name
    return None


def _digest_at(path: Path, stat: os.stat_result, on_bytes: OnBytes) -> str:
    """The digest of a file, read once for each size and time that it has had."""
    key = (path, stat.st_size, stat.st_mtime_ns)
    if key not in _digests:
        digest = sha256_of_file(path, on_bytes)
        if len(_digests) >= DIGESTS_KEPT:
            _digests.clear()
        _digests[key] = digest
    return _digests[key]


_digests: dict[tuple[Path, int, int], str] = {}
