"""Training by a running llmlora, under the names that AIVA Core gives it."""

from llmlora.client.monitoring import TrainingMonitor
from llmlora.client.orchestration import TrainingOrchestrator

__all__ = ["TrainingMonitor", "TrainingOrchestrator"]
