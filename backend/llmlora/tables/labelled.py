"""What people put down about a thing, whatever it is: tags and a note."""

from sqlalchemy import Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel


class Labelled(SQLModel):
    """The columns of a table whose rows people keep in order. On a job that has ended they may change, as its name may."""

    tags: list[str] = Field(
        default_factory=list,
        sa_type=ARRAY(Text),
        nullable=False,
        sa_column_kwargs={"server_default": text("'{}'::text[]")},
    )
    note: str = Field(
        default="", sa_type=Text, nullable=False, sa_column_kwargs={"server_default": text("''")}
    )
