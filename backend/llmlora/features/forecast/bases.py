"""The base model that a request means, found once: as jobs name it, and as far as it is known."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.architecture import Architecture
from llmlora.features.forecast.architecture import architecture_of
from llmlora.features.forecast.storage import tokenizer_bytes_of
from llmlora.features.models.service import (
    find_base_model,
    parse_reference,
    refuse_missing_files,
    tasks_of,
)
from llmlora.recipes import importing
from llmlora.recipes.blocks.base_model_errors import BaseModelTaskError, UnknownBaseModelError
from llmlora.recipes.blocks.bundled_models import BUNDLED_MODELS, default_for
from llmlora.recipes.blocks.tasks import task_words
from llmlora.tables.base_model import BaseModelRow


@dataclass(frozen=True)
class Base:
    """A base model. `named`: its id, or its reference while it is not imported (`row` None); `has_gguf`: llama.cpp can
    serve it. What is None nobody knows; of a model that is not imported, a recipe may know some."""

    named: str
    reference: str
    row: BaseModelRow | None
    has_gguf: bool
    architecture: Architecture | None
    tokenizer_bytes: int
    size_bytes: int | None = None

    @property
    def context_limit(self) -> int | None:
        """The model's own context, once it is imported."""
        return None if self.row is None else self.row.context_length

    @property
    def proved(self) -> Architecture | None:
        """The numbers of the files that are here."""
        return None if self.row is None else self.architecture


async def find_base(
    session: AsyncSession,
    data_dir: Path,
    named: str | None,
    *,
    tasks: Collection[str] | None = None,
    lock: bool = False,
) -> Base:
    """The model of an id or a reference (None: the bundled one for these tasks). `tasks`: of which it has to be able to learn
    one; None: any will do. `lock`: nobody deletes it before the transaction ends.

    Raises:
        UnknownBaseModelError: the reference cannot be read.
        AmbiguousBaseModelError: it means several.
        BaseModelFilesGoneError: names the first file that is gone.
        BaseModelTaskError: it can learn none of the tasks; nobody knows what a model can that was never here.
    """
    asked = named or default_for(tasks or ()).reference
    if "\0" in asked:  # PostgreSQL holds no such text
        raise UnknownBaseModelError(reference=asked.replace("\0", "?"), known=", ".join(BUNDLED_MODELS))
    row = await find_base_model(session, asked)
    if row is not None and lock:
        row = await session.get(BaseModelRow, row.id, with_for_update={"read": True}, populate_existing=True)
    if row is None:
        reference = str(await parse_reference(session, asked))
        if bundled := BUNDLED_MODELS.get(reference):
            _refuse_task(reference, bundled.tasks, tasks)
        return _not_imported(reference)
    _refuse_task(row.reference, tasks_of(row), tasks)
    await refuse_missing_files(row, data_dir)
    known, tokenizer = await asyncio.to_thread(_read, row, data_dir)
    return Base(row.id, row.reference, row, row.gguf_path is not None, known, tokenizer)


def _refuse_task(reference: str, has: Collection[str], needed: Collection[str] | None) -> None:
    if needed is not None and not set(has) & set(needed):
        raise BaseModelTaskError(
            reference=reference,
            has=task_words(has),
            needed=task_words(needed),
            example=default_for(needed).reference,
        )


def _not_imported(reference: str) -> Base:
    _, how = importing()
    known, has_gguf = how.known(reference), how.has_gguf(reference)
    if known is None:
        return Base(reference, reference, None, has_gguf, None, 0)
    return Base(
        reference, reference, None, has_gguf, known.architecture, known.tokenizer_bytes, known.size_bytes
    )


def _read(row: BaseModelRow, data_dir: Path) -> tuple[Architecture | None, int]:
    return architecture_of(row, data_dir), tokenizer_bytes_of(data_dir / row.path)
