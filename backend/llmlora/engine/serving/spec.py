"""What one inference server serves, and how much it may take."""

from pathlib import Path
from typing import Protocol, Self

from pydantic import BaseModel, ConfigDict, Field

from llmlora.contracts.run import EndpointInput
from llmlora.data.chat_files import CONFIG_NAME

API_KEY_VARIABLE = "LLMLORA_SERVER_API_KEY"


class AdapterFile(BaseModel):
    """A LoRA in GGUF; its place in the spec's list is the number requests choose it by."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    path: Path
    sha256: str | None = None


class Served(BaseModel):
    """What every server is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model_name: str = Field(default="llmlora", pattern=r"^[\w.:/@-]+$")
    threads: int | None = Field(default=None, ge=1, le=1024)
    """None: the physical cores this process may use."""
    memory_limit_bytes: int | None = Field(default=None, ge=1)
    """Resident size (mapped weights included) beyond which the server is restarted."""
    port: int | None = Field(default=None, ge=1, le=65_535)
    """None: any free port."""


class LlamaCppSpec(Served):
    """One base model and any number of adapters beside it."""

    gguf: Path
    adapters: tuple[AdapterFile, ...] = ()
    n_ctx: int = Field(default=2048, ge=64, le=1_048_576)
    """Tokens of one conversation."""
    parallel: int = Field(default=1, ge=1, le=64)
    idle_s: int | None = Field(default=None, ge=1)
    """Seconds without a request after which the model leaves memory; the next request loads it again."""
    tokenizer: Path | None = None
    """The directory whose chat template and end of turn count, whatever the GGUF says; None: the GGUF's own."""
    chat_template: Path | None = None
    """A Jinja file that replaces the template of `tokenizer`, or of the GGUF."""

    @property
    def engine(self) -> str:
        """What people call the program that serves it."""
        return "llama.cpp"

    @property
    def weights(self) -> Path:
        """The file that it is known by."""
        return self.gguf

    @property
    def adapter_names(self) -> tuple[str, ...]:
        """The adapters beside the model."""
        return tuple(one.name for one in self.adapters)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that is read: another one in its place is another model."""
        return (
            self.gguf,
            *(a.path for a in self.adapters),
            *((self.chat_template,) if self.chat_template else ()),
            *((self.tokenizer / CONFIG_NAME,) if self.tokenizer else ()),
        )

    def absolute(self) -> Self:
        """The same for a process with another working directory."""
        changes = {
            "gguf": self.gguf.absolute(),
            "adapters": tuple(a.model_copy(update={"path": a.path.absolute()}) for a in self.adapters),
            "tokenizer": self.tokenizer.absolute() if self.tokenizer else None,
            "chat_template": self.chat_template.absolute() if self.chat_template else None,
        }
        return self.model_copy(update=changes)


class OnnxSpec(Served):
    """A model that predicts: a directory that an export has made, whole (`data.predictor_files`)."""

    onnx: Path

    @property
    def engine(self) -> str:
        """What people call the program that serves it."""
        return "ONNX Runtime"

    @property
    def weights(self) -> Path:
        """The directory that it is known by."""
        return self.onnx

    @property
    def adapter_names(self) -> tuple[str, ...]:
        """Adapters are merged before an export."""
        return ()

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that is read: another one in its place is another model."""
        return tuple(sorted(self.onnx.iterdir())) if self.onnx.is_dir() else (self.onnx,)

    def absolute(self) -> Self:
        """The same for a process with another working directory."""
        return self.model_copy(update={"onnx": self.onnx.absolute()})


ServerSpec = LlamaCppSpec | OnnxSpec


class EndpointSource(Protocol):
    """Where running servers come from: a pool in this process, or the inference process over HTTP."""

    async def endpoint(self, spec: ServerSpec) -> EndpointInput:
        """An endpoint that serves exactly `spec`, started if need be; good for at least a minute of idleness.

        Raises:
            AppError: as `engine.serving.servers.running_server`; UnavailableError where no inference process runs.
        """
