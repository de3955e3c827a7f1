"""The canonical columns of texts: one schema for all kinds."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from llmlora.contracts.dataset import Message
from llmlora.data.kinds.protocol import DataKind
from llmlora.data.kinds.text.examples import (
    CompletionExample,
    ConversationExample,
    PreferenceExample,
    TextExample,
)

_MESSAGE = pa.struct(
    [
        pa.field("role", pa.string(), nullable=False),
        pa.field("content", pa.string(), nullable=False),
        pa.field("name", pa.string()),
        pa.field("reasoning", pa.string()),
        pa.field("tool_calls", pa.string()),
        pa.field("tool_call_id", pa.string()),
        pa.field("train", pa.bool_(), nullable=False),
    ]
)
_TEXTS = ("tools", "prompt", "completion", "chosen", "rejected")
SCHEMA = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),
        pa.field("messages", pa.list_(_MESSAGE), nullable=False),
        *(pa.field(name, pa.string()) for name in _TEXTS),
    ]
)


def cells_of(examples: Sequence[TextExample]) -> list[pa.Array]:
    """Examples as columns of `SCHEMA`."""
    columns = [pa.array([e.row for e in examples], pa.int64())]
    messages = [[_message_cells(m) for m in _messages_of(e)] for e in examples]
    columns.append(pa.array(messages, pa.list_(_MESSAGE)))
    texts = zip(*map(_texts_of, examples), strict=True)
    return [*columns, *(pa.array(column, pa.string()) for column in texts)]


def example_of(kind: DataKind, cells: dict[str, Any]) -> TextExample:
    """An example from our own file: it was validated when it entered."""
    row = cells["row"]
    if kind.example is CompletionExample:
        return CompletionExample.model_construct(
            row=row, prompt=cells["prompt"], completion=cells["completion"]
        )
    messages = tuple(Message.model_construct(**turn) for turn in cells["messages"])
    if kind.example is PreferenceExample:
        return PreferenceExample.model_construct(
            row=row, messages=messages, chosen=cells["chosen"], rejected=cells["rejected"]
        )
    return ConversationExample.model_construct(row=row, messages=messages, tools=cells["tools"])


def _messages_of(example: TextExample) -> tuple[Message, ...]:
    return () if isinstance(example, CompletionExample) else example.messages


def _message_cells(message: Message) -> dict[str, Any]:
    return {
        "role": message.role,
        "content": message.content,
        "name": message.name,
        "reasoning": message.reasoning,
        "tool_calls": message.tool_calls,
        "tool_call_id": message.tool_call_id,
        "train": message.train,
    }


def _texts_of(example: TextExample) -> tuple[str | None, ...]:
    """In the order of `_TEXTS`."""
    match example:
        case CompletionExample():
            return None, example.prompt, example.completion, None, None
        case PreferenceExample():
            return None, None, None, example.chosen, example.rejected
        case _:
            return example.tools, None, None, None, None
