"""Learning-rate schedules as factors in [0, 1] of the peak: pure functions of the step."""

import math
from typing import Literal

Schedule = Literal["cosine", "linear", "constant"]


def learning_rate_factor(schedule: Schedule, step: int, total_steps: int, warmup_ratio: float) -> float:
    """Factor for the step (from 0) that is about to be taken.

    Linear warm-up over ceil(ratio × total) steps, then the schedule. The first step already learns, at 1/warm-up of the
    peak, and the last of the warm-up has the peak itself; transformers' `get_scheduler` begins at 0, which teaches nothing
    in a run of one step. No step has the factor 0. Without a warm-up both count alike.
    Cosine: Loshchilov & Hutter 2017, SGDR, one half period.
    """
    warmup_steps = math.ceil(total_steps * warmup_ratio)
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    done = (step - warmup_steps) / max(1, total_steps - warmup_steps)
    if schedule == "cosine":
        return max(0.0, 0.5 * (1.0 + math.cos(math.pi * done)))
    if schedule == "linear":
        return max(0.0, 1.0 - done)
    return 1.0
