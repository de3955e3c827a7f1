"""Datasets: immutable and named by their content."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from llmlora.tables.labelled import Labelled


class DatasetRow(Labelled, table=True):
    """One dataset. `mapping` and `report` are the JSON of `features.datasets.schemas`."""

    __tablename__ = "dataset"

    id: str = Field(primary_key=True, max_length=64)
    name: str = Field(sa_column=Column(Text, nullable=False))
    kind: str = Field(max_length=32, index=True)
    source_format: str = Field(max_length=16)
    encoding: str | None = Field(default=None, max_length=32)
    original_name: str = Field(sa_column=Column(Text, nullable=False))
    original_sha256: str = Field(max_length=64, index=True)
    original_size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    rows_sha256: str = Field(max_length=64)
    rows_read: int = Field(sa_column=Column(BigInteger, nullable=False))
    rows_kept: int = Field(sa_column=Column(BigInteger, nullable=False))
    mapping: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    report: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
