"""What has been done in a course: kept, though what showed it may be deleted later."""

from datetime import datetime

from sqlalchemy import Column, DateTime
from sqlmodel import Field, SQLModel


class CourseTickRow(SQLModel, table=True):
    """One goal of one course that is reached. `by`: `seen` in the rows of other tables, or `hand`: the learner says so."""

    __tablename__ = "course_tick"

    course: str = Field(primary_key=True, max_length=64)
    goal: str = Field(primary_key=True, max_length=64)
    by: str = Field(max_length=8)
    ticked_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
