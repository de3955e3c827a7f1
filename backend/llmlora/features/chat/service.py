"""Conversations: kept, listed, changed; questions added to them or asked anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.inference import ChatMessage
from llmlora.features.chat import repository
from llmlora.features.chat.errors import (
    ChatMessageNotFoundError,
    ChatSessionNotFoundError,
    QuestionReplacedError,
    SameModelTwiceError,
)
from llmlora.features.chat.models import ChatModel, resolve_model
from llmlora.features.chat.schemas import (
    MessageOut,
    QuestionAgainIn,
    QuestionIn,
    SamplingIn,
    SamplingOut,
    SessionIn,
    SessionOut,
    SessionPatch,
    SessionWithMessagesOut,
)
from llmlora.inference.ollama.connection import OllamaConnection
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database, or_refuse
from llmlora.kit.ids import new_id
from llmlora.tables.chat_message import ChatMessageRow
from llmlora.tables.chat_session import ChatSessionRow

TITLE_CHARACTERS = 60


@dataclass(frozen=True)
class Asked:
    """A question that is kept and waits for its answers. `prompts`: what each model is sent."""

    session_id: str
    question_id: str
    position: int
    models: tuple[ChatModel, ...]
    prompts: tuple[tuple[ChatMessage, ...], ...]
    sampling: SamplingIn


async def create_session(session: AsyncSession, given: SessionIn) -> SessionOut:
    """Begin a conversation.

    Raises:
        SameModelTwiceError: both models are the same.
    """
    _refuse_twins(given.models)
    now = utc_now()
    row = ChatSessionRow(
        id=new_id("chat"),
        title=given.title,
        system=given.system,
        models=given.models,
        settings=given.sampling.model_dump(mode="json"),
        created_at=now,
        updated_at=now,
    )
    await repository.insert(session, row)
    return _session_out(row)


async def list_sessions(
    session: AsyncSession, *, after: tuple[datetime, str] | None, limit: int, tag: str | None
) -> list[SessionOut]:
    """Conversations, the one used last first, from behind `after` (updated_at, id)."""
    rows = await repository.list_last_used_first(session, after=after, limit=limit, tag=tag)
    return [_session_out(row) for row in rows]


async def count_sessions(session: AsyncSession, *, tag: str | None) -> tuple[int, int]:
    """How many conversations there are with that tag, and how many turns they have together."""
    return await repository.count_all(session, tag=tag)


async def get_session(session: AsyncSession, session_id: str, *, answering: bool) -> SessionWithMessagesOut:
    """A conversation with its turns. `answering`: whether it was being answered before this was called.

    Raises:
        ChatSessionNotFoundError: there is none with that id.
    """
    row = or_refuse(
        await repository.find_session(session, session_id), ChatSessionNotFoundError, id=session_id
    )
    messages = [message_out(one) for one in await repository.list_messages(session, session_id)]
    return SessionWithMessagesOut(**dict(_session_out(row)), messages=messages, answering=answering)


async def change_session(session: AsyncSession, session_id: str, given: SessionPatch) -> SessionOut:
    """Change what `given` sets.

    Raises:
        ChatSessionNotFoundError: there is none with that id.
        SameModelTwiceError: both models are the same.
    """
    row = await _locked(session, session_id)
    if "system" in given.model_fields_set:
        row.system = given.system
    if given.title is not None:
        row.title = given.title
    if given.models is not None:
        _refuse_twins(given.models)
        row.models = given.models
    if given.sampling is not None:
        row.settings = given.sampling.model_dump(mode="json")
    await session.flush()
    return _session_out(row)


async def delete_session(session: AsyncSession, session_id: str) -> None:
    """Forget a conversation with its turns.

    Raises:
        ChatSessionNotFoundError: there is none with that id.
    """
    await repository.delete_session(session, await _locked(session, session_id))


async def ask(
    database: Database, data_dir: Path, ollama: OllamaConnection, session_id: str, given: QuestionIn
) -> Asked:
    """Keep a question behind the last one and say what has to be generated.

    Raises:
        ChatSessionNotFoundError: there is no such conversation.
        AppError: a model cannot be used, see `resolve_model`.
    """
    models = await _models(database, data_dir, ollama, session_id, given.models)
    async with database.unit_of_work() as session:
        row = await _locked(session, session_id)
        last = await repository.last_question_position(session, session_id)
        # Odd positions are questions, so an answer that is still being generated keeps its place.
        position = 1 if last is None else last + 2
        row.title = row.title or _title_of(given.content)
        return await _add_question(session, row, position, given.content, models, given.sampling)


async def ask_again(
    database: Database,
    data_dir: Path,
    ollama: OllamaConnection,
    session_id: str,
    position: int,
    given: QuestionAgainIn,
) -> Asked:
    """Replace the question at `position`, forget all that follows it, and say what has to be generated.

    Raises:
        ChatSessionNotFoundError: there is no such conversation.
        ChatMessageNotFoundError: no question stands there.
        AppError: a model cannot be used, see `resolve_model`.
    """
    models = await _models(database, data_dir, ollama, session_id, given.models)
    async with database.unit_of_work() as session:
        row = await _locked(session, session_id)
        question = or_refuse(
            await repository.find_question(session, session_id, position),
            ChatMessageNotFoundError,
            position=position,
        )
        content = given.content or question.content
        await repository.delete_from(session, session_id, position)
        return await _add_question(session, row, position, content, models, given.sampling)


async def keep_answer(
    session: AsyncSession, asked: Asked, answer_id: str, model: str, content: str, facts: dict[str, Any]
) -> MessageOut:
    """Keep what a model said, once.

    Raises:
        ChatSessionNotFoundError: the conversation was deleted meanwhile.
        QuestionReplacedError: the question was edited meanwhile.
    """
    row = await _locked(session, asked.session_id)
    if await repository.find_message(session, asked.question_id) is None:
        raise QuestionReplacedError
    kept = await repository.find_message(session, answer_id)
    if kept is None:
        kept = ChatMessageRow(
            id=answer_id,
            session_id=asked.session_id,
            position=asked.position + 1,
            role="assistant",
            model=model,
            content=content.replace("\0", "\ufffd"),
            facts={**facts, "sampling": asked.sampling.model_dump(mode="json")},
            created_at=utc_now(),
        )
        await repository.insert(session, kept)
        row.updated_at = kept.created_at
    return message_out(kept)


def conversation(system: str | None, turns: Sequence[ChatMessageRow], model: str) -> tuple[ChatMessage, ...]:
    """What a model is sent: its own answers where it has any, else the other model's, then the last question.

    Questions that nobody answered are left out: most chat templates refuse two user turns in a row.
    """
    messages = [ChatMessage(role="system", content=system)] if system else []
    questions = [one for one in turns if one.role == "user"]
    for question in questions[:-1]:
        answers = [a for a in turns if a.role == "assistant" and a.position == question.position + 1]
        answers.sort(key=lambda a: a.model != model)
        if answers:
            messages.append(ChatMessage(role="user", content=question.content))
            messages.append(ChatMessage(role="assistant", content=answers[0].content))
    return (*messages, ChatMessage(role="user", content=questions[-1].content))


def message_out(row: ChatMessageRow) -> MessageOut:
    """A turn as the wire shows it."""
    counts = ("finish_reason", "prompt_tokens", "completion_tokens", "tokens_per_s", "sampling", "asked")
    shown = row.model_dump(exclude={"session_id", "facts"})
    return MessageOut(**shown, **{name: row.facts.get(name) for name in counts})


def _session_out(row: ChatSessionRow) -> SessionOut:
    sampling = SamplingOut.model_validate(row.settings)
    return SessionOut(**row.model_dump(exclude={"settings"}), sampling=sampling)


async def _models(
    database: Database, data_dir: Path, ollama: OllamaConnection, session_id: str, names: list[str] | None
) -> tuple[ChatModel, ...]:
    if names is None:
        async with database.unit_of_work() as session:
            row = or_refuse(
                await repository.find_session(session, session_id), ChatSessionNotFoundError, id=session_id
            )
            names = row.models
    models = [await resolve_model(database, data_dir, ollama, name) for name in names]
    _refuse_twins([one.name for one in models])
    return tuple(models)


async def _add_question(
    session: AsyncSession,
    row: ChatSessionRow,
    position: int,
    content: str,
    models: tuple[ChatModel, ...],
    sampling: SamplingIn | None,
) -> Asked:
    question = ChatMessageRow(
        id=new_id("msg"),
        session_id=row.id,
        position=position,
        role="user",
        content=content,
        facts={"asked": [one.name for one in models]},
        created_at=utc_now(),
    )
    await repository.insert(session, question)
    row.updated_at = question.created_at
    turns = await repository.list_messages(session, row.id)
    return Asked(
        session_id=row.id,
        question_id=question.id,
        position=position,
        models=models,
        prompts=tuple(conversation(row.system, turns, one.name) for one in models),
        sampling=sampling or SamplingIn.model_validate(row.settings),
    )


async def _locked(session: AsyncSession, session_id: str) -> ChatSessionRow:
    return or_refuse(
        await repository.lock_session(session, session_id), ChatSessionNotFoundError, id=session_id
    )


def _refuse_twins(names: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        raise SameModelTwiceError(name=names[0])


def _title_of(content: str) -> str:
    first_line = content.strip().partition("\n")[0].strip()
    return first_line if len(first_line) <= TITLE_CHARACTERS else f"{first_line[: TITLE_CHARACTERS - 1]}…"
