"""One search over all that people collect."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.features.labels.things import ThingKind
from llmlora.features.search import repository
from llmlora.features.search.marking import Mark, excerpt_of, marks_of
from llmlora.features.search.repository import Found
from llmlora.features.search.schemas import ExcerptOut, FoundOut, MarkOut, SearchOut

WORDS_READ = 8


async def search(session: AsyncSession, q: str, kinds: Sequence[ThingKind], limit: int) -> SearchOut:
    """What has all the words of `q` (the first 8), at most `limit` of each kind; nothing where there is no word."""
    words = q.split()[:WORDS_READ]
    data, more = list[FoundOut](), list[ThingKind]()
    for kind in kinds if words else ():
        found = await repository.find_things(session, kind, words, limit + 1)
        if kind == "chat" and len(found) <= limit:
            left = limit + 1 - len(found)
            named = [one.id for one in found]
            found += await repository.find_chats_by_messages(session, words, left, named)
        data += [_as_out(kind, one, words) for one in found[:limit]]
        if len(found) > limit:
            more.append(kind)
    return SearchOut(data=data, more=more)


def _as_out(kind: ThingKind, found: Found, words: Sequence[str]) -> FoundOut:
    return FoundOut(
        kind=kind,
        id=found.id,
        name=found.name,
        marks=_marks(marks_of(found.name, words)),
        tags=found.tags,
        state=found.state,
        at=found.at,
        excerpt=_excerpt(found, words),
    )


def _excerpt(found: Found, words: Sequence[str]) -> ExcerptOut | None:
    """The first of tags, note and message that has a word which the name has not."""
    missing = [word for word in words if not marks_of(found.name, [word])]
    if not missing:
        return None
    for tag in found.tags:
        if marks := marks_of(tag, missing):
            return ExcerptOut(of="tag", text=tag, marks=_marks(marks))
    text, marks = excerpt_of(found.message or found.note, missing)
    return ExcerptOut(of="message" if found.message else "note", text=text, marks=_marks(marks))


def _marks(marks: Sequence[Mark]) -> list[MarkOut]:
    return [MarkOut(start=start, end=end) for start, end in marks]
