"""What goes over the wire about recipes."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from llmlora.contracts.dataset import DatasetKind
from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import InputName


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(_Shape):
    """The same words in both languages."""

    ja: str
    en: str


class RecipeOut(_Shape):
    """A recipe. `config_schema` is JSON Schema 2020-12; its properties carry `title`, `title_ja`, `description_ja`.

    `defaults` holds every setting that has one; those without have to be given.
    """

    name: str
    title: Words
    summary: Words
    inputs: list[InputName]
    dataset_kinds: list[DatasetKind]
    artifacts: list[ArtifactKind]
    metrics: list[str]
    gpu: Literal["no", "optional", "required"]
    trains: bool
    config_schema: dict[str, JsonValue]
    defaults: dict[str, JsonValue]
    required: list[str]
