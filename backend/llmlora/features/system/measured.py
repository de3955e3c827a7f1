"""What Prometheus reads: requests, jobs, the process. One registry an application, so that several can live together."""

import time
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llmlora.contracts.states import JobState

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
UNMATCHED = "unmatched"


class Metrics:
    """The collectors of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "llmlora_http_requests",
            "Requests by route template.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.durations = Histogram(
            "llmlora_http_request_duration_seconds",
            "Time until the response begins; streams go on after that.",
            ("method", "route"),
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self.jobs = Gauge("llmlora_jobs", "Jobs by state.", ("state",), registry=self.registry)
        self.queue_age = Gauge(
            "llmlora_queue_oldest_seconds",
            "How long the oldest queued job has waited; 0: nothing waits.",
            registry=self.registry,
        )
        self.database_up = Gauge(
            "llmlora_database_up",
            "1: PostgreSQL answered this scrape; 0: figures of jobs are missing.",
            registry=self.registry,
        )

    def set_queue(self, jobs: dict[JobState, int] | None, oldest_queued_s: float | None) -> None:
        """Put the queue in; `jobs` None: the database is away, and old figures are not told as new ones."""
        self.database_up.set(0 if jobs is None else 1)
        self.jobs.clear()
        for state, count in (jobs or {}).items():
            self.jobs.labels(state.value).set(count)
        self.queue_age.set(oldest_queued_s or 0.0)

    def text(self) -> bytes:
        """In Prometheus's text format."""
        return generate_latest(self.registry)


class Measured:
    """ASGI middleware that counts and times requests. Add it last, so that it sees what all others answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request and remember how long its answer took to begin."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        metrics, started, begun = metrics_of(scope["app"]), time.perf_counter(), False

        def note(status: int) -> None:
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            route = route_template(scope)
            metrics.requests.labels(method, route, str(status)).inc()
            metrics.durations.labels(method, route).observe(time.perf_counter() - started)

        async def noting_send(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                note(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, noting_send)
        except Exception:
            if not begun:
                note(500)
            raise


def metrics_of(app: Starlette) -> Metrics:
    """The application's metrics; `create_app` makes them."""
    found: Metrics = app.state.metrics
    return found


def route_template(scope: Scope) -> str:
    """The path of the route that matched, with its parameters' names: `/api/datasets/{dataset_id}`."""
    route: Any = scope.get("route")
    return str(getattr(route, "path", UNMATCHED))
