"""What one llama.cpp server serves, and how much it may take."""

from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from llmlora.contracts.run import EndpointInput

API_KEY_VARIABLE = "LLMLORA_SERVER_API_KEY"


class AdapterFile(BaseModel):
    """A LoRA in GGUF; its place in the spec's list is the number requests choose it by."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    path: Path
    sha256: str | None = None


class LlamaCppSpec(BaseModel):
    """One base model and any number of adapters beside it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gguf: Path
    model_name: str = Field(default="llmlora", pattern=r"^[\w.:/@-]+$")
    adapters: tuple[AdapterFile, ...] = ()
    n_ctx: int = Field(default=2048, ge=64, le=1_048_576)
    """Tokens of one conversation."""
    parallel: int = Field(default=1, ge=1, le=64)
    threads: int | None = Field(default=None, ge=1, le=1024)
    """None: the physical cores this process may use."""
    idle_s: int | None = Field(default=None, ge=1)
    """Seconds without a request after which the model leaves memory; the next request loads it again."""
    tokenizer: Path | None = None
    """The directory whose chat template and end of turn count, whatever the GGUF says; None: the GGUF's own."""
    chat_template: Path | None = None
    """A Jinja file that replaces the template of `tokenizer`, or of the GGUF."""
    memory_limit_bytes: int | None = Field(default=None, ge=1)
    """Resident size (mapped weights included) beyond which the server is restarted."""
    port: int | None = Field(default=None, ge=1, le=65_535)
    """None: any free port."""


class EndpointSource(Protocol):
    """Where running servers come from: a pool in this process, or the inference process over HTTP."""

    async def endpoint(self, spec: LlamaCppSpec) -> EndpointInput:
        """An endpoint that serves exactly `spec`, started if need be; good for at least a minute of idleness.

        Raises:
            AppError: as `engine.serving.llama_cpp_server`; UnavailableError where no inference process runs.
        """
