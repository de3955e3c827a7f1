"""Which job waits for which."""

from sqlalchemy import Column, ForeignKey, String
from sqlmodel import Field, SQLModel


class JobDependencyRow(SQLModel, table=True):
    """`job_id` stays pending until `depends_on` is completed."""

    __tablename__ = "job_dependency"

    job_id: str = Field(
        sa_column=Column(String(64), ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    )
    depends_on: str = Field(
        sa_column=Column(String(64), ForeignKey("job.id", ondelete="CASCADE"), primary_key=True, index=True)
    )
