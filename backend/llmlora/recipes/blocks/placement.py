"""Where and how a run computes: device, precision and threads, chosen by probing this machine."""

import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import psutil
import torch

from llmlora.contracts.run import Resources
from llmlora.kit.errors import InvalidInputError
from llmlora.kit.limits import usable_cores
from llmlora.kit.machine import cpu_multiplies_bf16, memory_now

Precision = Literal["auto", "fp32", "bf16", "fp16"]

# bf16 has to win clearly before precision is given up for it on a CPU.
BF16_MIN_SPEEDUP = 1.3
# Beyond what a first product costs (kernels are made for it): the processor has no bfloat16 and emulates it.
BF16_HOPELESS = 30
PRODUCTS = 5
# Fewer threads are preferred unless more of them win by this factor. Two that share a core (or wait for each other beside
# a browser and a server) gain less in a quiet moment, and lose half of their speed in a busy one.
THREADS_MIN_SPEEDUP = 1.25
TIMINGS = 3
TUNING_S = 5.0
_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Capabilities:
    """What torch says that this machine can do. `mps_working_set_bytes`: what Metal recommends to take at most on Apple
    silicon, where the GPU works in the machine's memory; None without it."""

    cuda: bool = False
    cuda_multiplies_bf16: bool = False
    mps: bool = False
    mps_multiplies_bf16: bool = False
    mps_working_set_bytes: int | None = None

    def has(self, device: str) -> bool:
        """Whether a run can compute there."""
        return {"cpu": True, "cuda": self.cuda, "mps": self.mps}[device]


@cache
def probed() -> Capabilities:
    """Of this machine. Metal knows bfloat16 from macOS 14 on."""
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    return Capabilities(
        cuda=cuda,
        cuda_multiplies_bf16=cuda and torch.cuda.is_bf16_supported(),
        mps=mps,
        mps_multiplies_bf16=mps and torch.backends.mps.is_macos_or_newer(14, 0),
        mps_working_set_bytes=int(torch.mps.recommended_max_memory()) if mps else None,
    )


class DeviceUnavailableError(InvalidInputError):
    """The device that was asked for is not on this machine."""

    code = "device_unavailable"
    ja = "デバイス {device} はこのマシンにありません。device を auto か cpu にしてください。"
    en = "This machine has no device {device}. Set device to auto or cpu."


class PrecisionUnsupportedError(InvalidInputError):
    """The device cannot compute in the precision that was asked for."""

    code = "precision_unsupported"
    ja = "{device} では精度 {precision} を使えません。precision を auto にしてください。"
    en = "{device} cannot train in {precision}. Set precision to auto."


@dataclass(frozen=True)
class Placement:
    """The choice. `dtype` is that of the frozen weights; adapters and their optimizer stay in float32."""

    device: torch.device
    precision: Literal["fp32", "bf16", "fp16"]
    threads: int
    capabilities: Capabilities = Capabilities()

    @property
    def dtype(self) -> torch.dtype:
        """Type of the frozen weights and of the matrix products."""
        return _DTYPES[self.precision]

    def autocast(self) -> AbstractContextManager[object]:
        """Mixed precision for a forward pass; nothing in fp32."""
        if self.precision == "fp32":
            return nullcontext()
        return torch.autocast(self.device.type, dtype=self.dtype)

    def memory_bytes(self) -> int:
        """Memory of the run now: the device's peak on CUDA, else the process's resident size."""
        if self.device.type == "cuda":
            return int(torch.cuda.max_memory_allocated(self.device))
        if self.device.type == "mps":
            return int(torch.mps.driver_allocated_memory())
        return int(psutil.Process().memory_info().rss)

    def multiplies_bf16(self) -> bool:
        """Whether the device says that it has instructions for bfloat16 products."""
        if self.device.type == "cuda":
            return bool(torch.cuda.is_bf16_supported(including_emulation=False))
        if self.device.type == "mps":
            return self.capabilities.mps_multiplies_bf16
        return self.device.type == "cpu" and cpu_multiplies_bf16()

    def free_bytes(self) -> int:
        """Memory that could still be taken on the device."""
        if self.device.type == "cuda":
            return int(torch.cuda.mem_get_info(self.device)[0])
        available = memory_now().available_bytes
        if self.device.type == "mps":
            return free_of_shared(self.capabilities, available, self.memory_bytes())
        return available


