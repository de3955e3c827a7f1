"""The types that AIVA's modules share: the states of a job and its events, as llmlora has them."""

from llmlora.contracts.events import JobEvent as AivaMessage
from llmlora.contracts.states import JobState as TaskStatus

__all__ = ["AivaMessage", "TaskStatus"]
