"""What this process may use of its machine: processors, memory and GPUs, within all that was set around it.

One place for workers, children, servers, forecasts and pages: affinity, control groups of either version (those of all
levels count, as the kernel counts them), `OMP_NUM_THREADS`, `CUDA_VISIBLE_DEVICES`. Nothing here raises for a file that
the system does not have; a limit that is not told is none.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

# Version 1 writes "no limit" as the largest number of whole pages.
_UNLIMITED_V1 = 1 << 60


@dataclass(frozen=True)
class GroupMemory:
    """Bytes of the tightest control group: its limit, and what of it could still be had."""

    limit_bytes: int
    free_bytes: int


@dataclass(frozen=True)
class ControlGroups:
    """The control groups that hold this process. Other paths than the kernel's are for tests."""

    root: Path = Path("/sys/fs/cgroup")
    membership: Path = Path("/proc/self/cgroup")

    def cpu_quota(self) -> float | None:
        """Processors' worth of time that the tightest group gives; None without a quota."""
        quotas = []
        for level in self._levels_v2():
            with suppress(OSError, ValueError, ZeroDivisionError):
                quota, period = (level / "cpu.max").read_text().split()
                quotas.append(int(quota) / int(period))  # "max" is no number
        for level in self._levels_v1("cpu"):
            with suppress(OSError, ValueError, ZeroDivisionError):
                given = _number(level / "cpu.cfs_quota_us")
                if given > 0:
                    quotas.append(given / _number(level / "cpu.cfs_period_us"))
        return min(quotas, default=None)

    def memory(self) -> GroupMemory | None:
        """The group that leaves least; None where none has a limit. File cache that is given up first counts as free."""
        found = []
        for level in self._levels_v2():
            with suppress(OSError, ValueError):
                limit = _number(level / "memory.max")
                used = _number(level / "memory.current") - _field(level / "memory.stat", "inactive_file")
                found.append(GroupMemory(limit, max(0, limit - max(0, used))))
        for level in self._levels_v1("memory"):
            with suppress(OSError, ValueError):
                limit = _number(level / "memory.limit_in_bytes")
                cache = _field(level / "memory.stat", "total_inactive_file")
                used = _number(level / "memory.usage_in_bytes") - cache
                if limit < _UNLIMITED_V1:
                    found.append(GroupMemory(limit, max(0, limit - max(0, used))))
        if not found:
            return None
        return GroupMemory(min(one.limit_bytes for one in found), min(one.free_bytes for one in found))

    def _levels_v2(self) -> Iterator[Path]:
        own = [path for controllers, path in self._memberships() if controllers == ""]
        for mount in (self.root, self.root / "unified"):
            yield from _upwards(mount, own[0] if own else "/")

    def _levels_v1(self, controller: str) -> Iterator[Path]:
        for controllers, path in self._memberships():
            if controller in controllers.split(","):
                for mount in dict.fromkeys((controllers, controller)):
                    yield from _upwards(self.root / mount, path)

    def _memberships(self) -> list[tuple[str, str]]:
        """(controllers, path) of every line; version 2 names no controllers."""
        with suppress(OSError):
            lines = self.membership.read_text().splitlines()
            return [(parts[1], parts[2]) for line in lines if len(parts := line.split(":", 2)) == 3]
        return []


def _upwards(mount: Path, path: str) -> Iterator[Path]:
    """The directories of a group and of all that hold it; a container sees its own as the mount itself."""
    own = mount / path.strip("/")
    for level in (own, *own.parents):
        if not level.is_relative_to(mount):
            return
        if level.is_dir():
            yield level


def _number(path: Path) -> int:
    return int(path.read_text())


def _field(path: Path, name: str) -> int:
    with suppress(OSError):
        for line in path.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    return 0


CONTROL_GROUPS = ControlGroups()


def usable_cores(groups: ControlGroups = CONTROL_GROUPS, environment: Mapping[str, str] | None = None) -> int:
    """Threads that are worth having: physical cores within affinity, whole ones of the quota, and `OMP_NUM_THREADS`.

    A second thread on a core only costs, and threads beyond a quota wait for each other while they are throttled.
    """
    allowed = allowed_processors()
    bounds = [allowed, psutil.cpu_count(logical=False) or allowed]
    quota = groups.cpu_quota()
    if quota is not None:
        bounds.append(int(quota))
    wanted = (os.environ if environment is None else environment).get("OMP_NUM_THREADS", "").split(",")[0]
    if wanted.strip().isdecimal():  # a list is one number a level of nesting
        bounds.append(int(wanted))
    return max(1, min(bounds))


def allowed_processors() -> int:
    """Logical processors within our affinity; macOS has none, there it is all of them."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    with suppress(AttributeError, psutil.Error):
        return len(psutil.Process().cpu_affinity() or ()) or psutil.cpu_count() or 1
    return psutil.cpu_count() or 1


def visible_devices(uuids: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Which of the GPUs, given by uuid in the order of the bus, programs here may use, and in what order.

    As CUDA reads `CUDA_VISIBLE_DEVICES` (CUDA C++ Programming Guide, "CUDA Environment Variables"): numbers or
    beginnings of uuids; what comes behind the first that means none is not seen, nor is anything where one is named
    twice. Numbers count as `nvidia-smi` does; a slice of a GPU (MIG) is a device of its own.
    """
    wanted = (os.environ if environment is None else environment).get("CUDA_VISIBLE_DEVICES")
    if wanted is None:
        return tuple(uuids)
    seen: list[str] = []
    for name in (part.strip() for part in wanted.split(",")):
        found = _device(name, uuids)
        if found is None:
            break
        if found in seen:
            return ()
        seen.append(found)
    return tuple(seen)


def _device(name: str, uuids: Sequence[str]) -> str | None:
    if name.startswith("MIG-"):
        return name
    if name.isdecimal():
        return uuids[int(name)] if int(name) < len(uuids) else None
    matching = [uuid for uuid in uuids if name and uuid.startswith(name)]
    return matching[0] if len(matching) == 1 else None
