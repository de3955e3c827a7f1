"""The rows of a run: read, tokenized, split so that every class has its share of each part."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from llmlora.contracts.events import Progress, Report
from llmlora.contracts.run import Context, DatasetInput
from llmlora.data.class_names import class_names
from llmlora.data.kinds.registry import kind_words
from llmlora.data.kinds.text_classify.examples import LabelledExample
from llmlora.data.kinds.text_classify.names import CLASSIFY
from llmlora.data.kinds.text_classify.stored import read_labelled
from llmlora.data.kinds.text_classify.summary import LabelSummary
from llmlora.data.token_ledger import Ledger
from llmlora.kit.errors import InvalidInputError
from llmlora.recipes.blocks.batches import split_alike
from llmlora.recipes.blocks.cancelling import until_cancelled
from llmlora.recipes.text_classification.spec import TextClassificationConfig

MOST_CLASSES = 1000
PROGRESS_EVERY_ROWS = 200
QUANTILES = (0.5, 0.9, 0.95, 0.99)
CONTRADICTIONS_TOLD = 5


class WrongDataKindError(InvalidInputError):
    """The recipe learns from texts with labels alone."""

    code = "wrong_dataset_kind"
    ja = "このレシピでは、{kind}のデータを使えません。使える種類: {known}"
    en = "This recipe cannot use data of the kind {kind}. It can use: {known}"


class TooFewClassesError(InvalidInputError):
    """There is nothing to tell apart."""

    code = "too_few_classes"
    ja = "クラスが {count} 種類しかありません（{names}）。分類するには 2 種類以上が必要です。ラベルの列を確かめてください。"
    en = "There is only {count} class ({names}); to tell apart, two are needed. Check the column of the labels."


class TooManyClassesError(InvalidInputError):
    """The labels are no classes."""

    code = "too_many_classes"
    ja = "クラスが {count} 種類あります（上限は {limit} 種類）。ラベルの列が、行ごとに違う値になっていないか確かめてください。"
    en = "There are {count} classes; at most {limit} can be learned. Check that the column of the labels does not differ in every row."


@dataclass(frozen=True)
class Rows:
    """All rows. `ids`: of each, cut; `marks`: (N, C) bool; the three parts are indices."""

    examples: tuple[LabelledExample, ...]
    labels: tuple[str, ...]
    several: bool
    ids: tuple[list[int], ...]
    marks: npt.NDArray[np.bool_]
    train: tuple[int, ...]
    held_out: tuple[int, ...]
    test: tuple[int, ...]
    ledger: Ledger

    def class_weights(self) -> npt.NDArray[np.float64]:
        """(C,): n / (C · n of the class), as balanced as if all classes had as many of the training rows; mean 1 over rows."""
        counts = self.marks[list(self.train)].sum(axis=0)
        weights: npt.NDArray[np.float64] = len(self.train) / (len(self.labels) * np.maximum(counts, 1))
        return weights


def read_rows(
    config: TextClassificationConfig, dataset: DatasetInput, tokenizer: Any, max_length: int, ctx: Context
) -> Rows:
    """Read, count, tokenize and split.

    Raises:
        WrongDataKindError, TooFewClassesError, TooManyClassesError: nothing can be taught by them.
        SplitTooSmallError: a part would be empty.
        RunCancelledError: SIGTERM was seen.
    """
    if dataset.kind != CLASSIFY:
        raise WrongDataKindError(kind=kind_words(dataset.kind), known=kind_words(CLASSIFY))
    examples = tuple(until_cancelled(read_labelled(dataset.path), ctx))
    labels = class_names(label for one in examples for label in one.labels)
    if len(labels) < 2:
        raise TooFewClassesError(count=len(labels), names=", ".join(labels) or "-")
    if len(labels) > MOST_CLASSES:
        raise TooManyClassesError(count=len(labels), limit=MOST_CLASSES)
    _tell_of_classes(examples, ctx)
    ids, lengths = _tokenized(examples, tokenizer, max_length, ctx)
    ledger = _ledger(ids, lengths, max_length)
    ctx.emit(Report(name="ledger", body=ledger.model_dump(mode="json")))
    places = {label: at for at, label in enumerate(labels)}
    marks = np.zeros((len(examples), len(labels)), dtype=np.bool_)
    for at, one in enumerate(examples):
        marks[at, [places[label] for label in one.labels]] = True
    train, held_out, test = _parts(config, [tuple(sorted(one.labels)) for one in examples])
    several = any(len(one.labels) != 1 for one in examples)
    return Rows(examples, labels, several, tuple(ids), marks, train, held_out, test, ledger)


def _parts(
    config: TextClassificationConfig, groups: Sequence[tuple[str, ...]]
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Indices to learn from, to stop by, and to judge by in the end."""
    rest, test = split_alike(groups, config.test_split, config.seed, "test_split")
    left = 1 - config.test_split
    kept, held = split_alike(
        [groups[row] for row in rest], config.eval_split / left, config.seed, "eval_split"
    )
    return tuple(rest[at] for at in kept), tuple(rest[at] for at in held), tuple(test)


