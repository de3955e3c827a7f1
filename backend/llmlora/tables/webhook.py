"""Webhooks: addresses that are told when a job ends."""

from datetime import datetime

from sqlalchemy import Boolean, Column, DateTime, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class WebhookRow(SQLModel, table=True):
    """One address. Its secret, where it signs, is kept sealed as the secret `webhook:<id>`, or stands in the settings."""

    __tablename__ = "webhook"

    id: str = Field(primary_key=True, max_length=40)
    url: str = Field(sa_column=Column(Text, nullable=False))
    shape: str = Field(sa_column=Column(String(16), nullable=False))
    language: str = Field(sa_column=Column(String(2), nullable=False))
    events: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    pages_url: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    """Where the links of its messages lead: the pages as whoever reads them reaches them."""
    is_signed: bool = Field(default=False, sa_column=Column(Boolean, nullable=False))
    enabled: bool = Field(default=True, sa_column=Column(Boolean, nullable=False))
    from_settings: bool = Field(default=False, sa_column=Column(Boolean, nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
