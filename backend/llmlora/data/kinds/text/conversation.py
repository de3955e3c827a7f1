"""Lists of turns, in OpenAI's or ShareGPT's words, as canonical messages in an order that chat templates accept."""

from collections.abc import Mapping, Sequence
from typing import Any

from llmlora.contracts.dataset import Message, Role
from llmlora.data.cells import CellRefusedError, is_absent, json_text, text_of
from llmlora.data.kinds.protocol import Unread
from llmlora.data.refusals import type_name
from llmlora.data.turns import known_role, role_of
from llmlora.data.written import loads

MARKS = ("weight", "train", "loss")
"""OpenAI's, Axolotl's and ms-swift's way to keep an assistant turn out of the loss."""
REASONINGS = ("reasoning_content", "reasoning", "thinking")
UNREAD_SHOWN = 100
_CALLS = frozenset({"function_call", "tool_call"})
_READ = frozenset({"role", "from", "content", "value", "name", "tool_call_id", *MARKS})
_OF_ASSISTANTS = frozenset({"tool_calls", "function_call", *REASONINGS})
_NOT_TRAINED = frozenset({"false", "no", "off"})
_TRAINED = frozenset({"", "true", "yes", "on"})
_MAY_FOLLOW: dict[Role, frozenset[Role | None]] = {
    "system": frozenset({None}),
    "user": frozenset({None, "system", "assistant"}),
    "assistant": frozenset({"user", "tool"}),
    "tool": frozenset({"assistant", "tool"}),
}


def messages_of(turns: Sequence[Any], column: str, unread: Unread, *, train: bool = True) -> list[Message]:
    """Turns as messages, each by itself. `train` False: assistant turns give context only.

    Raises:
        CellRefusedError: a turn is malformed.
    """
    messages = []
    for index, turn in enumerate(turns, start=1):
        if not isinstance(turn, Mapping):
            raise CellRefusedError("bad_turn", column, turn=index)
        messages.append(_Turn(turn, index, column, unread).message(train=train))
    return messages


def in_order(messages: Sequence[Message], column: str) -> list[Message]:
    """The messages without those that say nothing: system first, then user and assistant by turns; tools answer calls.

    A blank turn that asks nothing, answers nothing and is not learned is left out; a tool's blank result is kept.

    Raises:
        CellRefusedError: the order is another, a turn is blank, or nothing is there to learn.
    """
    before: Message | None = None
    kept = []
    for turn, message in enumerate(messages, start=1):
        blank = not message.content.strip() and not message.tool_calls
        answers = before is not None and (before.role == "tool" or before.tool_calls is not None)
        if blank and (message.role == "system" or (message.role == "tool" and not answers)):
            continue
        role_before = None if before is None else before.role
        if role_before not in _MAY_FOLLOW[message.role]:
            place = ("会話の先頭", "begin the conversation")
            if role_before is not None:
                place = (f" {role_before} の後", f"follow {role_before}")
            raise CellRefusedError("bad_role_order", column, turn=turn, role=message.role, place=place)
        before = message
        if blank and message.role == "assistant" and not message.train:
            continue
        if blank and message.role != "tool":
            raise CellRefusedError("empty_turn", column, turn=turn, role=message.role)
        kept.append(message)
    if not any(m.role == "assistant" and m.train for m in kept):
        raise CellRefusedError("no_assistant_turn", column)
    return kept


