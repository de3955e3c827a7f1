"""Names, tags and notes on the wire."""

import re
import unicodedata
from typing import Annotated, Self

from fastapi import Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from llmlora.features.labels.things import ThingKind
from llmlora.kit.typed import Typed
from llmlora.kit.validation import goes_not_together, not_taken

NAME_CHARACTERS = 200
TAG_CHARACTERS = 40
NOTE_CHARACTERS = 4000
CHANGED_TAGS = 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise not_taken(ja="改行や制御文字を除いてください", en="must be one line without control characters")
    return unicodedata.normalize("NFC", text)


def _without_comma(tag: str) -> str:
    if "," in tag:
        raise not_taken(ja="コンマを除いてください", en="must not have a comma")
    return tag


def _text(limit: int, at_least: int = 1) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=at_least, max_length=limit)


Tag = Annotated[str, _text(TAG_CHARACTERS), AfterValidator(_one_line), AfterValidator(_without_comma)]
TagFilter = Annotated[
    str | None,
    Query(max_length=TAG_CHARACTERS, pattern=r"^[^\x00]*$", description="Only those with this tag."),
]


class LabelPatch(Typed):
    """What changes; what is left out stays. Tags are added and taken away one by one, so that nobody undoes another's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, _text(NAME_CHARACTERS), AfterValidator(_one_line)] | None = None
    note: Annotated[str, _text(NOTE_CHARACTERS, 0), StringConstraints(pattern=r"^[^\x00]*$")] | None = None
    add_tags: list[Tag] = Field(default=[], max_length=CHANGED_TAGS)
    remove_tags: list[Tag] = Field(default=[], max_length=CHANGED_TAGS)

    @model_validator(mode="after")
    def _decided(self) -> Self:
        for tag in set(self.add_tags) & set(self.remove_tags):
            raise goes_not_together(
                "remove_tags",
                ja=f"{tag} は add_tags にもあります。どちらか一方だけにしてください",
                en=f"has {tag}, which is also in add_tags; name it once",
            )
        return self


class LabelOut(BaseModel):
    """What a thing is called, its tags and its note."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ThingKind
    id: str
    name: str
    tags: list[str]
    note: str


class TagUse(BaseModel):
    """A tag and how many things have it, by their kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tag: str
    uses: dict[ThingKind, int]


class TagList(BaseModel):
    """Tags in use, in the order of their letters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: list[TagUse]
