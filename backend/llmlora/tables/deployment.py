"""Deployments: an adapter (or a base model) made available under a name, and the gates it passed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from llmlora.tables.labelled import Labelled


def _key(table: str) -> "Column[str | None]":
    """What is deleted is named no more; the table `need` lets nothing go but from one that was rejected."""
    return Column(String(64), ForeignKey(f"{table}.id", ondelete="SET NULL"), nullable=True, index=True)


class DeploymentRow(Labelled, table=True):
    """One deployment. `state`: `checking` while its gates run, `ready` when they are green, `rejected` when red.

    `files` holds everything that serves it, by target: `DeployedFiles` or `RegisteredTag` of
    `features.deployments.schemas`.
    """

    __tablename__ = "deployment"
    __table_args__ = (
        Index("ix_deployment_ready_name", "name", unique=True, postgresql_where=text("state = 'ready'")),
    )

    id: str = Field(primary_key=True, max_length=64)
    name: str = Field(sa_column=Column(Text, nullable=False, index=True))
    """What `/v1/models` lists, e.g. `ft:smollm2-135m-instruct:llmlora:faq:8f3a`. One that is ready has it alone."""
    target: str = Field(max_length=16)
    state: str = Field(max_length=16)
    job_id: str | None = Field(default=None, sa_column=_key("job"))
    """The job that made and checked it."""
    training_job_id: str | None = Field(default=None, sa_column=_key("job"))
    base_model_id: str | None = Field(default=None, sa_column=_key("base_model"))
    files: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    gates: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ready_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
