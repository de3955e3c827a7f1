"""The turns of a conversation."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Computed, DateTime, ForeignKey, Integer, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class ChatMessageRow(SQLModel, table=True):
    """One turn. A user's turn has `model` null; an answer names its model, so that two can stand side by side."""

    __tablename__ = "chat_message"

    id: str = Field(primary_key=True, max_length=64)
    session_id: str = Field(
        sa_column=Column(
            String(64), ForeignKey("chat_session.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    position: int = Field(sa_column=Column(Integer, nullable=False))
    """Turn number from 1; answers of several models to one turn share it."""
    role: str = Field(max_length=16)
    model: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    content: str = Field(sa_column=Column(Text, nullable=False))
    facts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    """Of an answer: finish_reason, counts of tokens, tokens_per_s, sampling."""
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


# As searches read it (`searchable` of migration 0011). No property: who reads turns does not read them twice.
SEARCHED: "Column[str]" = Column("searched", Text, Computed("searchable(content)", persisted=True))
SQLModel.metadata.tables["chat_message"].append_column(SEARCHED)
