"""What a recipe declares (`RecipeSpec`), what one run of it is told (`RunSpec`) and given (`Context`)."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from llmlora.contracts.dataset import DatasetKind
from llmlora.contracts.events import ArtifactKind, EventBody
from llmlora.kit.isolate import filled
from llmlora.kit.typed import Typed

InputName = Literal["dataset", "base_model", "adapter", "adapter_gguf", "base_gguf", "endpoint"]
Lane = Literal["compute", "light", "waiting"]
"""Jobs that hold cores or an accelerator for long; short ones beside them; those that follow another server's work."""


@dataclass(frozen=True)
class Text:
    """The same words in both languages."""

    ja: str
    en: str

    def filled(self, **facts: object) -> "Text":
        """A template with its facts. One that has words of its own is a `Text`; names turn nothing of the sentence."""
        ja = {name: fact.ja if isinstance(fact, Text) else fact for name, fact in facts.items()}
        en = {name: fact.en if isinstance(fact, Text) else fact for name, fact in facts.items()}
        return Text(ja=filled(self.ja, ja), en=filled(self.en, en))


class RecipeConfig(Typed):
    """The settings of a recipe, each drawn by `setting()`."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class RecipeSpec:
    """A recipe's declaration. `inputs` are those it cannot run without; `trains` marks a gradient loop. `lane`: what its
    jobs take turns for; `resumable`: one that ended early goes on from a checkpoint, and only from there.
    `other_names`: what other programs call a setting, and its name here."""

    name: str
    title: Text
    summary: Text
    config: type[RecipeConfig]
    inputs: frozenset[InputName]
    dataset_kinds: frozenset[DatasetKind] = frozenset()
    artifacts: tuple[ArtifactKind, ...] = ()
    metrics: tuple[str, ...] = ()
    trains: bool = False
    lane: Lane = "light"
    resumable: bool = False
    gpu: Literal["no", "optional", "required"] = "no"
    other_names: Mapping[str, str] = field(default_factory=dict)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DatasetInput(_Frozen):
    """A dataset's canonical Parquet."""

    id: str
    kind: DatasetKind
    path: Path
    sha256: str
    rows: int


class BaseModelInput(_Frozen):
    """Exactly one set of weights. `path` is a safetensors directory; `gguf` the file llama.cpp serves, if one exists."""

    id: str
    reference: str
    path: Path
    weights_digest: str
    tokenizer_hash: str
    template_hash: str | None
    config_hash: str | None = None
    """Of the settings beside weights, vocabulary and template; None in the files of runs from before it was known."""
    gguf: Path | None = None

    @property
    def text_identity(self) -> str:
        """Names all that turns conversations into ids, whatever the weights."""
        parts = (self.tokenizer_hash, self.template_hash, self.config_hash)
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def identity(self) -> str:
        """Names all that a model consists of: what is made of one is not made of another."""
        return hashlib.sha256(f"{self.weights_digest}\0{self.text_identity}".encode()).hexdigest()


class FileInput(_Frozen):
    """A file or directory of an earlier job. `sha256` as in `events.Artifact`."""

    path: Path
    sha256: str


class EndpointInput(_Frozen):
    """A running inference server. `model` is the name requests carry; `adapter_index` its slot (None: base only).

    `ends`: texts of reserved tokens that end an answer, beside those the engine knows by itself.
    """

    engine: Literal["llama_cpp", "ollama"]
    base_url: str
    api_key: str | None = None
    model: str
    adapter_index: int | None = None
    ends: tuple[str, ...] = ()


class RunInputs(_Frozen):
    """What the run reads."""

    dataset: DatasetInput | None = None
    base_model: BaseModelInput | None = None
    adapter: FileInput | None = None
    adapter_gguf: FileInput | None = None
    base_gguf: FileInput | None = None
    endpoint: EndpointInput | None = None


class Resources(_Frozen):
    """What the run may use: `cores` at most (None: all that it is allowed), of which it finds out how many threads pay;
    `threads` exactly, where somebody asked for a number."""

    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    cores: int | None = Field(default=None, ge=1, le=4096)
    threads: int | None = Field(default=None, ge=1, le=1024)


class PlannedExport(_Frozen):
    """A GGUF that will be made of what a run makes, or of its base beside it."""

    target: Literal["adapter", "merged", "base"]
    outtype: str


class RunSpec(_Frozen):
    """`spec.json` of a run directory: all a child process is told. It holds no secret."""

    job_id: str
    epoch: int = Field(ge=1)
    recipe: str
    config: dict[str, JsonValue]
    inputs: RunInputs
    resources: Resources = Resources()
    data_dir: Path
    resume_from: Path | None = None
    """A checkpoint directory of an earlier epoch of the same job."""
    resume_else: tuple[Path, ...] = ()
    """Older ones, the newest first, for when the files of `resume_from` turn out to be broken."""
    exports: tuple[PlannedExport, ...] = ()
    """What waits for this run: a recipe that trains refuses before its first step what cannot be exported."""


class Context(Protocol):
    """What a recipe's `run(config, ctx)` is given."""

    spec: RunSpec
    run_dir: Path
    secrets: Mapping[str, str]
    """What only this run may know, by name; never to be written anywhere."""

    def emit(self, body: EventBody) -> None:
        """Write one numbered event."""

    def log(self, message: str, *, level: Literal["debug", "info", "warning", "error"] = "info") -> None:
        """Write one log line as an event."""

    def publish(
        self, kind: ArtifactKind, name: str, path: Path, facts: dict[str, JsonValue] | None = None
    ) -> None:
        """Hash what lies at `path` and emit it as an artifact."""

    @property
    def cancelled(self) -> bool:
        """True once SIGTERM was seen: save and return."""

    def without_interruption(self) -> AbstractContextManager[None]:
        """While the block runs SIGTERM does no more than set `cancelled`; elsewhere it raises `RunCancelledError`."""


class RunCancelledError(BaseException):
    """The run was asked to end: raised by a recipe that saw `ctx.cancelled`, after it saved what a resume needs, or by
    SIGTERM itself wherever a recipe is. Like `KeyboardInterrupt` it passes by those who handle any `Exception`.
    """


def setting(default: Any, *, ja: str, en: str, **bounds: Any) -> Any:
    """A field of a recipe's config: its default, its meaning in both languages, its bounds.

    The Japanese text travels in the JSON Schema as `description_ja`.
    """
    return Field(default, description=en, json_schema_extra={"description_ja": ja}, **bounds)
