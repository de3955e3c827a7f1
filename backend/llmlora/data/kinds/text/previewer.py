"""Shows what training would see of a dataset: pieces of rows with and without loss, and how long the rows are.

Guarantee: the pieces of a text, joined, are the decoded text; nothing is trained here that the ledger would not count.
"""

from collections.abc import Iterable
from pathlib import Path

from llmlora.data.kinds.text.drop_reasons import DropReason
from llmlora.data.kinds.text.examples import TextExample
from llmlora.data.kinds.text.ledger import build_ledger
from llmlora.data.mask import Tokenized, cut, tokenize_example
from llmlora.data.render import RowDroppedError
from llmlora.data.token_previews import TokenLengths, TokenPiece, TokenRow, bins_of
from llmlora.data.tokenizer import ChatTokenizer

MOST_CUT_TOKENS = 1000  # of what a cut takes, so many are shown: a row may hold megabytes


def rows_as_pieces(
    examples: Iterable[TextExample], tokenizer: ChatTokenizer, *, max_length: int
) -> list[list[TokenRow]]:
    """The training texts of each example, cut at `max_length` tokens as training would."""
    return [_texts_of(example, tokenizer, max_length) for example in examples]


def measure_lengths(
    examples: Iterable[TextExample],
    tokenizer: ChatTokenizer,
    *,
    max_length: int,
    directory: Path,
) -> TokenLengths:
    """Tokenize everything (into `directory`) and count.

    Raises:
        NothingToLearnError: no supervised token is left.
        EndOfTurnUntrainedError: a trained turn has no end-of-turn token.
        EveryEndCutError: every row lost its end of turn by `max_length`.
    """
    table, ledger = build_ledger(
        examples, tokenizer, max_length=max_length, loss_on="auto", directory=directory
    )
    return TokenLengths(bins=bins_of(table.lengths.tolist()), ledger=ledger)


def _texts_of(example: TextExample, tokenizer: ChatTokenizer, max_length: int) -> list[TokenRow]:
    try:
        rows = tokenize_example(example, tokenizer, loss_on="auto")
    except RowDroppedError as error:
        return [
            TokenRow(
                row=example.row,
                tokens=0,
                tokens_before_truncation=0,
                supervised_tokens=0,
                truncated=False,
                ends_turn=False,
                not_rendered=[],
                dropped=error.reason,
                pieces=[],
                cut_pieces=[],
            )
        ]
    return [_text_of(row, tokenizer, max_length) for row in rows]


def _text_of(row: Tokenized, tokenizer: ChatTokenizer, max_length: int) -> TokenRow:
    before, kept = len(row.ids), cut(row, max_length)
    ids = kept.ids.tolist()
    # The first token of a row is predicted from nothing: it carries no loss.
    mask = [one and i > 0 for i, one in enumerate(kept.mask.tolist())]
    dropped: DropReason = "answer_beyond_max_length" if before > max_length else "no_supervised_token"
    return TokenRow(
        row=row.row,
        tokens=len(ids),
        tokens_before_truncation=before,
        supervised_tokens=sum(mask),
        truncated=before > max_length,
        ends_turn=kept.ends_turn,
        not_rendered=sorted(row.not_rendered),
        dropped=None if any(mask) else dropped,
        pieces=_pieces_of(ids, mask, tokenizer),
        cut_pieces=_cut_pieces(row, max_length, tokenizer),
    )


def _cut_pieces(row: Tokenized, max_length: int, tokenizer: ChatTokenizer) -> list[TokenPiece]:
    if len(row.ids) <= max_length:
        return []
    end = max_length + MOST_CUT_TOKENS
    return _pieces_of(row.ids[:end].tolist(), row.mask[:end].tolist(), tokenizer, begin=max_length)


def _pieces_of(
    ids: list[int], mask: list[bool], tokenizer: ChatTokenizer, begin: int = 0
) -> list[TokenPiece]:
    """Runs of equal mask from the token `begin` on, as text. A character whose bytes cross a cut belongs to the piece after it.

    Runs are cut out of the whole text, not decoded alone: some tokenizers drop a blank at the beginning.
    """
    whole = tokenizer.decode(ids)
    ends = [i for i in range(begin + 1, len(ids)) if mask[i] != mask[i - 1]]
    start = _shared_length(whole, tokenizer.decode(ids[:begin])) if begin else 0
    pieces, first = [], begin
    for end in [*ends, len(ids)]:
        stop = len(whole) if end == len(ids) else _shared_length(whole, tokenizer.decode(ids[:end]))
        stop = max(stop, start)
        if stop > start:
            pieces.append(TokenPiece(text=whole[start:stop], trained=mask[first]))
        start, first = stop, end
    return pieces


def _shared_length(whole: str, beginning: str) -> int:
    pairs = enumerate(zip(whole, beginning, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(whole), len(beginning)))
