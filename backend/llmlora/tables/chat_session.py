"""Conversations in the browser."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from llmlora.tables.labelled import Labelled


class ChatSessionRow(Labelled, table=True):
    """One conversation with one or two models side by side. `models` lists their names, `settings` the sampling."""

    __tablename__ = "chat_session"

    id: str = Field(primary_key=True, max_length=64)
    title: str = Field(sa_column=Column(Text, nullable=False))
    system: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    models: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    settings: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    updated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
