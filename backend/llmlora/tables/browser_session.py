"""Browsers that have shown the token. What they show from then on is stored as its hash alone."""

from datetime import datetime

from sqlalchemy import Column, DateTime, LargeBinary
from sqlmodel import Field, SQLModel


class BrowserSessionRow(SQLModel, table=True):
    """One signed-in browser. `token_mark`: of which token, so that another one ends it."""

    __tablename__ = "browser_session"

    secret_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    token_mark: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
