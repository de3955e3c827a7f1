"""The six states of a job, and no more; the kinds of groups of jobs."""

from enum import StrEnum


class JobState(StrEnum):
    """Where a job stands. `completed`, `failed` and `cancelled` are final."""

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


STATE_WORDS: dict[JobState, tuple[str, str]] = {
    JobState.PENDING: ("準備待ち", "pending"),
    JobState.QUEUED: ("順番待ち", "queued"),
    JobState.RUNNING: ("実行中", "running"),
    JobState.COMPLETED: ("完了", "completed"),
    JobState.FAILED: ("失敗", "failed"),
    JobState.CANCELLED: ("中止", "cancelled"),
}
"""What a sentence says of a state: Japanese, English."""

FINAL_STATES = frozenset({JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED})

# What the trigger of the table `job` allows; a test compares the two over all pairs.
TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.PENDING: frozenset({JobState.QUEUED, JobState.CANCELLED}),
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.CANCELLED}),
    JobState.RUNNING: frozenset({JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED, JobState.QUEUED}),
    JobState.COMPLETED: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
}


class GroupKind(StrEnum):
    """What several jobs have in common: they follow one another, stand side by side, or are compared."""

    CHAIN = "chain"
    BATCH = "batch"
    SWEEP = "sweep"
    PIPELINE = "pipeline"
    COMPARISON = "comparison"