def free_of_shared(capabilities: Capabilities, available_bytes: int, taken_bytes: int) -> int:
    """Memory that a GPU may still take of the machine's: what is free there, within what Metal recommends to hold."""
    limit = capabilities.mps_working_set_bytes
    return available_bytes if limit is None else min(available_bytes, max(0, limit - taken_bytes))


def choose_placement(
    resources: Resources, precision: Precision, capabilities: Capabilities | None = None
) -> Placement:
    """Pick device (cuda → mps → cpu), precision and threads, and set torch's: as many as were asked for, else all that
    were granted or may be used (see `tune_threads`).

    Raises:
        DeviceUnavailableError: the device asked for is missing.
        PrecisionUnsupportedError: the precision asked for does not work there.
    """
    known = capabilities or probed()
    device = _choose_device(resources.device, known)
    chosen = _choose_precision(device, precision, known)
    threads = granted_threads(resources)
    torch.set_num_threads(threads)
    return Placement(device, chosen, threads, known)


def granted_threads(resources: Resources) -> int:
    """As many as were asked for, else all cores that were granted and may be used."""
    allowed = usable_cores()
    return resources.threads or min(resources.cores or allowed, allowed)


def _choose_device(wanted: str, known: Capabilities) -> torch.device:
    if wanted == "auto":
        wanted = next(name for name in ("cuda", "mps", "cpu") if known.has(name))
    if not known.has(wanted):
        raise DeviceUnavailableError(device=wanted)
    return torch.device(wanted)


def _choose_precision(
    device: torch.device, wanted: Precision, known: Capabilities
) -> Literal["fp32", "bf16", "fp16"]:
    """fp16 needs a loss that is scaled, which the loop does where gradients can be looked at there: not on a CPU."""
    multiplies_bf16 = {"cuda": known.cuda_multiplies_bf16, "mps": known.mps_multiplies_bf16, "cpu": True}
    if wanted == "auto":
        if device.type == "cpu":
            return "bf16" if _bf16_is_fast() else "fp32"
        return "bf16" if multiplies_bf16[device.type] else "fp16"
    if (wanted == "fp16" and device.type == "cpu") or (wanted == "bf16" and not multiplies_bf16[device.type]):
        raise PrecisionUnsupportedError(device=device.type, precision=wanted)
    return wanted


def _bf16_is_fast() -> bool:
    """Times a training-sized product in both, but an emulated one, which takes a hundred times as long, only once."""
    wanted_s = min(_matmul_s(torch.float32) for _ in range(PRODUCTS)) / BF16_MIN_SPEEDUP
    for _ in range(PRODUCTS):
        took_s = _matmul_s(torch.bfloat16)
        if took_s <= wanted_s:
            return True
        if took_s > wanted_s * BF16_HOPELESS:
            return False
    return False


def _matmul_s(dtype: torch.dtype) -> float:
    left = torch.ones(256, 1024, dtype=dtype)
    right = torch.ones(1024, 1024, dtype=dtype)
    return _seconds_of(lambda: left @ right, time.perf_counter)


def tune_threads(
    placement: Placement,
    work: Callable[[], object],
    *,
    budget_s: float = TUNING_S,
    clock_s: Callable[[], float] = time.perf_counter,
) -> Placement:
    """Time `work` (a pass of the run at hand) with fewer and fewer threads and keep the count that clearly wins now.

    Threads that sleep between kernels, as ours do beside busy neighbours, cost more to wake than a small kernel
    takes: short rows often run faster on one core than on all. A pass that alone takes longer than `budget_s` has
    large kernels, which all threads share well; nothing begins after `budget_s`.
    """
    if placement.device.type != "cpu" or placement.threads == 1:
        return placement
    if _seconds_of(work, clock_s) > budget_s:  # the first pass allocates
        return placement
    counts = [placement.threads >> halvings for halvings in range(placement.threads.bit_length())]
    timings = dict.fromkeys(counts, math.inf)
    begun = clock_s()
    for count in counts * TIMINGS:  # in turns: what disturbs for a moment disturbs all alike
        if clock_s() - begun > budget_s:
            break
        torch.set_num_threads(count)
        timings[count] = min(timings[count], _seconds_of(work, clock_s))
    best = min(timings.values())
    threads = min(n for n, seconds in timings.items() if seconds <= best * THREADS_MIN_SPEEDUP)
    torch.set_num_threads(threads)
    return replace(placement, threads=threads)


def _seconds_of(work: Callable[[], object], clock_s: Callable[[], float]) -> float:
    start = clock_s()
    work()
    return clock_s() - start
