"""The steps that a forecast tells are those that a training of the same rows takes."""

import random
from collections import Counter
from itertools import product

import pytest

from llmlora.contracts.forecast import Lengths
from llmlora.recipes.blocks.batches import plan_batches, split_rows
from llmlora.recipes.blocks.forecast.duration import schedule_of

CAPACITY = 256


def counted(rows: list[int]) -> Lengths:
    """As a token preview has counted them: in bars 8 tokens wide."""
    bars = Counter(-(-tokens // 8) * 8 for tokens in rows)
    sizes = sorted(bars.items(), reverse=True)
    return Lengths("tokenized", len(rows), sum(rows), sum(rows) // 2, max(rows), sizes)


def steps_of(rows: list[int], *, batch: int, accumulate: int, epochs: float, most: int | None, pack: bool, split: float) -> tuple[int | None, int]:  # fmt: skip
    """(forecast, planned by the training)."""
    pack_to = CAPACITY if pack else None
    told = schedule_of(
        counted(rows), batch_size=batch, gradient_accumulation=accumulate, epochs=epochs, max_steps=most,
        pack_to=pack_to, eval_split=split, eval_interval=None,
    )  # fmt: skip
    trained, _ = split_rows(len(rows), split, seed=1)
    plan = plan_batches(
        trained, rows, batch_size=batch, gradient_accumulation=accumulate, pack_to=pack_to, seed=1
    )
    return told and told.steps, plan.total_steps(epochs, most)


@pytest.mark.parametrize("count", [2, 3, 7, 64, 501])
def test_are_exact_where_rows_are_not_packed(count: int) -> None:
    rows = [random.Random(count + n).randint(4, CAPACITY) for n in range(count)]
    for batch, accumulate, epochs, most, split in product(
        (1, 4), (1, 3), (0.3, 1.0, 2.5), (None, 5), (0.0, 0.1)
    ):
        told, taken = steps_of(rows, batch=batch, accumulate=accumulate, epochs=epochs, most=most, pack=False, split=split)  # fmt: skip
        assert told == taken, (batch, accumulate, epochs, most, split)


@pytest.mark.parametrize("shortest", [4, 100, 140])
@pytest.mark.parametrize("count", [20, 400, 9000])
def test_are_near_where_rows_are_packed(count: int, shortest: int) -> None:
    rows = [random.Random(count + n).randint(shortest, CAPACITY) for n in range(count)]
    for split in (0.0, 0.1):
        told, taken = steps_of(rows, batch=1, accumulate=1, epochs=1.0, most=None, pack=True, split=split)
        assert told == pytest.approx(taken, rel=0.06, abs=1)
