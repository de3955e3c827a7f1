"""How long the rows of a dataset are in tokens: counted where a token preview did, else estimated from characters.

Estimate, measured with SmolLM2's tokenizer (vocabulary 49,152): 1.8 tokens for a character beyond ASCII (Japanese 1.85, byte
fallback); vocabularies of 100,000 and more hold most kanji, 0.9. The rest of it is the family's (`data/kinds/text/looks.py`).
"""

from pathlib import Path

from llmlora.contracts.forecast import Lengths
from llmlora.data.kinds.registry import find_kind
from llmlora.data.rows import read_page
from llmlora.data.token_previews import TokenLengths, lengths_file
from llmlora.features.datasets.tokens import preview_directory
from llmlora.features.models.service import as_input
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.dataset import DatasetRow

SAMPLE_ROWS = 1000
TOKENS_PER_OTHER, TOKENS_PER_OTHER_LARGE = 1.8, 0.9
LARGE_VOCABULARY = 100_000


def unknown_lengths(max_length: int, rows: int | None = None) -> Lengths:
    """Nothing is known of the rows, or no text model reads them: each as long as it may be, all of it supervised."""
    total = max_length * (rows or 1)
    return Lengths("max_length", rows, total, total, max_length, [(max_length, rows or 1 << 30)])


def counted_lengths(
    dataset: DatasetRow, model: BaseModelRow | None, data_dir: Path, max_length: int
) -> Lengths | None:
    """What a token preview of the same rows, model and length has counted; None where there was none."""
    if model is None:
        return None
    directory = preview_directory(dataset, as_input(model, data_dir), max_length, data_dir)
    try:
        kept = lengths_file(directory).read_bytes()
        found = TokenLengths.model_validate_json(kept)
    except (OSError, ValueError):
        return None
    ledger = found.ledger
    sizes = [(min(b.last_tokens, ledger.longest), b.rows) for b in reversed(found.bins) if b.rows]
    return Lengths(
        "tokenized", ledger.training_rows, ledger.tokens, ledger.supervised_tokens, ledger.longest, sizes
    )


def estimated_lengths(dataset: DatasetRow, rows_file: Path, vocabulary: int, max_length: int) -> Lengths:
    """From the characters of the first 1000 rows, where a text model reads any. Blocking.

    Raises:
        OSError: the rows cannot be read.
    """
    tokens = find_kind(dataset.kind).tokens
    if tokens is None:
        return unknown_lengths(max_length, dataset.rows_kept)
    per_other = TOKENS_PER_OTHER_LARGE if vocabulary >= LARGE_VOCABULARY else TOKENS_PER_OTHER
    sample = [tokens.estimated(one, per_other) for one in read_page(rows_file, offset=0, limit=SAMPLE_ROWS)]
    whole = [min(count, max_length) for count, _ in sample]
    supervised = sum(min(part, max_length) for _, part in sample)
    scale = dataset.rows_kept / max(len(sample), 1)
    sizes = [(tokens, max(1, round(scale))) for tokens in sorted(whole, reverse=True)]
    return Lengths(
        basis="estimated",
        rows=dataset.rows_kept,
        tokens=round(sum(whole) * scale),
        supervised=round(supervised * scale),
        longest=max(whole, default=0),
        sizes=sizes,
        sampled_rows=len(sample),
    )
