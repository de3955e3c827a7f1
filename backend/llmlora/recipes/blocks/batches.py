"""Which rows each optimizer step sees: a pure function of (seed, step), so that resuming is only a step number."""

import math
import random
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from llmlora.data.pack import pack_best_fit
from llmlora.kit.errors import InvalidInputError


class SplitTooSmallError(InvalidInputError):
    """Nothing would be left to train on, or to evaluate with."""

    code = "split_too_small"
    ja = "データが {rows} 行しかないため、評価用に {share} の割合を取り分けられません。{setting} を 0 にするか、行を増やしてください。"
    en = "With only {rows} rows, a share of {share} cannot be held out for evaluation. Set {setting} to 0, or add rows."


@dataclass(frozen=True)
class BatchPlan:
    """`units` are what a batch is made of: single rows, or bins of packed rows."""

    units: tuple[tuple[int, ...], ...]
    batch_size: int
    gradient_accumulation: int
    seed: int

    @property
    def batches_per_epoch(self) -> int:
        """Forward passes an epoch."""
        return math.ceil(len(self.units) / self.batch_size)

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps an epoch; the last one may see fewer batches."""
        return math.ceil(self.batches_per_epoch / self.gradient_accumulation)

    def total_steps(self, epochs: float, max_steps: int | None) -> int:
        """Steps of the whole run; `max_steps` wins."""
        return max_steps or max(1, math.ceil(epochs * self.steps_per_epoch))

    def batches_of(self, step: int) -> list[list[int]]:
        """Row indices of each forward pass of a step (from 0)."""
        epoch, within = divmod(step, self.steps_per_epoch)
        order = _epoch_order(len(self.units), self.seed, epoch)
        first = within * self.gradient_accumulation
        last = min(first + self.gradient_accumulation, self.batches_per_epoch)
        return [
            [
                row
                for unit in order[batch * self.batch_size : (batch + 1) * self.batch_size]
                for row in self.units[unit]
            ]
            for batch in range(first, last)
        ]


def plan_batches(
    rows: Sequence[int],
    lengths: Sequence[int],
    *,
    batch_size: int,
    gradient_accumulation: int,
    pack_to: int | None,
    seed: int,
) -> BatchPlan:
    """Plan over `rows` (indices into `lengths`, tokens); `pack_to` is a bin's capacity in tokens, None: unpacked."""
    if pack_to is None:
        units: list[tuple[int, ...]] = [(row,) for row in rows]
    else:
        bins = pack_best_fit([lengths[row] for row in rows], pack_to)
        units = [tuple(rows[i] for i in one) for one in bins]
    return BatchPlan(tuple(units), batch_size, gradient_accumulation, seed)


def split_rows(count: int, share: float, seed: int) -> tuple[list[int], list[int]]:
    """Row indices for training and for evaluation, drawn by the seed.

    Raises:
        SplitTooSmallError: one of the two would be empty although `share` > 0.
    """
    if share == 0:
        return list(range(count)), []
    held = max(1, round(count * share))
    if count < 2 or held >= count:
        raise SplitTooSmallError(rows=count, share=share, setting="eval_split")
    order = list(range(count))
    random.Random(f"split:{seed}").shuffle(order)  # noqa: S311 - reproducible, not secret
    return sorted(order[held:]), sorted(order[:held])


def split_alike(
    groups: Sequence[Hashable], share: float, seed: int, setting: str = "eval_split"
) -> tuple[list[int], list[int]]:
    """Row indices that stay and that are held out, drawn by the seed so that each group has its share of both.

    A group of one row stays. Groups are of few rows each where rows are of several classes: those of one row are drawn from
    together. `setting`: where the share was set.

    Raises:
        SplitTooSmallError: nothing could be held out although `share` > 0, or nothing would be left.
    """
    if share == 0:
        return list(range(len(groups))), []
    members: dict[Hashable, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    alone = sorted(rows[0] for rows in members.values() if len(rows) == 1)
    together = [rows for rows in members.values() if len(rows) > 1]
    if len(alone) * 2 > len(groups):
        together.append(alone)
    held: list[int] = []
    for number, rows in enumerate(sorted(together)):
        drawn = list(rows)
        random.Random(f"alike:{seed}:{number}").shuffle(drawn)  # noqa: S311 - reproducible, not secret
        held += drawn[: min(round(len(rows) * share), len(rows) - 1)]
    if not held and together:
        held = [max(together, key=len)[0]]
    if not held:
        raise SplitTooSmallError(rows=len(groups), share=share, setting=setting)
    kept = set(range(len(groups))).difference(held)
    return sorted(kept), sorted(held)


@lru_cache(maxsize=2)
def _epoch_order(count: int, seed: int, epoch: int) -> tuple[int, ...]:
    order = list(range(count))
    random.Random(f"epoch:{seed}:{epoch}").shuffle(order)  # noqa: S311 - reproducible, not secret
    return tuple(order)
