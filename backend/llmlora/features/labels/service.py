"""Names, tags and notes: changed one by one, under the lock of what they stand on."""

import unicodedata
from collections.abc import Collection, Iterable
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.features.labels import repository
from llmlora.features.labels.errors import NameFixedError, ThingNotFoundError, TooManyTagsError
from llmlora.features.labels.schemas import LabelOut, LabelPatch, TagUse
from llmlora.features.labels.things import THINGS, ThingKind
from llmlora.kit.db import or_refuse

TAGS_LIMIT = 20
TAGS_LISTED = 1000


async def change_label(session: AsyncSession, kind: ThingKind, id_: str, given: LabelPatch) -> LabelOut:
    """Change what `given` sets.

    Raises:
        ThingNotFoundError: there is none with that id.
        NameFixedError: others find it by its name.
        TooManyTagsError: it would have more tags than may be.
    """
    thing = THINGS[kind]
    row = or_refuse(await repository.lock(session, kind, id_), ThingNotFoundError, what=thing.words, id=id_)
    name = cast(str, getattr(row, thing.named_by))
    if given.name is not None and given.name != name:
        if thing.is_address(row):
            raise NameFixedError(what=thing.words, name=name)
        setattr(row, thing.named_by, given.name)
    if given.note is not None:
        row.note = given.note
    tags = _changed(row.tags, given)
    if len(tags) > max(TAGS_LIMIT, len(row.tags)):
        raise TooManyTagsError(name=name, limit=TAGS_LIMIT)
    row.tags = tags
    await session.flush()
    return LabelOut(kind=kind, id=id_, name=getattr(row, thing.named_by), tags=row.tags, note=row.note)


async def list_tags(session: AsyncSession, kinds: Collection[ThingKind]) -> list[TagUse]:
    """The tags in use on things of these kinds, in the order of their letters (the 1000 most used)."""
    uses = dict[str, dict[ThingKind, int]]()
    for tag, kind, count in await repository.count_tags(session, kinds, TAGS_LISTED):
        uses.setdefault(tag, {})[kind] = count
    return [TagUse(tag=tag, uses=uses[tag]) for tag in sorted(uses, key=_folded)]


def _changed(tags: Iterable[str], given: LabelPatch) -> list[str]:
    """The tags after the change: one that differs only in case or width from one that is there is the same."""
    gone = {_folded(tag) for tag in given.remove_tags}
    kept = {_folded(tag): tag for tag in tags if _folded(tag) not in gone}
    for tag in given.add_tags:
        kept.setdefault(_folded(tag), tag)
    return list(kept.values())


def _folded(tag: str) -> str:
    return unicodedata.normalize("NFKC", tag).casefold()
