"""Needs: who is to read, or serves from, what must therefore stay."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, text
from sqlmodel import Field, SQLModel

_NEEDERS = ("job_id", "deployment_id", "base_model_id")
_NEEDED = ("needed_job_id", "needed_dataset_id", "needed_base_model_id")


def _key(table: str, ondelete: str) -> "Column[str | None]":
    return Column(String(64), ForeignKey(f"{table}.id", ondelete=ondelete), nullable=True)


class NeedRow(SQLModel, table=True):
    """One of `job_id` (that has not ended), `deployment_id` (that was not rejected), `base_model_id` (whose files lie in a
    job's or in another model's) needs one of the others.

    Written by the triggers of migration 0010 alone, from the rows of those who need: nobody can forget to. While a row
    stands, the database refuses to delete what is needed, whoever asks.
    """

    __tablename__ = "need"
    __table_args__ = (
        CheckConstraint(f"num_nonnulls({', '.join(_NEEDERS)}) = 1", name="need_needer_check"),
        CheckConstraint(f"num_nonnulls({', '.join(_NEEDED)}) = 1", name="need_needed_check"),
        *(
            Index(f"ix_need_{name}", name, postgresql_where=text(f"{name} IS NOT NULL"))
            for name in (*_NEEDERS, *_NEEDED)
        ),
    )

    id: str = Field(
        sa_column=Column(String(64), primary_key=True, server_default=text("gen_random_uuid()::text"))
    )
    job_id: str | None = Field(default=None, sa_column=_key("job", "CASCADE"))
    deployment_id: str | None = Field(default=None, sa_column=_key("deployment", "CASCADE"))
    base_model_id: str | None = Field(default=None, sa_column=_key("base_model", "CASCADE"))
    needed_job_id: str | None = Field(default=None, sa_column=_key("job", "RESTRICT"))
    needed_dataset_id: str | None = Field(default=None, sa_column=_key("dataset", "RESTRICT"))
    needed_base_model_id: str | None = Field(default=None, sa_column=_key("base_model", "RESTRICT"))
