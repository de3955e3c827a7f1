"""What a training uses and measures, now and as a picture."""

from pathlib import Path
from typing import TypedDict

from llmlora.client.generated.models import ResourceSample
from llmlora.client.job_configs import amount
from llmlora.client.orchestration import JobLike
from llmlora.client.plots import DEFAULT_PLOT, draw_until_over, save_plot
from llmlora.client.synchronous import Client


class ResourceUsage(TypedDict):
    """Of the job's process while it runs, else of the machine. `cpu`: 100% is one core of a job, all cores of a machine."""

    cpu: str
    memory: str
    gpu: str | None


class TrainingMonitor:
    """Looks at jobs of a running platform."""

    def __init__(
        self, base_url: str | None = None, *, token: str | None = None, client: Client | None = None
    ) -> None:
        self.client = client or Client(base_url, token=token)

    def track_resource_usage(self, job: JobLike) -> ResourceUsage:
        """What a job used when it was last measured: `{"cpu": "75%", "memory": "6.0GB/8.0GB", "gpu": "90%"}`."""
        machine = self.client.system.sample_resources()
        events = self.client.jobs.list_events(_id(job), types=["resources"], tail=1).data
        sample = events[0].body if events else None
        if not isinstance(sample, ResourceSample):
            return {
                "cpu": f"{machine.cpu_percent:.0f}%",
                "memory": _of(machine.memory_used_bytes, machine.memory_total_bytes),
                "gpu": _percent([one.utilisation_percent for one in machine.gpus]),
            }
        return {
            "cpu": f"{sample.cpu_percent:.0f}%",
            "memory": _of(sample.rss_bytes, sample.memory_total_bytes or machine.memory_total_bytes),
            "gpu": _percent([one.utilisation_percent for one in sample.gpus or ()]),
        }

    def track_metrics(self, job: JobLike) -> dict[str, float]:
        """The newest figures by their names: `{"epoch": 50, "loss": 0.3, "eval_loss": 0.4}`. Those of training have no prefix."""
        latest = self.client.jobs.get_progress(_id(job)).latest_metrics
        named = {name.removeprefix("train/").replace("/", "_"): one.value for name, one in latest.items()}
        return {name: value for name, value in named.items() if value is not None}

    def plot_training_progress(
        self, job: JobLike, path: str | Path = DEFAULT_PLOT, *, live: bool = False, refresh_s: float = 2.0
    ) -> Path:
        """The curves of a job as a PNG; its path. Needs the extra `llmlora[plot]`.

        `live`: in a notebook, the picture is drawn again every `refresh_s` seconds until the job is over.

        Raises:
            ClientError: matplotlib is missing (for `live`, IPython), or the API refuses.
        """
        if live:
            return draw_until_over(self.client, _id(job), Path(path), refresh_s)
        return save_plot(self.client, _id(job), Path(path))


def _id(job: JobLike) -> str:
    return job if isinstance(job, str) else job.id


def _of(used: float, total: float) -> str:
    return f"{amount(used)}/{amount(total)}"


def _percent(shares: list[float | None]) -> str | None:
    known = [one for one in shares if one is not None]
    return f"{max(known):.0f}%" if known else None
