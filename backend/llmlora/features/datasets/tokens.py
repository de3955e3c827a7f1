"""What a base model would see of a dataset. Tokenized in a child with bounds on time and memory, kept on disk.

Cost: the first look at a dataset starts a process that loads the tokenizer; every later one reads a file. At most one
child shows rows and one measures lengths, also between processes of the same data root.
"""

import asyncio
import fcntl
import math
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from llmlora.contracts.events import Failure
from llmlora.contracts.run import BaseModelInput
from llmlora.data.kinds.registry import find_kind, kind_words, kinds_with_tokens
from llmlora.data.mask import row_length
from llmlora.data.token_previews import (
    BLOCK_ROWS,
    PreviewDone,
    PreviewOrder,
    TokenBlock,
    TokenLengths,
    TokenRow,
    block_file,
    kept_under,
    lengths_file,
)
from llmlora.engine.hosts.process import child_environment
from llmlora.features.datasets.errors import (
    TokensBusyError,
    TokensDiedError,
    TokensKindError,
    TokensRefusedError,
    TokensTooSlowError,
)
from llmlora.features.datasets.schemas import TokenLengthsOut, TokenPage
from llmlora.features.datasets.service import find_exactly, rows_path
from llmlora.features.models.service import as_input, get_base_model, verify_base_model
from llmlora.kit.db import Database
from llmlora.kit.errors import AppError
from llmlora.kit.processes import how_ended, reporting_child
from llmlora.tables.dataset import DatasetRow

BLOCKS_LIMIT_S = 120.0
LENGTHS_LIMIT_S = 600.0
WAIT_LIMIT_S = 60.0
_POLL_S = 0.05
_GRACE_S = 2.0
_MAX_REPORT_BYTES = 1 << 20
_Answer = Annotated[PreviewDone | Failure, Field(discriminator="type")]
_answers: TypeAdapter[PreviewDone | Failure] = TypeAdapter(_Answer)


async def page_tokens(
    database: Database,
    data_dir: Path,
    id_: str,
    *,
    base_model: str,
    max_length: int | None,
    offset: int,
    limit: int,
) -> TokenPage:
    """The training texts of rows `offset` to `offset + limit`, as pieces with and without loss.

    Raises:
        DatasetNotFoundError: there is no such dataset.
        UnknownBaseModelError: the base model is not registered.
        TokensKindError: no recipe trains on that kind.
        TokensRefusedError: the base model or its template refuses.
        TokensTooSlowError: it does not end in time.
    """
    row = await find_exactly(database, id_)
    order, reference = await _order(database, data_dir, row, base_model, max_length)
    end = min(offset + limit, row.rows_kept)
    first = offset // BLOCK_ROWS
    blocks = list(range(first, math.ceil(end / BLOCK_ROWS))) if offset < end else []
    files = [block_file(order.directory, block) for block in blocks]
    await _compute(order.model_copy(update={"blocks": blocks}), files, data_dir, limit_s=BLOCKS_LIMIT_S)
    texts = await asyncio.to_thread(_read_blocks, files)
    wanted = texts[offset - first * BLOCK_ROWS : end - first * BLOCK_ROWS]
    return TokenPage(
        base_model=reference,
        max_length=order.max_length,
        data=[text for one in wanted for text in one],
        next=end if blocks and end < row.rows_kept else None,
    )


async def measure_tokens(
    database: Database, data_dir: Path, id_: str, *, base_model: str, max_length: int | None
) -> TokenLengthsOut:
    """How long the rows are in tokens, and the ledger a training would begin with.

    Raises:
        AppError: as `page_tokens`; or nothing of the dataset would be trained.
    """
    row = await find_exactly(database, id_)
    order, reference = await _order(database, data_dir, row, base_model, max_length)
    file = lengths_file(order.directory)
    await _compute(order, [file], data_dir, limit_s=LENGTHS_LIMIT_S)
    lengths = TokenLengths.model_validate_json(await asyncio.to_thread(file.read_bytes))
    return TokenLengthsOut(
        base_model=reference, max_length=order.max_length, bins=lengths.bins, ledger=lengths.ledger
    )