class _Turn:
    """One turn of one row; `index` counts from 1."""

    def __init__(self, turn: Mapping[str, Any], index: int, column: str, unread: Unread) -> None:
        self.turn, self.index, self.column, self.unread = turn, index, column, unread

    def message(self, *, train: bool) -> Message:
        """The canonical message.

        Raises:
            CellRefusedError: it is malformed.
        """
        said = role_of(self.turn)
        role = known_role(said)
        if role is None:
            if not isinstance(said, str):
                raise self._refused("bad_turn")
            raise self._refused("unknown_role", found=said)
        assert isinstance(said, str)
        self._note_unread_keys(role)
        calls, content = self._calls_and_content(said.strip().casefold(), role)
        thoughts: list[str] = []
        text = self._text_of_content(content, thoughts, may_be_absent=calls is not None or role != "user")
        trained = train and self._is_trained()
        if is_absent(content) and calls is None and role == "assistant" and trained:
            raise self._refused("bad_turn")
        return Message(
            role=role,
            content=text,
            name=self._name(),
            reasoning=self._reasoning(thoughts) if role == "assistant" else None,
            tool_calls=calls,
            tool_call_id=self._text("tool_call_id"),
            train=trained,
        )

    def _calls_and_content(self, said: str, role: Role) -> tuple[str | None, Any]:
        turn = self.turn
        content = turn.get("content") if turn.get("value") is None else turn.get("value")
        if said in _CALLS:
            return self._calls_of_text(content), ""
        return (self._calls() if role == "assistant" else None), content

    def _text_of_content(self, content: Any, thoughts: list[str], *, may_be_absent: bool) -> str:
        """Text, or the texts of content parts one after another; parts that hold reasoning go to `thoughts`."""
        if is_absent(content):
            if may_be_absent:
                return ""
            raise self._refused("bad_turn")
        if not isinstance(content, list | tuple):
            return text_of(content, self.column)
        texts: list[str] = []
        for part in content:
            kind = part.get("type") if isinstance(part, Mapping) else type_name(part)
            key = kind if kind in ("thinking", "reasoning") and isinstance(part.get(kind), str) else "text"
            if not isinstance(part, Mapping) or not isinstance(part.get(key), str):
                raise self._refused("not_text_content", found=kind if isinstance(kind, tuple) else str(kind))
            (texts if key == "text" else thoughts).append(text_of(part[key], self.column))
            for other in part:
                if other not in ("type", key) and part[other] is not None:
                    self._note(f"content[].{other}")
        return "".join(texts)

    def _reasoning(self, thoughts: list[str]) -> str | None:
        """The first text of the keys that hold reasoning; one that says something else is named as not read."""
        for key in REASONINGS:
            value = self.turn.get(key)
            if isinstance(value, str) and value.strip():
                if thoughts and thoughts[0] != value:
                    self._note(key)
                thoughts.append(text_of(value, self.column))
            elif value is not None and not isinstance(value, str) and not is_absent(value):
                self._note(key)
        return thoughts[0] if thoughts and thoughts[0].strip() else None

    def _is_trained(self) -> bool:
        """False where any of the marks says so."""
        trained = True
        for key in MARKS:
            value = self.turn.get(key)
            if is_absent(value):
                continue
            said = text_of(int(value) if isinstance(value, bool) else value, self.column).strip().casefold()
            if said in _NOT_TRAINED or _number(said) == 0:
                trained = False
            elif said not in _TRAINED and _number(said) != 1:
                raise self._refused("bad_mark", key=key, found=said)
        return trained

    def _calls(self) -> str | None:
        """OpenAI's calls, arguments given as JSON text opened."""
        calls = self.turn.get("tool_calls")
        if calls is None and isinstance(self.turn.get("function_call"), Mapping):
            calls = [{"type": "function", "function": self.turn["function_call"]}]
        if calls is None or calls in ([], ""):
            return None
        if isinstance(calls, str):
            calls = self._parsed(calls)
        if not isinstance(calls, list | tuple) or not all(isinstance(call, Mapping) for call in calls):
            raise self._refused("bad_tool_calls")
        return self._stored([_opened(call) for call in calls])

    def _calls_of_text(self, value: Any) -> str:
        """ShareGPT's `function_call` turn: JSON text of one call or a list of them."""
        parsed = self._parsed(value) if isinstance(value, str) else value
        calls = parsed if isinstance(parsed, list) else [parsed]
        if not calls or not all(isinstance(c, Mapping) and isinstance(c.get("name"), str) for c in calls):
            raise self._refused("bad_tool_calls")
        wrapped = []
        for call in calls:
            for key in call:
                if key not in ("name", "arguments", "id"):
                    self._note(f"value.{key}")
            named = {"id": call["id"]} if call.get("id") is not None else {}
            function = {"name": call["name"], "arguments": call.get("arguments", {})}
            wrapped.append(_opened({**named, "type": "function", "function": function}))
        return self._stored(wrapped)

    def _parsed(self, text: str) -> Any:
        try:
            return loads(text)
        except (ValueError, RecursionError) as error:
            raise self._refused("bad_tool_calls") from error

    def _stored(self, calls: list[Any]) -> str:
        text = json_text(calls)
        if text is None:
            raise self._refused("bad_tool_calls")
        return text

    def _name(self) -> str | None:
        name = self.turn.get("name")
        if name is not None and not isinstance(name, str):
            self._note("name")
        return text_of(name, self.column) if isinstance(name, str) and name else None

    def _text(self, key: str) -> str | None:
        value = self.turn.get(key)
        return None if is_absent(value) or value == "" else text_of(value, self.column)

    def _note_unread_keys(self, role: Role) -> None:
        for key, value in self.turn.items():
            read = key in _READ or (key in _OF_ASSISTANTS and role == "assistant")
            if not read and value is not None and value not in ("", []):
                self._note(key)

    def _note(self, key: str) -> None:
        if len(self.unread) < UNREAD_SHOWN:
            self.unread[f"{self.column}[].{key}"] = None

    def _refused(self, reason: str, **facts: object) -> CellRefusedError:
        return CellRefusedError(reason, self.column, turn=self.index, **facts)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _opened(call: Mapping[str, Any]) -> dict[str, Any]:
    """A call whose arguments are an object where they were the JSON text of one; other text stays as it is."""
    function = call.get("function")
    if isinstance(function, Mapping):
        return {**call, "function": _opened(function)}
    arguments = call.get("arguments")
    if not isinstance(arguments, str):
        return dict(call)
    if not arguments.strip():
        return {**call, "arguments": {}}
    try:
        value = loads(arguments)
    except (ValueError, RecursionError):
        return dict(call)
    return {**call, "arguments": value} if isinstance(value, dict) else dict(call)
