"""What goes over the wire about base models."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict


class BaseModelOut(BaseModel):
    """A base model. `state` is `available` for a bundled one before its first use; then most of the rest is null.
    `tasks`: what it can learn, as a recipe's inputs name them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str | None
    reference: str
    state: Literal["registered", "available"]
    source: str
    revision: str | None
    architecture: str | None
    model_type: str | None
    tasks: list[str]
    parameters: int | None
    context_length: int | None
    vocab_size: int | None
    dtype: str | None
    eos_token: str | None
    linear_layers: dict[str, int] | None
    licence: str | None
    weights_digest: str | None
    tokenizer_hash: str | None
    template_hash: str | None
    size_bytes: int | None
    path: str | None
    gguf_path: str | None
    gguf_sha256: str | None
    quantisation: str | None
    """Number format of the GGUF that the weights were taken from; what it rounded away cannot be trained back."""
    ignored_files: list[str]
    tags: list[str]
    note: str
    created_at: datetime | None


class ListedBaseModel(BaseModelOut):
    """A base model of a list. `deployments`: how many tuned models were made of it."""

    deployments: int
