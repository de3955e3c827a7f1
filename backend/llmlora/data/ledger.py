"""The token ledger: what of a data set is really trained, counted before the first step.

Guarantee: rows read = rows kept + rows dropped; every dropped row has a reason.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from llmlora.contracts.dataset import DatasetKind, Example
from llmlora.data.mask import Tokenized, tokenize_example
from llmlora.data.render import RowDroppedError
from llmlora.data.token_table import TokenTable, TokenTableWriter
from llmlora.data.tokenizer import ChatTokenizer
from llmlora.kit.errors import InvalidInputError

DROPPED_ROWS_LISTED = 100
QUANTILES = (0.5, 0.9, 0.95, 0.99)
PROGRESS_EVERY_ROWS = 200


class NothingToLearnError(InvalidInputError):
    """Not one supervised token is left."""

    code = "nothing_to_learn"
    ja = (
        "学習対象のトークンが 1 つもありません（読込 {read} 行、除外 {dropped} 行: {reasons}）。"
        "max_length を大きくするか、データの応答欄を確認してください。"
    )
    en = (
        "Not one token would be trained ({read} rows read, {dropped} dropped: {reasons}). "
        "Raise max_length or check the answers in the data."
    )


class EndOfTurnUntrainedError(InvalidInputError):
    """The end of a turn is outside the mask: the tuned model would never stop."""

    code = "end_of_turn_untrained"
    ja = (
        "{rows} 行で応答の終わりを示すトークンが学習されません（最初は {first} 行目）。学習後のモデルが止まらなくなります。"
        "チャットテンプレートの各応答の後に終了トークン（例 {example}）を置いてください。"
    )
    en = (
        "In {rows} rows (first: row {first}) no end-of-turn token is trained, so the tuned model would never stop. "
        "Let the chat template end every answer with a reserved token such as {example}."
    )


class DroppedRow(BaseModel):
    """A row that is not trained on, and why."""

    model_config = ConfigDict(frozen=True)

    row: int
    reason: str


class Ledger(BaseModel):
    """Counts of one tokenization. Lengths in tokens, after truncation."""

    model_config = ConfigDict(frozen=True)

    rows_read: int
    rows_kept: int
    rows_truncated: int
    rows_dropped: int
    dropped_by_reason: dict[str, int]
    first_dropped: list[DroppedRow]
    training_rows: int
    """Rows of the token table; more than `rows_kept` where a template rewrites history."""
    tokens: int
    supervised_tokens: int
    longest: int
    longest_before_truncation: int
    length_quantiles: dict[str, float]
    max_length: int
    end_of_turn: str | None
    """Text of the last trained token of the first row."""


class _Counts:
    """What is counted while rows pass by."""

    def __init__(self) -> None:
        self.read = self.kept = self.truncated = self.longest_before = 0
        self.reasons: Counter[str] = Counter()
        self.dropped: list[DroppedRow] = []
        self.unended: list[int] = []
        self.end_of_turn: str | None = None

    def drop(self, row: int, reason: str) -> None:
        self.reasons[reason] += 1
        if len(self.dropped) < DROPPED_ROWS_LISTED:
            self.dropped.append(DroppedRow(row=row, reason=reason))


def build_ledger(
    examples: Iterable[Example],
    kind: DatasetKind,
    tokenizer: ChatTokenizer,
    *,
    max_length: int,
    loss_on: str,
    directory: Path,
    on_rows: Callable[[int], None] = lambda _rows: None,
) -> tuple[TokenTable, Ledger]:
    """Tokenize all examples into a table below `directory` and count what happened.

    Raises:
        NothingToLearnError: no supervised token is left.
        EndOfTurnUntrainedError: a trained turn has no end-of-turn token.
    """
    counts = _Counts()
    writer = TokenTableWriter(directory)
    for example in examples:
        counts.read += 1
        if counts.read % PROGRESS_EVERY_ROWS == 0:
            on_rows(counts.read)
        try:
            rows = tokenize_example(example, kind, tokenizer, loss_on=loss_on)
        except RowDroppedError as error:
            counts.drop(example.row, error.reason)
            continue
        _keep(rows, counts, writer, tokenizer, max_length)
    table = writer.close()
    _refuse_useless(counts, table, tokenizer)
    return table, _ledger_of(counts, table, max_length)


def _keep(
    rows: tuple[Tokenized, ...],
    counts: _Counts,
    writer: TokenTableWriter,
    tokenizer: ChatTokenizer,
    max_length: int,
) -> None:
    longest = max(len(row.ids) for row in rows)
    counts.longest_before = max(counts.longest_before, longest)
    kept = [_cut(row, max_length) for row in rows]
    kept = [row for row in kept if row.mask[1:].any()]
    if not kept:
        counts.drop(
            rows[0].row, "answer_beyond_max_length" if longest > max_length else "no_supervised_token"
        )
        return
    if not all(row.ends_turn for row in rows):
        counts.unended.append(rows[0].row)
    if counts.end_of_turn is None and longest <= max_length:
        counts.end_of_turn = tokenizer.decode([int(kept[0].ids[kept[0].mask][-1])])
    counts.kept += 1
    counts.truncated += longest > max_length
    for row in kept:
        writer.append(row)


def _cut(row: Tokenized, max_length: int) -> Tokenized:
    if len(row.ids) <= max_length:
        return row
    return Tokenized(
        row=row.row, ids=row.ids[:max_length], mask=row.mask[:max_length], ends_turn=row.ends_turn
    )


def _refuse_useless(counts: _Counts, table: TokenTable, tokenizer: ChatTokenizer) -> None:
    if not len(table):
        reasons = ", ".join(f"{reason} {n}" for reason, n in counts.reasons.most_common()) or "-"
        raise NothingToLearnError(read=counts.read, dropped=sum(counts.reasons.values()), reasons=reasons)
    if counts.unended:
        raise EndOfTurnUntrainedError(
            rows=len(counts.unended), first=counts.unended[0], example=tokenizer.eos_text
        )


def _ledger_of(counts: _Counts, table: TokenTable, max_length: int) -> Ledger:
    quantiles = np.quantile(table.lengths, QUANTILES)
    return Ledger(
        rows_read=counts.read,
        rows_kept=counts.kept,
        rows_truncated=counts.truncated,
        rows_dropped=sum(counts.reasons.values()),
        dropped_by_reason=dict(counts.reasons),
        first_dropped=counts.dropped,
        training_rows=len(table),
        tokens=int(table.lengths.sum()),
        supervised_tokens=int(table.supervised.sum()),
        longest=int(table.lengths.max()),
        longest_before_truncation=counts.longest_before,
        length_quantiles={f"p{q * 100:.0f}": float(v) for q, v in zip(QUANTILES, quantiles, strict=True)},
        max_length=max_length,
        end_of_turn=counts.end_of_turn,
    )
