"""Jobs: what the API offers of them, and to wait for them and follow them."""

import time
from collections.abc import Iterator, Sequence

from llmlora.client.errors import PlatformUnreachableError
from llmlora.client.following import RECONNECT_S, Following, completed, events_call, is_final
from llmlora.client.generated import resources
from llmlora.client.generated.models import JobDetail, JobEvent


class Jobs(resources.Jobs):
    """`client.jobs`."""

    def follow(
        self, job_id: str, *, after: int = 0, types: Sequence[str] = (), timeout_s: float | None = None
    ) -> Iterator[JobEvent]:
        """Events of a job (of these types, or all) behind the number `after`, until it is over. A connection that breaks is made
        again, behind the last event that has come.

        Raises:
            ClientError: the API refuses, or has not answered for a minute.
            WaitTimeoutError: the job is not over within `timeout_s`.
        """
        place = Following(job_id, after, timeout_s)
        while not place.is_over:
            call = events_call(place, types)
            try:
                for sent in self._transport.events(call, place.read_timeout_s()):
                    if event := place.read(sent):
                        yield event
            except PlatformUnreachableError:
                place.refuse_late()
                if place.is_given_up:
                    raise
                time.sleep(RECONNECT_S)
            place.refuse_late()

    def wait(self, job_id: str, *, timeout_s: float | None = None, poll_s: float | None = None) -> JobDetail:
        """The job, once it is over, however it ended. The API says when that is; with `poll_s` it is asked so often instead, where
        something between does not let streams through.

        Raises:
            ClientError: the API refuses, or has not answered for a minute.
            WaitTimeoutError: the job is not over within `timeout_s`.
        """
        if poll_s is None:
            for _ in self.follow(job_id, types=("state",), timeout_s=timeout_s):
                pass
            return self.get(job_id)
        place = Following(job_id, 0, timeout_s)
        while not is_final((job := self.get(job_id)).state):
            place.refuse_late()
            time.sleep(min(poll_s, place.read_timeout_s()))
        return job

    def wait_completed(self, job_id: str, *, timeout_s: float | None = None) -> JobDetail:
        """The job, once it has completed.

        Raises:
            JobNotCompletedError: it failed, or was cancelled.
            WaitTimeoutError: it is not over within `timeout_s`.
        """
        return completed(self.wait(job_id, timeout_s=timeout_s))
