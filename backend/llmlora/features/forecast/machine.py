"""This machine as forecasts see it."""

import math
import time
from functools import cache

import numpy as np

from llmlora.contracts.forecast import Machine
from llmlora.kit.machine import accelerators_now, apple_gpu, cpu_multiplies_bf16, memory_now

TIMINGS = 40


def machine_now() -> Machine:
    """What is free now; the processor is timed when somebody asks for its speed."""
    return Machine(memory_now(), accelerators_now(), cpu_multiplies_bf16(), cpu_flops, apple_gpu())


@cache
def cpu_flops() -> float:
    """Operations a second of a training-sized float32 product: the best of many, once a process."""
    left, right = np.ones((256, 1024), np.float32), np.ones((1024, 1024), np.float32)
    best_s = math.inf
    for _ in range(TIMINGS):
        started = time.perf_counter()
        left @ right
        best_s = min(best_s, time.perf_counter() - started)
    return 2 * 256 * 1024 * 1024 / best_s
