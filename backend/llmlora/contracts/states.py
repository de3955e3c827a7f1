"""The six states of a job, and no more."""

from enum import StrEnum


class JobState(StrEnum):
    """Where a job stands. `completed`, `failed` and `cancelled` are final."""

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
