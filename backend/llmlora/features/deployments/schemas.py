"""What goes over the wire about deployments, and what a deployment's row keeps of its files."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from llmlora.contracts.prediction import ColumnField, InputType, LabelScore, PredictionTask
from llmlora.kit.web.pages import Page

DeploymentState = Literal["checking", "ready", "rejected", "changed", "gone"]
CHECKING, READY, REJECTED = "checking", "ready", "rejected"
Part = Literal["weights", "adapter", "settings", "file", "unknown"]


class _TargetName:
    """A name of the registry of targets, which the schema lists."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler(str)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        from llmlora.features.deployments.targets import TARGETS

        return {"type": "string", "enum": list(TARGETS)}


Target = Annotated[str, _TargetName]


class FilePrint(BaseModel):
    """A file as it was when the gates asked what it serves. `sha256` null: nobody has told it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size_bytes: int
    mtime_ns: int
    sha256: str | None


class Deviation(BaseModel):
    """What has become of a deployment that was proved: changed outside, or gone. `parts`: what differs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Literal["changed", "gone"]
    parts: tuple[Part, ...]
    code: str
    ja: str
    en: str


class DeployedFiles(BaseModel):
    """Everything that serves a deployment. Paths are relative to the data root, or absolute.

    `base_quantisation` is `trained_gguf` where the very file is served that was trained on, else the export's outtype.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_gguf: str
    base_quantisation: str
    adapter_gguf: str | None
    adapter_sha256: str | None
    chat_template: str | None
    """A Jinja file that replaces the template inside the GGUF."""
    adapter_dir: str | None
    """The `final_model` directory that the adapter was made from."""
    n_ctx: int = Field(ge=64, le=1_048_576)
    """Tokens of one conversation."""
    prints: dict[str, FilePrint] = {}
    """By path, how the served files were when they were proved; empty for deployments of releases that kept none."""

    @property
    def served(self) -> tuple[str, ...]:
        """Every path that is read while it answers."""
        paths = (self.base_gguf, self.adapter_gguf, self.chat_template, self.adapter_dir)
        return tuple(path for path in paths if path is not None)


class DeployedPredictor(BaseModel):
    """A model that predicts, exported to a directory. `model_sha256` names it and, by its metadata, labels and how it reads.
    `columns` and `target`: of a model of tables, what it reads and what it predicts.
    `prints`: by path, how the files were when they were proved."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    onnx: str
    model_sha256: str
    input: InputType
    task: PredictionTask
    labels: tuple[str, ...]
    max_length: int
    columns: tuple[ColumnField, ...] = ()
    target: str = ""
    prints: dict[str, FilePrint]

    @property
    def served(self) -> tuple[str, ...]:
        """Every path that is read while it answers."""
        return tuple(self.prints)


class RegisteredTag(BaseModel):
    """A model that Ollama holds. `seal`: what it is made of, by digest; null until its job has ended well.

    `route` is `auto` until it is known what the server took.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tag: str
    route: Literal["auto", "adapter", "merged"]
    quantize: str
    num_ctx: int
    seal: dict[str, Any] | None = None


class DeploymentOut(BaseModel):
    """A deployment: `files` that llama.cpp serves, a `tag` in Ollama, or a `predictor` that ONNX Runtime serves.

    `gates` null: not checked yet; `base_reference` null: its base model is no longer registered. `changed` and `gone` are
    those that were ready and are no longer what was proved; `deviation` says what happened.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    target: Target
    state: DeploymentState
    job_id: str | None
    training_job_id: str | None
    base_model_id: str | None
    base_reference: str | None
    files: DeployedFiles | None
    tag: RegisteredTag | None
    predictor: DeployedPredictor | None = None
    gates: dict[str, Any] | None
    tags: list[str]
    note: str
    created_at: datetime
    ready_at: datetime | None
    deviation: Deviation | None = None


class PredictedItem(BaseModel):
    """What a model says of one item: labels with their shares, the likeliest first, or a `number`. `is_cut`: it was longer than
    the model reads; `tokens`: those that it has read of a text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: tuple[LabelScore, ...]
    tokens: int
    is_cut: bool
    number: float | None = None


class PredictionOut(BaseModel):
    """Outcomes in the order of the items. `model_sha256`: of the file that has answered; `model_ms`: its time alone;
    `total_ms`: until the answer was there, a session that had to start included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    deployment_id: str
    name: str
    model_sha256: str
    task: PredictionTask
    data: list[PredictedItem]
    model_ms: float
    total_ms: float


class DeploymentList(Page[DeploymentOut]):
    """One page of the deployments. `total`: how many match, on all pages; changed and gone ones count as ready."""

    total: int
