"""Secrets that were given in the pages, sealed (`kit.sealing`): without the key file of the data directory nobody reads them."""

from datetime import datetime

from sqlalchemy import Column, DateTime, Text
from sqlmodel import Field, SQLModel


class SecretRow(SQLModel, table=True):
    """One secret by its name."""

    __tablename__ = "secret"

    name: str = Field(primary_key=True, max_length=64)
    sealed: str = Field(sa_column=Column(Text, nullable=False))
    set_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
