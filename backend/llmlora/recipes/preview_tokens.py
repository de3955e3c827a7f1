"""`python -m llmlora.recipes.preview_tokens ORDER.json`: the child that tokenizes for a preview.

The chat template is foreign code: it renders in here, sandboxed, with a bound on memory; the parent bounds the time.
Reports one JSON line on descriptor 3: `done`, or the `failure`.
"""

import os
import resource
import sys
import traceback
from contextlib import suppress
from pathlib import Path

import psutil
from pydantic import BaseModel

from llmlora.data.kinds.protocol import TokenPreviews
from llmlora.data.kinds.registry import find_kind
from llmlora.data.rows import kind_of_rows, read_examples, read_page
from llmlora.data.token_previews import (
    BLOCK_ROWS,
    PreviewDone,
    PreviewOrder,
    TokenBlock,
    block_file,
    lengths_file,
)
from llmlora.data.tokenizer import ChatTokenizer
from llmlora.kit.files import write_atomically
from llmlora.kit.processes import EVENTS_FD, die_with_parent
from llmlora.recipes.failures import classify

MEMORY_BYTES = 4 << 30  # of address space, beyond what the libraries took


def preview(order: PreviewOrder, tokenizer: ChatTokenizer) -> None:
    """Write the answers, each file whole or absent.

    Raises:
        AppError: nothing of the dataset can be trained.
        OSError: the disk is full.
    """
    if order.blocks is None:
        _write_lengths(order, tokenizer)
        return
    previews = _previews_of(order)
    for block in order.blocks:
        examples = read_page(order.rows, offset=block * BLOCK_ROWS, limit=BLOCK_ROWS)
        texts = previews.rows(examples, tokenizer, max_length=order.max_length)
        write_atomically(
            block_file(order.directory, block), TokenBlock(texts=texts).model_dump_json().encode()
        )


def limit_memory() -> None:
    """Bound what rendering and tokenizing may take; called when the libraries are loaded."""
    limit = psutil.Process().memory_info().vms + MEMORY_BYTES
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    ceiling = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    with suppress(ValueError, OSError):  # macOS knows no bound on address space
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, hard))


def _write_lengths(order: PreviewOrder, tokenizer: ChatTokenizer) -> None:
    lengths = _previews_of(order).lengths(
        read_examples(order.rows),
        tokenizer,
        max_length=order.max_length,
        directory=order.scratch / "tokens",
    )
    write_atomically(lengths_file(order.directory), lengths.model_dump_json().encode())


def _previews_of(order: PreviewOrder) -> TokenPreviews:
    previews = find_kind(kind_of_rows(order.rows)).previews
    assert previews is not None, "the platform orders no preview of a kind that has none"
    return previews


def _report(message: BaseModel) -> None:
    os.write(EVENTS_FD, message.model_dump_json().encode() + b"\n")


def main() -> int:
    """Serve one order; exit status 0, or 1 after a failure was reported."""
    die_with_parent()
    order = PreviewOrder.model_validate_json(Path(sys.argv[1]).read_bytes())
    try:
        from llmlora.recipes.blocks.tokenizer import load_tokenizer

        tokenizer = load_tokenizer(order.tokenizer)
        limit_memory()
        preview(order, tokenizer)
    except Exception as error:
        traceback.print_exc()
        _report(classify(error))
        return 1
    _report(PreviewDone())
    return 0


if __name__ == "__main__":
    sys.exit(main())
