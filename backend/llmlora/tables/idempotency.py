"""Answers to requests that carried an `Idempotency-Key`, kept for a day."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class IdempotencyRow(SQLModel, table=True):
    """One key on one route. `status` null: the first request with it has not ended."""

    __tablename__ = "idempotency"

    key: str = Field(primary_key=True, max_length=255)
    route: str = Field(primary_key=True, max_length=255)
    request_sha256: str = Field(max_length=64)
    status: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    headers: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    response: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
