"""The token ledger: what of a data set is really trained, counted before the first step.

Guarantee: rows read = rows kept + rows dropped; every dropped row has a reason.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np

from llmlora.data.kinds.text.drop_reasons import DROP_REASONS, DropReason
from llmlora.data.kinds.text.examples import TextExample
from llmlora.data.mask import Tokenized, cut, tokenize_example
from llmlora.data.render import RowDroppedError
from llmlora.data.token_ledger import DroppedRow, Ledger
from llmlora.data.token_table import TokenTable, TokenTableWriter
from llmlora.data.tokenizer import ChatTokenizer
from llmlora.kit.errors import InvalidInputError

DROPPED_ROWS_LISTED = 100
QUANTILES = (0.5, 0.9, 0.95, 0.99)
PROGRESS_EVERY_ROWS = 200


class NothingToLearnError(InvalidInputError):
    """Not one supervised token is left. `reasons`: how many rows were dropped for each, the most frequent first."""

    code = "nothing_to_learn"
    ja = "学習対象のトークンが 1 つもありません（読み込み {read} 行、除外 {dropped} 行{why}）。{cure}"
    en = "There is no token to train on ({read} rows read, {dropped} left out{why}). {cure}"

    def __init__(self, *, read: int, dropped: int, reasons: Mapping[DropReason, int]) -> None:
        self.reasons = reasons
        super().__init__(read=read, dropped=dropped)

    def detail(self, language: str) -> str:
        """With each reason in words, and what helps against the most frequent."""
        is_ja = language == "ja"
        told = [(DROP_REASONS[reason], rows) for reason, rows in self.reasons.items()]
        if is_ja:
            why = "、".join(f"{words.ja}（{rows} 行）" for words, rows in told)
        else:
            why = ", ".join(f"{words.en} ({rows} {'row' if rows == 1 else 'rows'})" for words, rows in told)
        first = told[0][0] if told else DROP_REASONS["no_supervised_token"]
        cure = first.cure_ja if is_ja else first.cure_en
        return (self.ja if is_ja else self.en).format(**self.facts, why=why and f": {why}", cure=cure)


class EndOfTurnUntrainedError(InvalidInputError):
    """The end of a turn is outside the mask: the tuned model would never stop."""

    code = "end_of_turn_untrained"
    ja = (
        "{rows} 行で応答の終わりを示すトークンが学習されません（最初は {first} 行目）。学習後のモデルが止まらなくなります。"
        "チャットテンプレートの各応答の後に終了トークン（例: {example}）を置いてください。"
    )
    en = (
        "In {rows} rows (first: row {first}) no end-of-turn token is trained, so the tuned model would never stop. "
        "Let the chat template end every answer with a reserved token such as {example}."
    )


class EveryEndCutError(InvalidInputError):
    """No row keeps the end of its answer: the tuned model would never stop."""

    code = "every_end_cut"
    ja = (
        "全 {rows} 行の応答が max_length {max_length} で途中で切れ、応答の終わりが 1 つも学習されません。"
        "学習後のモデルが止まらなくなります。max_length を大きくしてください（最も短い行は {shortest} トークン、最も長い行は {longest} トークン）。"
    )
    en = (
        "max_length {max_length} cuts the answers of all {rows} rows short, so no end of an answer is trained and the tuned "
        "model would never stop. Raise max_length (the shortest row has {shortest} tokens, the longest {longest})."
    )


class _Counts:
    """What is counted while rows pass by."""

    def __init__(self) -> None:
        self.read = self.kept = self.truncated = self.longest_before = 0
        self.reasons: Counter[DropReason] = Counter()
        self.dropped: list[DroppedRow] = []
        self.unended: list[int] = []
        self.taught = self.ended = self.end_cut = self.shortest_cut = 0
        self.not_rendered: Counter[str] = Counter()
        self.last_ends: Counter[int] = Counter()
        self.ends: Counter[int] = Counter()

    def drop(self, row: int, reason: DropReason) -> None:
        self.reasons[reason] += 1
        if len(self.dropped) < DROPPED_ROWS_LISTED:
            self.dropped.append(DroppedRow(row=row, reason=reason))

    def keep(self, rows: list[Tokenized], *, is_cut: bool, longest: int) -> None:
        """Count one example's rows, as they are trained."""
        self.kept += 1
        self.truncated += is_cut
        end_cut = any(row.end_cut for row in rows)
        self.end_cut += end_cut
        self.not_rendered.update(frozenset().union(*(row.not_rendered for row in rows)))
        ends = [end for row in rows for end in row.ends]
        self.ends.update(ends)
        self.last_ends.update(ends[-1:])
        if not rows[0].plain:
            self.taught += 1
            self.ended += bool(ends)
            if end_cut:
                self.shortest_cut = min(self.shortest_cut or longest, longest)


