"""A raw row and a detection give one canonical example or one refusal; never an exception, never silence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmlora.contracts.dataset import Message
from llmlora.data.cells import (
    CellRefusedError,
    is_absent,
    json_text,
    list_of,
    optional_text,
    required_text,
    text_of,
)
from llmlora.data.kinds.protocol import Detection, Unread
from llmlora.data.kinds.text.conversation import in_order, messages_of
from llmlora.data.kinds.text.detect import TextDetection
from llmlora.data.kinds.text.examples import (
    CompletionExample,
    ConversationExample,
    PreferenceExample,
    TextExample,
)
from llmlora.data.kinds.text.names import CHAT, COMPLETION, INSTRUCTION, PREFERENCE
from llmlora.data.kinds.text.refusals import REFUSALS
from llmlora.data.raw import RawRow
from llmlora.data.refusals import Refusal, refuse
from llmlora.data.turns import conversation_in, is_conversation

Cells = Mapping[str, Any]
Columns = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Row:
    """A row and how it is read. `turn_columns`: in these, a text is the JSON of a conversation."""

    number: int
    cells: Cells
    columns: Columns
    turn_columns: frozenset[str]
    unread: Unread

    def messages(self, column: str, *, train: bool = True) -> list[Message]:
        """The conversation in a column that must hold one."""
        value = self.cells.get(column)
        if is_absent(value):
            raise CellRefusedError("missing_cell", column)
        if isinstance(value, str) and not value.strip():
            raise CellRefusedError("empty_cell", column)
        return messages_of(list_of(value, column), column, self.unread, train=train)

    def turns(self, column: str) -> list[Any] | None:
        """The conversation in a column that may hold one, or None where it holds a text."""
        value = self.cells.get(column)
        if isinstance(value, str):
            return conversation_in(value) if column in self.turn_columns else None
        return list(value) if isinstance(value, list | tuple) else None

    def system(self, messages: list[Message]) -> list[Message]:
        """The messages with the row's system text before them, unless they begin with one of their own."""
        column = self.columns.get("system")
        text = optional_text(self.cells, column)
        if column is None or text is None or not text.strip():
            return messages
        own = next((m.content for m in messages if m.role == "system" and m.content.strip()), None)
        if own is None:
            return [Message(role="system", content=text), *messages]
        if own != text:
            self.unread[column] = None
        return messages


def to_example(row: RawRow, detection: Detection, unread: Unread | None = None) -> TextExample | Refusal:
    """The example that a row is, or why it is none. Keys that nothing was made of are added to `unread`."""
    if row.problem is not None:
        return row.problem
    convert = _CONVERTERS[detection.kind]
    found = {} if unread is None else unread
    turn_columns = detection.turn_columns if isinstance(detection, TextDetection) else frozenset()
    read = _Row(row.number, row.cells, detection.mapping, turn_columns, found)
    try:
        return convert(read)
    except CellRefusedError as refusal:
        return refuse(row.number, refusal.reason, refusal.column, REFUSALS, **refusal.facts)
    except RecursionError:
        return refuse(row.number, "too_deep")


def lacks_required(row: RawRow, detection: Detection) -> bool:
    """A readable row in which a required column is absent: perhaps one of another kind."""
    if row.problem is not None:
        return False
    required = (detection.mapping[field] for field in detection.layout.required)
    return any(row.cells.get(column) is None for column in required)


def _instruction(row: _Row) -> ConversationExample:
    """Alpaca: the prompt is `instruction`, a line break, `input`; answers of the history are trained too."""
    cells, columns = row.cells, row.columns
    prompt = _joined(required_text(cells, columns["instruction"]), optional_text(cells, columns.get("input")))
    answer = required_text(cells, columns["output"])
    messages = row.system(_history(row, columns.get("history")))
    messages += [Message(role="user", content=prompt), Message(role="assistant", content=answer)]
    messages = in_order(messages, columns.get("history", columns["output"]))
    return ConversationExample(row=row.number, messages=tuple(messages))


def _chat(row: _Row) -> ConversationExample:
    columns = row.columns
    if "messages" in columns:
        column = columns["messages"]
        messages = row.messages(column)
    else:  # conversational prompt and completion: only the completion is trained
        column = columns["completion"]
        messages = row.messages(columns["prompt"], train=False) + row.messages(column)
    messages = in_order(row.system(_without_blank_system(messages)), column)
    tools = _tools(row.cells, columns.get("tools"))
    return ConversationExample(row=row.number, messages=tuple(messages), tools=tools)


def _without_blank_system(messages: Sequence[Message]) -> list[Message]:
    return [m for m in messages if m.role != "system" or m.content.strip()]


def _completion(row: _Row) -> CompletionExample:
    cells, columns = row.cells, row.columns
    if "text" in columns:
        return CompletionExample(row=row.number, completion=required_text(cells, columns["text"]))
    prompt = optional_text(cells, columns["prompt"])
    if prompt is None:
        raise CellRefusedError("missing_cell", columns["prompt"])
    return CompletionExample(
        row=row.number, prompt=prompt, completion=required_text(cells, columns["completion"])
    )