def _tell_of_classes(examples: Sequence[LabelledExample], ctx: Context) -> None:
    summary = LabelSummary()
    for one in examples:
        summary.note(one)
    facts = summary.facts()
    ctx.emit(Report(name="classes", body=facts))
    pairs = facts["contradictions"]
    assert isinstance(pairs, list)
    if pairs:
        shown = ", ".join(
            f"{one[0]}–{one[1]}" for one in pairs[:CONTRADICTIONS_TOLD] if isinstance(one, list)
        )
        ctx.log(
            f"同じ文章に違うラベルが付いた行が {facts['contradiction_count']} 組あります（{shown}） / "
            f"{facts['contradiction_count']} pairs of rows have the same text and other labels ({shown})",
            level="warning",
        )
    counts = Counter(label for one in examples for label in one.labels)
    if lonely := [label for label, count in counts.items() if count == 1]:
        names = ", ".join(sorted(lonely)[:CONTRADICTIONS_TOLD])
        ctx.log(
            f"例が 1 行しかないクラスがあります（{names}）。評価されません / "
            f"classes with a single row are not evaluated ({names})",
            level="warning",
        )


def _tokenized(
    examples: Sequence[LabelledExample], tokenizer: Any, max_length: int, ctx: Context
) -> tuple[list[list[int]], list[int]]:
    """Ids of each row, cut, and how many it had."""
    ids: list[list[int]] = []
    lengths: list[int] = []
    for at in range(0, len(examples), PROGRESS_EVERY_ROWS):
        texts = [one.text for one in examples[at : at + PROGRESS_EVERY_ROWS]]
        ids += tokenizer(texts, truncation=True, max_length=max_length)["input_ids"]
        lengths += [len(one) for one in tokenizer(texts, truncation=False, verbose=False)["input_ids"]]
        ctx.emit(Progress(stage="tokenize", done=len(ids), total=len(examples), unit="rows"))
    return ids, lengths


def _ledger(ids: Sequence[Sequence[int]], lengths: Sequence[int], max_length: int) -> Ledger:
    kept = np.asarray([len(one) for one in ids])
    quantiles = np.quantile(kept, QUANTILES)
    return Ledger(
        rows_read=len(ids),
        rows_kept=len(ids),
        rows_truncated=sum(length > len(one) for one, length in zip(ids, lengths, strict=True)),
        rows_dropped=0,
        dropped_by_reason={},
        first_dropped=[],
        training_rows=len(ids),
        tokens=int(kept.sum()),
        supervised_tokens=int(kept.sum()),
        longest=int(kept.max()),
        longest_before_truncation=max(lengths),
        length_quantiles={f"p{q * 100:.0f}": float(v) for q, v in zip(QUANTILES, quantiles, strict=True)},
        max_length=max_length,
        end_of_turn=None,
        ends_of_turn={},
        rows_end_cut=0,
        rows_not_rendered={},
    )
