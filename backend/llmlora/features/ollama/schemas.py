"""What goes over the wire about Ollama's models."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from llmlora.inference.ollama.connection import OllamaStatus


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OllamaBase(_Shape):
    """Whether one can train on the very weights. `reference`: how a job names them; null where they are out of reach."""

    reference: str | None
    reason_ja: str | None
    reason_en: str | None


class OllamaModelOut(_Shape):
    """A model that Ollama has. `deployment_id`: it was registered by this studio; `seal`: what it is made of.

    `is_changed`: it was registered by this studio, and the name stands for something else since.
    """

    name: str
    digest: str
    size_bytes: int
    modified_at: datetime | None
    family: str | None
    parameter_size: str | None
    quantisation: str | None
    context_length: int | None
    base: OllamaBase
    deployment_id: str | None
    seal: dict[str, Any] | None
    is_changed: bool


class OllamaModelsOut(_Shape):
    """Everything Ollama has, newest first; `data` is empty while it does not run."""

    ollama: OllamaStatus
    data: list[OllamaModelOut]
    size_bytes: int


class OllamaCheckOut(_Shape):
    """Whether Ollama has a model. `name`: in full; `pull_job_id`: a job is getting it now."""

    name: str
    installed: bool
    model: OllamaModelOut | None
    pull_job_id: str | None


class OllamaDetailsOut(_Shape):
    """What Ollama tells about one model. Digests are sha256 of the weights and the adapters."""

    name: str
    template: str
    system: str
    parameters: dict[str, list[str]]
    licence: str
    capabilities: list[str]
    architecture: str | None
    context_length: int | None
    family: str | None
    parameter_size: str | None
    quantisation: str | None
    model_digest: str | None
    adapter_digests: list[str]
