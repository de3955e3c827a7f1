"""Backups that were made of this installation."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, Text
from sqlmodel import Field, SQLModel


class BackupRow(SQLModel, table=True):
    """One backup that was finished. `file` is where it was written; it may have been moved since."""

    __tablename__ = "backup"

    id: str = Field(primary_key=True, max_length=64)
    file: str = Field(sa_column=Column(Text, nullable=False))
    size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    made_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
    """Of the moment that it holds."""
