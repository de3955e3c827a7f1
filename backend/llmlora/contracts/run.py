"""What one run of a recipe is told (`RunSpec`) and given (`Context`)."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from llmlora.contracts.dataset import DatasetKind
from llmlora.contracts.events import ArtifactKind, EventBody
from llmlora.kit.errors import InvalidInputError

ENDPOINT_KEY_VARIABLE = "LLMLORA_ENDPOINT_KEY"
"""The key of a run's endpoint travels by the environment: `spec.json` holds no secret."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DatasetInput(_Frozen):
    """A dataset's canonical Parquet."""

    type: Literal["dataset"] = "dataset"
    id: str
    kind: DatasetKind
    path: Path
    sha256: str
    rows: int


class BaseModelInput(_Frozen):
    """Exactly one set of weights. `path` is a safetensors directory; `gguf` the file llama.cpp serves, if one exists."""

    type: Literal["base_model"] = "base_model"
    id: str
    reference: str
    path: Path
    weights_digest: str
    tokenizer_hash: str
    template_hash: str | None
    config_hash: str | None = None
    """Of the settings beside weights, vocabulary and template; None in the files of runs from before it was known."""
    gguf: Path | None = None
    licence: str | None = None

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

    type: Literal["file"] = "file"
    path: Path
    sha256: str


class EndpointInput(_Frozen):
    """A running inference server. `model` is the name requests carry; `adapter_index` its slot (None: base only).

    `ends`: texts of reserved tokens that end an answer, beside those the engine knows by itself.
    """

    type: Literal["endpoint"] = "endpoint"
    engine: str
    base_url: str
    api_key: str | None = None
    model: str
    adapter_index: int | None = None
    ends: tuple[str, ...] = ()


RunInput = Annotated[DatasetInput | BaseModelInput | FileInput | EndpointInput, Field(discriminator="type")]
"""What a run is given under one name."""
_Given = TypeVar("_Given", DatasetInput, BaseModelInput, FileInput, EndpointInput)
# What an input was by its name alone, in the `spec.json` of runs from before references had a type.
_TYPES_BEFORE = {"dataset": "dataset", "base_model": "base_model", "endpoint": "endpoint"}


class RunInputNotGivenError(InvalidInputError):
    """The recipe reads an input that its run was not given, or that is of another sort."""

    code = "run_input_not_given"
    ja = "入力 {name} がありません。{name} に{kind}を指定してください。"
    en = "The input {name} is missing. Give {kind} as {name}."


class RunInputs(BaseModel):
    """What the run reads, by the names of its recipe's inputs. None is the same as not given."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, RunInput]

    @model_validator(mode="before")
    @classmethod
    def _as_given(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        return {name: _typed(name, value) for name, value in given.items() if value is not None}

    def __contains__(self, name: str) -> bool:
        return name in self.__pydantic_extra__

    def dataset(self, name: str = "dataset") -> DatasetInput:
        """The data set of that name.

        Raises:
            RunInputNotGivenError: there is none.
        """
        return self._given(name, DatasetInput, ("データ", "a data set"))

    def base_model(self, name: str = "base_model") -> BaseModelInput:
        """The base model of that name.

        Raises:
            RunInputNotGivenError: there is none.
        """
        return self._given(name, BaseModelInput, ("ベースモデル", "a base model"))

    def file(self, name: str) -> FileInput:
        """The file or directory of that name.

        Raises:
            RunInputNotGivenError: there is none.
        """
        return self._given(name, FileInput, ("ファイル", "a file"))

    def endpoint(self, name: str = "endpoint") -> EndpointInput:
        """The running inference server of that name.

        Raises:
            RunInputNotGivenError: there is none.
        """
        return self._given(name, EndpointInput, ("推論サーバー", "a running inference server"))

    def also(self, **more: RunInput | None) -> "RunInputs":
        """These, and more."""
        return RunInputs(**{**self.__pydantic_extra__, **more})

    def _given(self, name: str, kind: type[_Given], words: tuple[str, str]) -> _Given:
        found = self.__pydantic_extra__.get(name)
        if not isinstance(found, kind):
            raise RunInputNotGivenError(name=name, kind=words)
        return found


def _typed(name: str, value: Any) -> Any:
    is_of_before = isinstance(value, dict) and "type" not in value
    return {**value, "type": _TYPES_BEFORE.get(name, "file")} if is_of_before else value


class Resources(_Frozen):
    """What the run may use: `cores` at most (None: all that it is allowed), of which it finds out how many threads pay;
    `threads` exactly, where somebody asked for a number."""

    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    cores: int | None = Field(default=None, ge=1, le=4096)
    threads: int | None = Field(default=None, ge=1, le=1024)


class PlannedRun(_Frozen):
    """A job that waits for a run."""

    recipe: str
    config: dict[str, JsonValue]


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
    followers: tuple[PlannedRun, ...] = ()
    """What waits for this run: a recipe that trains refuses before its first step what cannot follow."""

    @model_validator(mode="before")
    @classmethod
    def _of_any_age(cls, given: Any) -> Any:
        """Files of runs from before `followers` tell of exports alone, which nobody rehearses again."""
        return {k: v for k, v in given.items() if k != "exports"} if isinstance(given, dict) else given


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
