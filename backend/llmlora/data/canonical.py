"""A raw row and a detection give one canonical example or one refusal; never an exception, never silence."""

from collections.abc import Callable, Mapping
from typing import Any

from llmlora.contracts.dataset import DatasetKind, Example, Message
from llmlora.data.cells import (
    CellRefusedError,
    is_absent,
    json_text,
    list_of,
    optional_text,
    required_text,
    text_of,
)
from llmlora.data.conversation import check_order, messages_of
from llmlora.data.detect import Detection
from llmlora.data.raw import RawRow
from llmlora.data.refusals import Refusal, refuse

Cells = Mapping[str, Any]
Columns = Mapping[str, str]
_TOO_DEEP = (RecursionError,)


def to_example(row: RawRow, detection: Detection) -> Example | Refusal:
    """The example that a row is, or why it is none."""
    if row.problem is not None:
        return row.problem
    convert = _CONVERTERS[detection.kind]
    try:
        return convert(row.number, row.cells, detection.mapping)
    except CellRefusedError as refusal:
        return refuse(row.number, refusal.reason, refusal.column, **refusal.facts)
    except _TOO_DEEP:
        return refuse(row.number, "too_deep")


def lacks_required(row: RawRow, detection: Detection) -> bool:
    """A readable row in which a required column is absent: perhaps one of another kind."""
    if row.problem is not None:
        return False
    required = (detection.mapping[field] for field in detection.layout.required)
    return any(row.cells.get(column) is None for column in required)


def _instruction(number: int, cells: Cells, columns: Columns) -> Example:
    """Alpaca: the prompt is `instruction`, a line break, `input`; answers of the history are trained too."""
    prompt = _joined(required_text(cells, columns["instruction"]), optional_text(cells, columns.get("input")))
    answer = required_text(cells, columns["output"])
    messages = _system(cells, columns) + _history(cells, columns.get("history"))
    messages += [Message(role="user", content=prompt), Message(role="assistant", content=answer)]
    return Example(row=number, messages=tuple(messages))


def _chat(number: int, cells: Cells, columns: Columns) -> Example:
    if "messages" in columns:
        column = columns["messages"]
        messages = messages_of(_present_list(cells, column), column)
    else:  # conversational prompt and completion: only the completion is trained
        column = columns["completion"]
        messages = messages_of(_present_list(cells, columns["prompt"]), columns["prompt"], train=False)
        messages += messages_of(_present_list(cells, column), column)
    if not messages or messages[0].role != "system":
        messages = _system(cells, columns) + messages
    check_order(messages, column)
    return Example(row=number, messages=tuple(messages), tools=_tools(cells, columns.get("tools")))


def _completion(number: int, cells: Cells, columns: Columns) -> Example:
    if "text" in columns:
        return Example(row=number, completion=required_text(cells, columns["text"]))
    prompt = optional_text(cells, columns["prompt"])
    if prompt is None:
        raise CellRefusedError("missing_cell", columns["prompt"])
    return Example(row=number, prompt=prompt, completion=required_text(cells, columns["completion"]))


def _preference(number: int, cells: Cells, columns: Columns) -> Example:
    """Plain or conversational; chosen and rejected may repeat the prompt before their answers."""
    before_chosen, chosen = _answer(cells, columns["chosen"])
    before_rejected, rejected = _answer(cells, columns["rejected"])
    if "prompt" in columns:
        prompt = _preference_prompt(cells, columns)
    elif before_chosen != before_rejected:
        raise CellRefusedError("different_prompts", columns["rejected"])
    else:
        prompt = before_chosen
    if chosen == rejected:
        raise CellRefusedError("chosen_equals_rejected", columns["rejected"])
    if not prompt or prompt[0].role != "system":
        prompt = _system(cells, columns) + prompt
    check_order(
        [*prompt, Message(role="assistant", content=chosen)], columns.get("prompt", columns["chosen"])
    )
    return Example(row=number, messages=tuple(prompt), chosen=chosen, rejected=rejected)


def _preference_prompt(cells: Cells, columns: Columns) -> list[Message]:
    column = columns["prompt"]
    if _holds_turns(cells.get(column)):
        return messages_of(list_of(cells[column], column), column)
    text = _joined(required_text(cells, column), optional_text(cells, columns.get("input")))
    return [Message(role="user", content=text)]


def _answer(cells: Cells, column: str) -> tuple[list[Message], str]:
    """The turns before the answer, and the answer."""
    value = cells.get(column)
    turns = [value] if isinstance(value, Mapping) else None
    if turns is None and _holds_turns(value):
        turns = list_of(value, column)
    if turns is None:
        return [], required_text(cells, column)
    messages = messages_of(turns, column)
    if not messages or messages[-1].role != "assistant" or not messages[-1].content.strip():
        raise CellRefusedError("bad_answer", column)
    return messages[:-1], messages[-1].content


def _holds_turns(value: object) -> bool:
    """A list, or JSON text of a list of objects; a plain text may well begin with a bracket."""
    if isinstance(value, str):
        return value.lstrip()[:1] == "[" and value.lstrip()[1:].lstrip()[:1] == "{"
    return isinstance(value, list | tuple)


def _present_list(cells: Cells, column: str) -> list[Any]:
    value = cells.get(column)
    if is_absent(value):
        raise CellRefusedError("missing_cell", column)
    if isinstance(value, str) and not value.strip():
        raise CellRefusedError("empty_cell", column)
    return list_of(value, column)


def _joined(text: str, addition: str | None) -> str:
    return f"{text}\n{addition}" if addition and addition.strip() else text


def _system(cells: Cells, columns: Columns) -> list[Message]:
    text = optional_text(cells, columns.get("system"))
    return [Message(role="system", content=text)] if text and text.strip() else []


def _history(cells: Cells, column: str | None) -> list[Message]:
    value = None if column is None else cells.get(column)
    if column is None or is_absent(value) or (isinstance(value, str) and not value.strip()):
        return []
    messages = []
    for pair in list_of(value, column):
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


_CONVERTERS: dict[DatasetKind, Callable[[int, Cells, Columns], Example]] = {
    DatasetKind.INSTRUCTION: _instruction,
    DatasetKind.CHAT: _chat,
    DatasetKind.COMPLETION: _completion,
    DatasetKind.PREFERENCE: _preference,
}