def build_ledger(
    examples: Iterable[TextExample],
    tokenizer: ChatTokenizer,
    *,
    max_length: int,
    loss_on: str,
    directory: Path,
    on_rows: Callable[[int], None] = lambda _rows: None,
    on_whole: Callable[[TextExample, int], None] = lambda _example, _index: None,
) -> tuple[TokenTable, Ledger]:
    """Tokenize all examples into a table below `directory` and count what happened.

    `on_rows` hears how many were read; `on_whole` of each example that is kept uncut, with the index of its last row in
    the table.

    Raises:
        NothingToLearnError: no supervised token is left.
        EndOfTurnUntrainedError: a trained turn has no end-of-turn token.
        EveryEndCutError: every row lost its end of turn by `max_length`.
    """
    counts = _Counts()
    writer = TokenTableWriter(directory)
    for example in examples:
        counts.read += 1
        if counts.read % PROGRESS_EVERY_ROWS == 0:
            on_rows(counts.read)
        try:
            rows = tokenize_example(example, tokenizer, loss_on=loss_on)
        except RowDroppedError as error:
            counts.drop(example.row, error.reason)
            continue
        if _keep(rows, counts, writer, max_length):
            on_whole(example, writer.rows - 1)
    table = writer.close()
    _refuse_useless(counts, table, tokenizer, max_length)
    return table, _ledger_of(counts, table, tokenizer, max_length)


def _keep(
    rows: tuple[Tokenized, ...],
    counts: _Counts,
    writer: TokenTableWriter,
    max_length: int,
) -> bool:
    """Whether the row is kept as a whole."""
    longest = max(len(row.ids) for row in rows)
    counts.longest_before = max(counts.longest_before, longest)
    kept = [cut(row, max_length) for row in rows]
    kept = [row for row in kept if row.mask[1:].any()]
    if not kept:
        counts.drop(
            rows[0].row, "answer_beyond_max_length" if longest > max_length else "no_supervised_token"
        )
        return False
    if not all(row.ends_turn for row in rows):
        counts.unended.append(rows[0].row)
    counts.keep(kept, is_cut=longest > max_length, longest=longest)
    for row in kept:
        writer.append(row)
    return longest <= max_length


def _refuse_useless(counts: _Counts, table: TokenTable, tokenizer: ChatTokenizer, max_length: int) -> None:
    if not len(table):
        dropped = sum(counts.reasons.values())
        raise NothingToLearnError(
            read=counts.read, dropped=dropped, reasons=dict(counts.reasons.most_common())
        )
    if counts.unended:
        raise EndOfTurnUntrainedError(
            rows=len(counts.unended), first=counts.unended[0], example=tokenizer.eos_text
        )
    if counts.taught and not counts.ended:
        raise EveryEndCutError(
            rows=counts.taught,
            max_length=max_length,
            shortest=counts.shortest_cut,
            longest=counts.longest_before,
        )


def _ledger_of(counts: _Counts, table: TokenTable, tokenizer: ChatTokenizer, max_length: int) -> Ledger:
    quantiles = np.quantile(table.lengths, QUANTILES)
    ends: Counter[str] = Counter()
    for token, turns in counts.ends.most_common():
        ends[tokenizer.decode([token])] += turns
    usual = counts.last_ends.most_common(1)
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
        end_of_turn=tokenizer.decode([usual[0][0]]) if usual else None,
        ends_of_turn=dict(ends),
        rows_end_cut=counts.end_cut,
        rows_not_rendered=dict(counts.not_rendered),
    )
