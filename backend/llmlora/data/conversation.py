"""Lists of turns, in OpenAI's or ShareGPT's words, as canonical messages in an order that chat templates accept."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from llmlora.contracts.dataset import Message, Role
from llmlora.data.cells import CellRefusedError, is_absent, json_text, text_of
from llmlora.data.refusals import type_name

ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "function_call": "assistant",
    "tool_call": "assistant",
    "tool": "tool",
    "observation": "tool",
    "function": "tool",
    "function_response": "tool",
    "tool_response": "tool",
    "ipython": "tool",
}
_CALLS = frozenset({"function_call", "tool_call"})
_MAY_FOLLOW: dict[Role, frozenset[Role | None]] = {
    "system": frozenset({None}),
    "user": frozenset({None, "system", "assistant"}),
    "assistant": frozenset({"user", "tool"}),
    "tool": frozenset({"assistant", "tool"}),
}


def messages_of(turns: Sequence[Any], column: str, *, train: bool = True) -> list[Message]:
    """Turns as messages, each by itself. `train` False: assistant turns give context only.

    Raises:
        CellRefusedError: a turn is malformed.
    """
    return [_message_of(turn, index, column, train=train) for index, turn in enumerate(turns, start=1)]


def check_order(messages: Sequence[Message], column: str) -> None:
    """System first, then user and assistant by turns; tools answer an assistant.

    Raises:
        CellRefusedError: the order is another, a turn is blank, or nothing is there to learn.
    """
    before: Role | None = None
    for turn, message in enumerate(messages, start=1):
        if before not in _MAY_FOLLOW[message.role]:
            raise CellRefusedError(
                "bad_role_order", column, turn=turn, role=message.role, before=before or "the start / 先頭"
            )
        if message.role != "tool" and not message.content.strip() and not message.tool_calls:
            raise CellRefusedError("empty_turn", column, turn=turn, role=message.role)
        before = message.role
    if not any(m.role == "assistant" and m.train for m in messages):
        raise CellRefusedError("no_assistant_turn", column)


def _message_of(turn: Any, index: int, column: str, *, train: bool) -> Message:
    if not isinstance(turn, Mapping):
        raise CellRefusedError("bad_turn", column, turn=index)
    said = turn.get("role") if turn.get("role") is not None else turn.get("from")
    role = ROLES.get(said.strip().casefold()) if isinstance(said, str) else None
    if role is None:
        if not isinstance(said, str):
            raise CellRefusedError("bad_turn", column, turn=index)
        raise CellRefusedError("unknown_role", column, turn=index, found=said)
    content = turn.get("content") if "content" in turn and turn.get("value") is None else turn.get("value")
    calls: str | None
    if isinstance(said, str) and said.strip().casefold() in _CALLS:
        calls, content = _calls_of_text(content, index, column), ""
    else:
        calls = _calls_of(turn, index, column) if role == "assistant" else None
    name = turn.get("name")
    return Message(
        role=role,
        content=_content_of(content, index, column, may_be_absent=calls is not None),
        name=text_of(name, column) if isinstance(name, str) and name else None,
        tool_calls=calls,
        train=train and _is_trained(turn),
    )


def _content_of(content: Any, index: int, column: str, *, may_be_absent: bool) -> str:
    """Text, or the texts of OpenAI's content parts one after another."""
    if is_absent(content):
        if may_be_absent:
            return ""
        raise CellRefusedError("bad_turn", column, turn=index)
    if not isinstance(content, list | tuple):
        return text_of(content, column)
    texts = []
    for part in content:
        if not isinstance(part, Mapping) or not isinstance(part.get("text"), str):
            found = part.get("type") if isinstance(part, Mapping) else type_name(part)
            raise CellRefusedError("not_text_content", column, turn=index, found=str(found))
        texts.append(text_of(part["text"], column))
    return "".join(texts)


def _is_trained(turn: Mapping[str, Any]) -> bool:
    """OpenAI's `weight` 0 and Axolotl's `train` false take a turn out of the loss."""
    weight, train = turn.get("weight"), turn.get("train")
    return not (train is False or (weight is not None and not isinstance(weight, str) and weight == 0))


def _calls_of(turn: Mapping[str, Any], index: int, column: str) -> str | None:
    calls = turn.get("tool_calls")
    if calls is None and isinstance(turn.get("function_call"), Mapping):
        calls = [{"type": "function", "function": turn["function_call"]}]
    if calls is None or calls in ([], ""):
        return None
    text = json_text(_without_nulls(calls))
    if text is None or not text.startswith("[{"):
        raise CellRefusedError("bad_tool_calls", column, turn=index)
    return text


def _calls_of_text(value: Any, index: int, column: str) -> str:
    """ShareGPT's `function_call` turn: JSON text of one call or a list of them."""
    try:
        parsed = orjson.loads(value) if isinstance(value, str) else value
    except orjson.JSONDecodeError:
        parsed = None
    calls = parsed if isinstance(parsed, list) else [parsed]
    if not calls or not all(isinstance(call, dict) and isinstance(call.get("name"), str) for call in calls):
        raise CellRefusedError("bad_tool_calls", column, turn=index)
    wrapped = [
        {"type": "function", "function": {"name": c["name"], "arguments": c.get("arguments", {})}}
        for c in calls
    ]
    text = json_text(wrapped)
    if text is None:
        raise CellRefusedError("bad_tool_calls", column, turn=index)
    return text


def _without_nulls(value: Any) -> Any:
    """Without keys whose value is null: Arrow fills structs of different rows with them."""
    match value:
        case Mapping():
            return {key: _without_nulls(item) for key, item in value.items() if item is not None}
        case list() | tuple():
            return [_without_nulls(item) for item in value]
        case _:
            return value