async def _order(
    database: Database, data_dir: Path, row: DatasetRow, base_model: str, max_length: int | None
) -> tuple[PreviewOrder, str]:
    if find_kind(row.kind).previews is None:
        raise TokensKindError(kind=kind_words(row.kind), known=kind_words(*kinds_with_tokens()))
    rows = rows_path(row, data_dir)
    model = await get_base_model(database, base_model)
    await verify_base_model(model, data_dir)
    base = as_input(model, data_dir)
    length = row_length(max_length, model.context_length)
    root = data_dir / "cache" / "tokens"
    order = PreviewOrder(
        rows=rows,
        tokenizer=base.path,
        max_length=length,
        blocks=None,
        directory=preview_directory(row, base, length, data_dir),
        scratch=root,
    )
    return order, base.reference


def preview_directory(row: DatasetRow, base: BaseModelInput, max_length: int, data_dir: Path) -> Path:
    """Where answers about these rows as this model sees them are kept."""
    return kept_under(data_dir / "cache" / "tokens", row.rows_sha256, base.text_identity, max_length)


async def _compute(order: PreviewOrder, files: Sequence[Path], data_dir: Path, *, limit_s: float) -> None:
    """Make the files that are missing."""
    if all(file.exists() for file in files):
        return
    root = data_dir / "cache" / "tokens"
    root.mkdir(parents=True, exist_ok=True)
    task = "lengths" if order.blocks is None else "rows"
    async with turn(root, task, TokensBusyError):
        missing = [at for at, file in enumerate(files) if not file.exists()]
        if not missing:
            return
        with tempfile.TemporaryDirectory(prefix=f".{task}-", dir=root) as scratch:
            blocks = None if order.blocks is None else [order.blocks[at] for at in missing]
            asked = order.model_copy(update={"blocks": blocks, "scratch": Path(scratch)})
            await _run_child(asked, limit_s)


@asynccontextmanager
async def turn(root: Path, task: str, busy: type[AppError]) -> AsyncIterator[None]:
    """One child of a task at a time. Asks again and again: a thread that waits for the lock could starve all others.

    Raises:
        AppError: `busy`, when the others take too long.
    """
    with (root / f".lock-{task}").open("w") as lock:
        for _ in range(int(WAIT_LIMIT_S / _POLL_S)):
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            await asyncio.sleep(_POLL_S)
        else:
            raise busy
        await asyncio.to_thread(_sweep, root, task)
        yield


async def _run_child(order: PreviewOrder, limit_s: float) -> None:
    file = order.scratch / "order.json"
    file.write_text(order.model_dump_json())
    argv = [sys.executable, "-m", "llmlora.recipes.preview_tokens", str(file)]
    output = file.with_name("output.log")
    try:
        async with reporting_child(
            argv, env=child_environment(), output=output, longest_bytes=_MAX_REPORT_BYTES, grace_s=_GRACE_S
        ) as child:
            async with asyncio.timeout(limit_s):
                line = await child.lines.readline()
            _refuse_failure(line, await child.ended())
    except TimeoutError as error:
        raise TokensTooSlowError(limit_s=int(limit_s)) from error


def _refuse_failure(line: bytes, status: int) -> None:
    try:
        answer = _answers.validate_json(line)
    except ValidationError as error:  # killed before, or in the middle of, its answer
        raise TokensDiedError(how=how_ended(status)) from error
    if isinstance(answer, Failure):
        refused = TokensRefusedError(ja_text=answer.ja, en_text=answer.en)
        refused.code = answer.code  # type: ignore[misc]
        raise refused


def _read_blocks(files: Sequence[Path]) -> list[list[TokenRow]]:
    blocks = [TokenBlock.model_validate_json(file.read_bytes()) for file in files]
    return [texts for block in blocks for texts in block.texts]


def _sweep(root: Path, task: str) -> None:
    """Remove what a killed process left behind; called by the only one who may work on this task."""
    for left in root.glob(f".{task}-*"):
        shutil.rmtree(left, ignore_errors=True)
