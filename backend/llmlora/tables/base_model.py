"""Base models: exactly one set of weights each."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from llmlora.tables.labelled import Labelled


class BaseModelRow(Labelled, table=True):
    """One base model, found again by `reference` (as the user wrote it, revision resolved) and by its digest."""

    __tablename__ = "base_model"

    id: str = Field(primary_key=True, max_length=64)
    reference: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    source: str = Field(max_length=16)
    revision: str | None = Field(default=None, max_length=128)
    path: str = Field(sa_column=Column(Text, nullable=False))
    gguf_path: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    architecture: str = Field(max_length=128)
    parameters: int = Field(sa_column=Column(BigInteger, nullable=False))
    context_length: int = Field(sa_column=Column(BigInteger, nullable=False))
    licence: str | None = Field(default=None, max_length=128)
    weights_digest: str = Field(max_length=64)
    tokenizer_hash: str = Field(max_length=64)
    template_hash: str | None = Field(default=None, max_length=64)
    size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    facts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
