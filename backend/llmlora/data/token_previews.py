"""What a text model would see of a data set, as it is asked for, kept and shown: pieces of rows with and without loss, lengths."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from llmlora.data.importer_protocol import WirePath
from llmlora.data.token_ledger import Ledger

RENDERING = (
    "r4"  # changes when rows are rendered or counted another way: what was kept before is not read again
)
BINS = 24
USUAL, FAR_TIMES = 0.99, 2
BLOCK_ROWS = 50
_STEPS = (1, 2, 4, 8, 16, 32)  # beyond: multiples of 32


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TokenPiece(_Shape):
    """Adjacent tokens that all carry loss, or all carry none."""

    text: str
    trained: bool


class TokenRow(_Shape):
    """One training text. A template that rewrites history makes several of one `row`.

    `tokens`: ids that are kept; `tokens_before_truncation`: of the whole text. `dropped`: why it is not trained on.
    `ends_turn`: every trained answer is trained with its end; False where the cut takes it. `not_rendered`: which of `reasoning`,
    `tool_calls` and `tools` the row holds and the template leaves out. `cut_pieces`: the beginning of what the cut takes, told
    apart as it would have been trained.
    """

    row: int
    tokens: int
    tokens_before_truncation: int
    supervised_tokens: int
    truncated: bool
    ends_turn: bool
    not_rendered: list[str]
    dropped: str | None
    pieces: list[TokenPiece]
    cut_pieces: list[TokenPiece]


class TokenBlock(_Shape):
    """Training texts of the rows of one block; `texts[i]` belongs to its i-th row."""

    texts: list[list[TokenRow]]


class LengthBin(_Shape):
    """Training rows of `first_tokens` to `last_tokens` tokens, both included."""

    first_tokens: int
    last_tokens: int
    rows: int


class TokenLengths(_Shape):
    """How long the training rows are, after truncation, and what the ledger says."""

    bins: list[LengthBin]
    ledger: Ledger


class PreviewOrder(_Shape):
    """What the child is asked: the blocks of rows, or (None) the lengths of all rows.

    Answers go to `directory`; what lies in `scratch` afterwards is the parent's to remove.
    """

    rows: WirePath
    tokenizer: WirePath
    max_length: int
    blocks: list[int] | None
    directory: WirePath
    scratch: WirePath


class PreviewDone(_Shape):
    """The answers lie in the order's directory."""

    type: Literal["done"] = "done"


def kept_under(root: Path, rows_sha256: str, text_identity: str, max_length: int) -> Path:
    """Where the answers about the same rows, tokenizer and length are kept below `root`."""
    return root / "-".join((rows_sha256, text_identity, RENDERING, str(max_length)))


def block_file(directory: Path, block: int) -> Path:
    """Where the texts of rows `block * BLOCK_ROWS` and following are kept."""
    return directory / f"rows-{block}.json"


def lengths_file(directory: Path) -> Path:
    """Where the lengths are kept."""
    return directory / "lengths.json"


def bins_of(lengths: Sequence[int]) -> list[LengthBin]:
    """Bins of one width, at most 24, from 1 token to the longest row. Where that is far longer than 99 % of the rows, they
    reach to those, and each one behind is twice as wide as the one before: one long row does not flatten all others."""
    sizes = np.asarray(lengths)
    longest, usual = int(sizes.max()), int(np.quantile(sizes, USUAL, method="lower"))
    end = longest if longest <= FAR_TIMES * usual else usual
    width = -(-end // BINS)
    width = next((step for step in _STEPS if step >= width), -(-width // 32) * 32)
    edges = list(range(0, end + width, width))
    span = width
    while edges[-1] < longest:
        span *= 2
        edges.append(edges[-1] + span)
    counts = np.bincount(np.searchsorted(edges, sizes) - 1, minlength=len(edges) - 1)
    return [
        LengthBin(first_tokens=first + 1, last_tokens=last, rows=int(count))
        for first, last, count in zip(edges, edges[1:], counts, strict=False)
    ]
