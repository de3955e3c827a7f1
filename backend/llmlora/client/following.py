"""What both clients make of the events of a job."""

import time
from collections.abc import Sequence

from llmlora.client.calls import SILENCE_TIMEOUT_S, Call, ServerSentEvent, quoted
from llmlora.client.errors import JobNotCompletedError, WaitTimeoutError, said
from llmlora.client.generated.models import JobDetail, JobEvent
from llmlora.contracts.states import FINAL_STATES, JobState

OVER = "over"
RECONNECT_S = 1.0
# Longer than `up` takes to start anew.
RESTART_PATIENCE_S = 60.0


def is_final(state: str) -> bool:
    """Whether nothing more becomes of a job."""
    return JobState(state) in FINAL_STATES


def completed(job: JobDetail) -> JobDetail:
    """The job, where it has completed.

    Raises:
        JobNotCompletedError: it failed, or was cancelled.
    """
    if JobState(job.state) is JobState.COMPLETED:
        return job
    failure = job.failure
    reason = "" if failure is None else said(ja=failure.ja, en=failure.en)
    raise JobNotCompletedError(job.id, job.state, "" if failure is None else failure.code, reason)


class Following:
    """Where somebody who follows a job has come to: behind which event, and since when nobody has answered."""

    def __init__(self, job_id: str, after: int, timeout_s: float | None) -> None:
        self.job_id, self.after, self._timeout_s = job_id, after, timeout_s
        self._deadline = None if timeout_s is None else time.monotonic() + timeout_s
        self._heard = time.monotonic()
        self.is_over = False

    def read(self, event: ServerSentEvent) -> JobEvent | None:
        """The job's event; None where the stream says that it is over."""
        self._heard = time.monotonic()
        self.refuse_late()
        if event.event == OVER:
            self.is_over = True
            return None
        found = JobEvent.model_validate_json(event.data)
        self.after = found.seq
        return found

    def read_timeout_s(self) -> float:
        """How long to wait for the next sign of life."""
        if self._deadline is None:
            return SILENCE_TIMEOUT_S
        return max(0.01, min(SILENCE_TIMEOUT_S, self._deadline - time.monotonic()))

    def refuse_late(self) -> None:
        """Raises WaitTimeoutError where the time is up."""
        if self._deadline is not None and self._timeout_s is not None and time.monotonic() >= self._deadline:
            raise WaitTimeoutError(self.job_id, self._timeout_s)

    @property
    def is_given_up(self) -> bool:
        """Whether nobody has answered for longer than a restart takes."""
        return time.monotonic() - self._heard > RESTART_PATIENCE_S


def events_call(place: Following, types: Sequence[str]) -> Call:
    """Asks for the events of these types (all: none given) behind the last that has come."""
    path = f"/api/training/jobs/{quoted(place.job_id)}/events"
    return Call("GET", path, query={"types": list(types), "after": place.after})
