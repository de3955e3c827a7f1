"""What a turn of a conversation looks like, in OpenAI's or ShareGPT's words."""

from collections.abc import Mapping
from typing import Any

from llmlora.contracts.dataset import Role
from llmlora.data.written import loads

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
_SAYS = ("content", "value", "tool_calls", "function_call")


def role_of(turn: Mapping[str, Any]) -> object:
    """What the turn says of who speaks; None where it says nothing."""
    return turn.get("role") if turn.get("role") is not None else turn.get("from")


def known_role(said: object) -> Role | None:
    """The canonical role for a word."""
    return ROLES.get(said.strip().casefold()) if isinstance(said, str) else None


def is_turn(value: object) -> bool:
    """An object that names a known role and says something."""
    return (
        isinstance(value, Mapping)
        and known_role(role_of(value)) is not None
        and any(key in value for key in _SAYS)
    )


def is_conversation(value: object) -> bool:
    """A list of objects of which at least one is a turn: the others are a conversation's faults."""
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and all(isinstance(turn, Mapping) for turn in value)
        and any(is_turn(turn) for turn in value)
    )


def conversation_in(text: str) -> list[Any] | None:
    """The conversation that a text is the JSON of, or None: most texts that begin with a bracket are texts."""
    if text.lstrip()[:1] != "[":
        return None
    try:
        value = loads(text)
    except (ValueError, RecursionError):
        return None
    return value if is_conversation(value) else None
