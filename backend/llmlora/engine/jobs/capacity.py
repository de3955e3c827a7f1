"""What a worker can give to jobs, and what of it is free: two jobs on one machine share cores by plan.

A job that computes holds all cores of its worker unless it was given a number. Light jobs (conversions, imports, gates)
have a lane of their own, so that a training of hours does not hold up the last steps of another job;
those that only wait for another server have a wider one. A light job that can use a GPU gets one that nobody holds, or
none: it never shares a training's.
"""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from llmlora.contracts.recipe import Lane
from llmlora.contracts.run import Resources
from llmlora.kit.limits import usable_cores
from llmlora.kit.machine import gpu_names, memory_now
from llmlora.recipes import RECIPES
from llmlora.tables.job import JobRow

LIGHT_SLOTS, WAITING_SLOTS = 1, 4
# The platform's own processes and the system keep this share of the memory.
MEMORY_SHARE = 0.85


@dataclass(frozen=True)
class Free:
    """What a job could still have."""

    cpus: int
    is_idle: bool
    light_slots: int
    waiting_slots: int
    gpus_free: int
    gpus_total: int
    memory_bytes: int

    @property
    def is_full(self) -> bool:
        """No job of any kind fits."""
        return max(self.cpus, self.gpus_free, self.light_slots, self.waiting_slots) <= 0


@dataclass(frozen=True)
class Capacity:
    """A worker's machine. `gpus`: as `CUDA_VISIBLE_DEVICES` calls them; `identity` is the same for all processes that can
    see each other's pids."""

    cpus: int
    gpus: tuple[str, ...]
    memory_bytes: int
    identity: str
    born: str

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Grant:
    """What one running job was given."""

    cpus: int
    lane: Lane
    gpus: tuple[str, ...] = ()
    """As `CUDA_VISIBLE_DEVICES` calls them."""
    memory_bytes: int = 0
    """Of the machine's memory."""
    device_memory_bytes: int = 0
    """Of the memory of its GPUs, together."""

    def environment(self) -> dict[str, str]:
        """What keeps a child to its GPUs, or away from all where it was given none."""
        if self.gpus or gpu_names():
            return {"CUDA_VISIBLE_DEVICES": ",".join(self.gpus)}
        return {}

    def resources(self, job: JobRow) -> Resources:
        """As the child is told. A training may look for a device by itself (not every kind of GPU is counted here);
        what runs beside one takes a GPU only when it was given one."""
        kept_away = job.device == "auto" and not self.gpus and self.lane != "compute"
        device = "cpu" if kept_away else job.device
        return Resources.model_validate({"device": device, "threads": job.cpus or None, "cores": self.cpus})


@dataclass
class Slots:
    """What running jobs hold."""

    capacity: Capacity
    held: dict[str, Grant] = field(default_factory=dict)

    def free(self) -> Free:
        """What is left."""
        lanes = Counter(grant.lane for grant in self.held.values())
        computing = [grant for grant in self.held.values() if grant.lane == "compute"]
        cpus = self.capacity.cpus - sum(grant.cpus for grant in computing)
        memory = int(self.capacity.memory_bytes * MEMORY_SHARE)
        return Free(
            cpus=cpus,
            is_idle=not computing,
            light_slots=LIGHT_SLOTS - lanes["light"],
            waiting_slots=WAITING_SLOTS - lanes["waiting"],
            gpus_free=len(self._free_gpus()),
            gpus_total=len(self.capacity.gpus),
            memory_bytes=memory - sum(grant.memory_bytes for grant in self.held.values()),
        )

    def take(self, job: JobRow) -> Grant:
        """Give a claimed job its share."""
        lane = RECIPES[job.recipe].lane
        gpus = self._free_gpus()[:1] if job.wants_gpu and lane != "waiting" else ()
        cpus = job.cpus or self.capacity.cpus
        if gpus and not job.cpus:  # one trainer per accelerator, each with its share of the cores
            cpus = max(1, self.capacity.cpus // len(self.capacity.gpus))
        grant = Grant(cpus, lane, gpus, job.memory_bytes, job.device_memory_bytes)
        self.held[job.id] = grant
        return grant

    def give_back(self, job_id: str) -> None:
        """The job has ended."""
        self.held.pop(job_id, None)

    def _free_gpus(self) -> tuple[str, ...]:
        used = {gpu for grant in self.held.values() for gpu in grant.gpus}
        return tuple(gpu for gpu in self.capacity.gpus if gpu not in used)


def recipes_of(lane: Lane) -> list[str]:
    """Names of the recipes whose jobs run in a lane."""
    return [name for name, spec in RECIPES.items() if spec.lane == lane]


def measure_capacity(identity: str, born: str) -> Capacity:
    """What this process may use: cores, GPUs and memory, within all limits around it."""
    return Capacity(usable_cores(), gpu_names(), memory_now().total_bytes, identity, born)