def _preference(row: _Row) -> PreferenceExample:
    """Plain or conversational; chosen and rejected may repeat the prompt before their answers."""
    columns = row.columns
    before_chosen, chosen = _answer(row, columns["chosen"])
    before_rejected, rejected = _answer(row, columns["rejected"])
    if before_chosen and before_rejected and not _same(before_chosen, before_rejected):
        raise CellRefusedError("different_prompts", columns["rejected"])
    if "prompt" in columns:
        prompt = _preference_prompt(row)
        for column, before in ((columns["chosen"], before_chosen), (columns["rejected"], before_rejected)):
            prompt = _agreed(prompt, before, column, columns["prompt"])
    elif not _same(before_chosen, before_rejected):
        raise CellRefusedError("different_prompts", columns["rejected"])
    else:
        prompt = before_chosen
    if chosen == rejected:
        raise CellRefusedError("chosen_equals_rejected", columns["rejected"])
    prompt = row.system(_without_blank_system(prompt))
    answer = Message(role="assistant", content=chosen)
    whole = in_order([*prompt, answer], columns.get("prompt", columns["chosen"]))
    return PreferenceExample(row=row.number, messages=tuple(whole[:-1]), chosen=chosen, rejected=rejected)


def _agreed(prompt: list[Message], before: list[Message], column: str, prompt_column: str) -> list[Message]:
    """The prompt that a column of its own and the turns before an answer both mean: the longer one.

    A prompt column may hold only the first or the last question of a longer conversation.

    Raises:
        CellRefusedError: they are two different conversations.
    """
    said, held = _said(prompt), _said(before)
    systems = {_system_of(prompt), _system_of(before)} - {None}
    if not held or (held == said and len(systems) < 2):
        return prompt if _system_of(prompt) or not _system_of(before) else before
    if len(systems) < 2 and said in (held[: len(said)], held[-len(said) :]):
        return before if _system_of(before) or not systems else [*_without_blank_system(prompt)[:1], *before]
    raise CellRefusedError("prompt_contradicted", column, prompt=prompt_column)


def _same(one: Sequence[Message], other: Sequence[Message]) -> bool:
    return _said(one) == _said(other) and _system_of(one) == _system_of(other)


def _said(messages: Sequence[Message]) -> list[tuple[str, str, str | None]]:
    """What is said beside the system's words; white space around a turn does not count."""
    return [(m.role, m.content.strip(), m.tool_calls) for m in messages if m.role != "system"]


def _system_of(messages: Sequence[Message]) -> str | None:
    found = (m.content.strip() for m in messages if m.role == "system")
    return next((text for text in found if text), None)


def _preference_prompt(row: _Row) -> list[Message]:
    column = row.columns["prompt"]
    turns = row.turns(column)
    if turns is not None:
        return messages_of(turns, column, row.unread)
    text = _joined(required_text(row.cells, column), optional_text(row.cells, row.columns.get("input")))
    return [Message(role="user", content=text)]


def _answer(row: _Row, column: str) -> tuple[list[Message], str]:
    """The turns before the answer, and the answer."""
    value = row.cells.get(column)
    turns = [value] if isinstance(value, Mapping) else row.turns(column)
    if turns is None:
        return [], required_text(row.cells, column)
    messages = messages_of(turns, column, row.unread)
    if not messages or messages[-1].role != "assistant" or not messages[-1].content.strip():
        raise CellRefusedError("bad_answer", column)
    if messages[-1].reasoning is not None or messages[-1].tool_calls is not None:
        row.unread[f"{column}[].{'reasoning' if messages[-1].reasoning else 'tool_calls'}"] = None
    return messages[:-1], messages[-1].content


def _joined(text: str, addition: str | None) -> str:
    return f"{text}\n{addition}" if addition and addition.strip() else text


def _history(row: _Row, column: str | None) -> list[Message]:
    value = None if column is None else row.cells.get(column)
    if column is None or is_absent(value) or (isinstance(value, str) and not value.strip()):
        return []
    pairs = list_of(value, column)
    if is_conversation(pairs):
        return messages_of(pairs, column, row.unread)
    messages = []
    for pair in pairs:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise CellRefusedError("bad_history", column)
        user, assistant = (text_of(said, column) for said in pair)
        if not user.strip() or not assistant.strip():
            raise CellRefusedError("bad_history", column)
        messages += [Message(role="user", content=user), Message(role="assistant", content=assistant)]
    return messages


def _tools(cells: Cells, column: str | None) -> str | None:
    value = None if column is None else cells.get(column)
    if is_absent(value) or value in ([], "") or (isinstance(value, str) and not value.strip()):
        return None
    text = json_text(value)
    if text is None or not text.startswith("["):
        raise CellRefusedError("bad_tools", column)
    return None if text == "[]" else text


_CONVERTERS: dict[str, Callable[[_Row], TextExample]] = {
    INSTRUCTION: _instruction,
    CHAT: _chat,
    COMPLETION: _completion,
    PREFERENCE: _preference,
}
