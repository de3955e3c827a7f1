"""This machine: its processors, memory, accelerators and disk, as they are and as they are used now.

Guarantee: nothing here raises for a figure that the system does not give; it is None, zero or left out.
"""

import platform
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from llmlora.kit.limits import CONTROL_GROUPS, ControlGroups, visible_devices

_BF16_FLAGS = frozenset({"avx512_bf16", "amx_bf16", "bf16"})


@dataclass(frozen=True)
class Memory:
    """Bytes, within the limit of our control group where there is one."""

    total_bytes: int
    available_bytes: int

    @property
    def used_bytes(self) -> int:
        """What could not be had now."""
        return self.total_bytes - self.available_bytes


@dataclass(frozen=True)
class Accelerator:
    """One GPU now. `fp32_flops`: cores × clock × 2, None where the driver does not tell."""

    index: int
    """As `nvidia-smi` counts."""
    uuid: str
    name: str
    utilisation_percent: float | None
    used_bytes: int
    total_bytes: int
    fp32_flops: float | None


@dataclass(frozen=True)
class AppleGpu:
    """The GPU of Apple silicon, which works in the machine's memory. `share`: of that memory, what a program may take."""

    multiplies_bf16: bool
    share: float


@dataclass(frozen=True)
class Disk:
    """The file system that holds a path."""

    free_bytes: int
    total_bytes: int


@dataclass(frozen=True)
class MachineSample:
    """How busy the machine is. `cpu_percent`: 100 is all cores, since the sample before."""

    cpu_percent: float
    memory: Memory
    disk: Disk | None
    accelerators: tuple[Accelerator, ...]


class MachineProbe:
    """Takes samples; each probe measures CPU time between its own. Safe to call from any thread."""

    def __init__(self, disk_of: Path) -> None:
        self._disk_of = disk_of
        self._lock = threading.Lock()
        self._before = _busy_and_all_s()

    def sample(self) -> MachineSample:
        """The machine now; takes about a millisecond, and some more where there are GPUs."""
        return MachineSample(self._cpu_percent(), memory_now(), disk_of(self._disk_of), accelerators_now())

    def _cpu_percent(self) -> float:
        with self._lock:
            now, before = _busy_and_all_s(), self._before
            self._before = now
        elapsed_s = now[1] - before[1]
        if elapsed_s <= 0:
            return 0.0
        return round(min(100.0, max(0.0, 100.0 * (now[0] - before[0]) / elapsed_s)), 1)


def memory_now(groups: ControlGroups = CONTROL_GROUPS) -> Memory:
    """Memory of the machine, or of the container that holds us."""
    system = psutil.virtual_memory()
    total, available = int(system.total), int(system.available)
    limited = groups.memory()
    if limited is not None:
        total, available = min(total, limited.limit_bytes), min(available, limited.free_bytes)
    return Memory(total, available)


def disk_of(path: Path) -> Disk | None:
    """The disk that holds `path` or will; None when it cannot be asked."""
    with suppress(OSError, StopIteration):
        existing = next(p for p in (path, *path.parents) if p.exists())
        usage = psutil.disk_usage(str(existing))
        return Disk(int(usage.free), int(usage.total))
    return None


def accelerators_now() -> tuple[Accelerator, ...]:
    """The NVIDIA GPUs that programs here may use, in their order, asked through the driver; empty where there is none."""
    nvml = _nvml()
    if nvml is None:
        return ()
    found, uuids = {}, _uuids(nvml)
    for index, uuid in enumerate(uuids):
        with suppress(nvml.NVMLError):  # a GPU that is lost, or that we may not look at
            found[uuid] = _accelerator(nvml, index, uuid)
    return tuple(found[uuid] for uuid in visible_devices(uuids) if uuid in found)


def gpu_names() -> tuple[str, ...]:
    """What `CUDA_VISIBLE_DEVICES` calls each GPU that programs here may use, whatever order CUDA counts them in."""
    nvml = _nvml()
    return () if nvml is None else tuple(name for name in visible_devices(_uuids(nvml)) if name)


# What Metal recommends is asked by the run (`torch.mps.recommended_max_memory`): two thirds of the memory of small machines,
# three quarters of large ones. Nothing tells it without torch, so the smaller share is taken.
APPLE_SHARE = 2 / 3


def apple_gpu(
    system: str = platform.system(), machine: str = platform.machine(), macos: str = platform.mac_ver()[0]
) -> AppleGpu | None:
    """Of a Mac with Apple silicon, None elsewhere. Metal knows bfloat16 from macOS 14 on. Docker's machines are Linux: they
    have none."""
    if (system, machine) != ("Darwin", "arm64"):
        return None
    major = macos.partition(".")[0]
    return AppleGpu(multiplies_bf16=major.isdecimal() and int(major) >= 14, share=APPLE_SHARE)


@cache
def cpu_model() -> str:
    """What the processor calls itself."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


@cache
def cpu_multiplies_bf16() -> bool:
    """Whether the processor says that it has instructions for bfloat16 products."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith(("flags", "Features")):
                return not _BF16_FLAGS.isdisjoint(line.split())
    return False


def _busy_and_all_s() -> tuple[float, float]:
    """CPU seconds in use and in all, since the start of the machine; guests are counted in their hosts already."""
    times = psutil.cpu_times()._asdict()
    total = sum(seconds for name, seconds in times.items() if not name.startswith("guest"))
    return total - times.get("idle", 0.0) - times.get("iowait", 0.0), total


def _nvml() -> Any:
    """The driver's library; None where there is none."""
    import pynvml

    return pynvml if _opens(pynvml) else None


@cache
def _opens(nvml: Any) -> bool:
    """Whether the library finds its driver, tried once a process."""
    try:
        nvml.nvmlInit()
    except nvml.NVMLError:
        return False
    return True


def _uuids(nvml: Any) -> list[str]:
    """Of all GPUs, in the order of the bus; empty for one that is lost, which keeps its number."""
    uuids: list[str] = []
    with suppress(nvml.NVMLError):
        for index in range(nvml.nvmlDeviceGetCount()):
            try:
                uuid = nvml.nvmlDeviceGetUUID(nvml.nvmlDeviceGetHandleByIndex(index))
            except nvml.NVMLError:
                uuid = ""
            uuids.append(uuid.decode() if isinstance(uuid, bytes) else str(uuid))
    return uuids


def _accelerator(nvml: Any, index: int, uuid: str) -> Accelerator:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    name = nvml.nvmlDeviceGetName(handle)
    utilisation = flops = None
    with suppress(nvml.NVMLError):
        utilisation = float(nvml.nvmlDeviceGetUtilizationRates(handle).gpu)
    with suppress(nvml.NVMLError):
        clock_mhz = nvml.nvmlDeviceGetMaxClockInfo(handle, nvml.NVML_CLOCK_SM)
        flops = 2.0 * nvml.nvmlDeviceGetNumGpuCores(handle) * clock_mhz * 1e6
    return Accelerator(
        index=index,
        uuid=uuid,
        name=name.decode() if isinstance(name, bytes) else str(name),
        utilisation_percent=utilisation,
        used_bytes=int(memory.used),
        total_bytes=int(memory.total),
        fp32_flops=flops,
    )
