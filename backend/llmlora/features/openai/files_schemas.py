"""Files in OpenAI's own shapes."""

from typing import Annotated, Generic, Literal, Protocol, TypeVar

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict

T = TypeVar("T")

FILE_PREFIX = "file-"
"""A file's id is this and the id of its dataset."""

FileId = Annotated[str, Path(pattern=r"^[\w-]{1,80}$", description="`file-…`, as the upload answered.")]
AfterId = Annotated[
    str | None, Query(max_length=200, pattern=r"^[\w-]*$", description="Id of the last entry seen.")
]


class ListOf(BaseModel, Generic[T]):
    """One page of OpenAI's lists; the next one begins `after` the last id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    object: Literal["list"]
    data: list[T]
    first_id: str | None
    last_id: str | None
    has_more: bool


class FileObject(BaseModel):
    """A file of training data: one of our datasets."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    object: Literal["file"]
    bytes: int
    created_at: int
    expires_at: int | None
    filename: str
    purpose: Literal["fine-tune"]
    status: Literal["processed"]
    status_details: str | None


class FileDeleted(BaseModel):
    """What is left of a deleted file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    object: Literal["file"]
    deleted: Literal[True]


class _Named(Protocol):
    @property
    def id(self) -> str:
        """What `after` names."""


Entry = TypeVar("Entry", bound=_Named)


def list_of(data: list[Entry], *, more: bool) -> "ListOf[Entry]":
    """A page of entries."""
    first, last = (data[0].id, data[-1].id) if data else (None, None)
    return ListOf(object="list", data=data, first_id=first, last_id=last, has_more=more)


def file_id_of(dataset_id: str) -> str:
    """`ds_…` → `file-ds_…`."""
    return f"{FILE_PREFIX}{dataset_id}"


def dataset_id_of(file_id: str) -> str | None:
    """`file-ds_…` → `ds_…`; None: no id of ours."""
    return file_id.removeprefix(FILE_PREFIX) if file_id.startswith(FILE_PREFIX) else None
