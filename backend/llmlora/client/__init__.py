"""The platform from Python: `Client` and `AsyncClient` ask the API of a running `./llmlora up`, and nothing else of it.

from llmlora.client import Client

with Client() as client:
    for dataset in client.datasets.iterate():
        print(dataset.name)
"""

from llmlora.client.asynchronous import AsyncClient
from llmlora.client.errors import (
    ClientError,
    JobNotCompletedError,
    PlatformUnreachableError,
    WaitTimeoutError,
)
from llmlora.client.monitoring import TrainingMonitor
from llmlora.client.orchestration import TrainingOrchestrator
from llmlora.client.synchronous import Client

__all__ = [
    "AsyncClient",
    "Client",
    "ClientError",
    "JobNotCompletedError",
    "PlatformUnreachableError",
    "TrainingMonitor",
    "TrainingOrchestrator",
    "WaitTimeoutError",
]
