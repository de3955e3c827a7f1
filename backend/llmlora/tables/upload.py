"""Uploads in pieces (tus 1.0): how far each has come."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class UploadRow(SQLModel, table=True):
    """One upload. Its bytes lie in `uploads/<id>` below the data root; the file's size is the offset."""

    __tablename__ = "upload"

    id: str = Field(primary_key=True, max_length=64)
    file_name: str = Field(sa_column=Column(Text, nullable=False))
    size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    sha256: str | None = Field(default=None, max_length=64)
    """What the client says the whole has to be."""
    facts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
