"""What people collect: data sets, jobs, base models, deployments and chats, each with what it is called by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import col

from llmlora.recipes import RECIPES
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.chat_session import ChatSessionRow
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow
from llmlora.tables.labelled import Labelled

ThingKind = Literal["dataset", "job", "base_model", "deployment", "chat"]


@dataclass(frozen=True)
class Thing:
    """One kind of them.

    `named_by`: the column of its name; `moved_at`: of the time by which lists order it. `is_address`: whether others
    find a row by its name, so that it is for nobody to change.
    """

    table: type[Labelled]
    words: tuple[str, str]
    named_by: str = "name"
    moved_at: str = "created_at"
    is_address: Callable[[Any], bool] = lambda _row: False

    def column(self, name: str) -> Mapped[Any]:
        """A column that the tables of all kinds have, or one of the two that are named here."""
        return col(cast(Any, getattr(self.table, name)))

    @property
    def name(self) -> Mapped[Any]:
        """What it is called."""
        return self.column(self.named_by)


def _names_a_model(job: JobRow) -> bool:
    recipe = RECIPES.get(job.recipe)
    return recipe is not None and recipe.deploys is not None


THINGS: Mapping[ThingKind, Thing] = {
    "dataset": Thing(DatasetRow, ("データ", "data set")),
    # A job that deploys gives its model its own name, and is found by it.
    "job": Thing(JobRow, ("ジョブ", "job"), is_address=_names_a_model),
    # Jobs, commands and files of settings name it by its reference, which says where its weights are from.
    "base_model": Thing(
        BaseModelRow, ("ベースモデル", "base model"), named_by="reference", is_address=lambda _row: True
    ),
    # `/v1/models`, conversations and Ollama name it.
    "deployment": Thing(
        DeploymentRow, ("デプロイしたモデル", "deployed model"), is_address=lambda _row: True
    ),
    "chat": Thing(ChatSessionRow, ("会話", "chat"), named_by="title", moved_at="updated_at"),
}


def tagged(kind: ThingKind, tag: str | None) -> list[ColumnElement[bool]]:
    """The condition that rows of a kind have a tag; none where no tag is asked for."""
    return [] if tag is None else [THINGS[kind].column("tags").contains([tag])]
