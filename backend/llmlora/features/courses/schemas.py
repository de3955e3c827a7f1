"""What goes over the wire about courses."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from llmlora.features.courses.goals import GoalKind

Language = Literal["ja", "en"]
TickedBy = Literal["seen", "hand"]
PageName = Literal["add_data", "dataset", "new_training", "training", "comparison", "chat", "models"]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CourseOut(_Shape):
    """A course in one language, and how many of its goals are reached."""

    level: int
    language: Language
    title: str
    minutes: int = Field(description="How long it takes, as its first heading says.")
    audience: str
    goals_total: int
    goals_done: int


class SectionOut(_Shape):
    """A heading of the second order. `line` is its line in `text`; `anchor` is the same in both languages."""

    anchor: str
    title: str
    line: int


class SettingOut(_Shape):
    """A setting of a training or an export, as forms call it."""

    name: str
    title: str
    value: JsonValue


class GoalOut(_Shape):
    """What finishes a section.

    `words`: of a question its text, of data the name of the file, of a file the kind of artifact, by hand what the
    learner says to have done.
    """

    name: str
    anchor: str
    kind: GoalKind
    words: str
    settings: list[SettingOut]


class StepOut(_Shape):
    """A line of a `studio` block: what to do, by the labels that one sees. `page` and `file` can be linked to."""

    op: str
    line: int
    value: str


class CourseTextOut(CourseOut):
    """A course to read: its Markdown as it is written, its sections, goals and steps by the lines of that text.

    Of the HTML comments in `text` nothing is shown.
    """

    text: str
    sections: list[SectionOut]
    goals: list[GoalOut]
    steps: list[StepOut]


class LinkOut(_Shape):
    """A page, and what it shows: the learner's own data, training or model."""

    page: PageName
    dataset_id: str | None = None
    job_ids: list[str] = []
    model: str | None = None
    base: str | None = None


class GoalProgress(_Shape):
    """How it stands with one goal. `ticked_by` null: not reached. `at_work`: a job that will reach it has not ended."""

    name: str
    ticked_by: TickedBy | None
    ticked_at: datetime | None
    at_work: bool
    link: LinkOut | None


class CourseProgress(_Shape):
    """How far the learner is, by goal, in the order of the course."""

    level: int
    goals: list[GoalProgress]
