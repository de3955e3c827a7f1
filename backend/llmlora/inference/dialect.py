"""How an inference engine spells a turn: both engines take the same facts under names of their own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from llmlora.contracts.inference import ChatMessage


@dataclass(frozen=True)
class Dialect:
    """The keys of a turn beside `role` and `content`, and the form of a call's arguments."""

    name: str
    reasoning: str
    arguments: Callable[[Any], Any]
    calls_alone_have_null_content: bool = False
    call_type: str | None = None
    """What a call says it is, where it says nothing itself."""

    def turns(self, messages: tuple[ChatMessage, ...]) -> list[dict[str, Any]]:
        """A conversation in the engine's words."""
        return [self._turn(message) for message in messages]

    def _turn(self, message: ChatMessage) -> dict[str, Any]:
        calls = [self._call(call) for call in json.loads(message.tool_calls or "[]")]
        is_null = self.calls_alone_have_null_content and calls and not message.content
        turn: dict[str, Any] = {"role": message.role, "content": None if is_null else message.content}
        more = {
            self.name: message.name,
            self.reasoning: message.reasoning,
            "tool_call_id": message.tool_call_id,
            "tool_calls": calls or None,
        }
        return turn | {key: value for key, value in more.items() if value is not None}

    def _call(self, call: dict[str, Any]) -> dict[str, Any]:
        function = call.get("function", call)
        kind = {} if self.call_type is None else {"type": self.call_type}
        return {
            **kind,
            **call,
            "function": {**function, "arguments": self.arguments(function.get("arguments", {}))},
        }


def as_json_text(arguments: Any) -> str:
    """A call's arguments as OpenAI writes them."""
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


def as_object(arguments: Any) -> Any:
    """A call's arguments as templates want them; text that is no JSON stays text."""
    if not isinstance(arguments, str):
        return arguments
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments
