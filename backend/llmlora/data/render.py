"""Examples rendered to text with the character spans that carry loss.

A span is what the rendering of a turn adds behind its prompt, to the end of its end-of-turn token: what the model has
to produce, and nothing else.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from llmlora.contracts.dataset import Message
from llmlora.data.kinds.text.drop_reasons import DropReason
from llmlora.data.kinds.text.examples import CompletionExample
from llmlora.data.tokenizer import ChatTokenizer, TemplateError
from llmlora.data.turn_end import TurnEnd, ends_of, reserved_pattern

LONGEST_OPENER = 64  # characters of an answer that a prompt may write itself, such as `<think>`


class RowDroppedError(Exception):
    """A row cannot be trained on. `reason` is a stable code counted in the ledger."""

    def __init__(self, reason: DropReason, detail: str = "") -> None:
        self.reason: DropReason = reason
        super().__init__(f"{reason}: {detail}" if detail else reason)


@dataclass(frozen=True)
class Span:
    """Characters `[start, end)` of the text. `ends_turn`: the last of them are an end-of-turn token."""

    start: int
    end: int
    ends_turn: bool


@dataclass(frozen=True)
class Rendered:
    """A training text. `plain` texts get the tokenizer's own start token; chats carry theirs in the template.

    `not_rendered`: what the conversation holds and the template leaves out: `reasoning`, `tool_calls`, `tools`.
    """

    text: str
    spans: tuple[Span, ...]
    plain: bool = field(default=False)
    not_rendered: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Turn:
    """A conversation up to and including a trained turn, that turn's span, and what was left out of it."""

    text: str
    span: Span
    left_out: frozenset[str]


def render_chat(
    messages: Sequence[Message], tools: str | None, tokenizer: ChatTokenizer
) -> tuple[Rendered, ...]:
    """Render a conversation and find its trained turns.

    One text where the template writes earlier turns the same way whatever follows; otherwise (templates that
    rewrite history, e.g. by dropping reasoning) one text per trained turn.

    Raises:
        RowDroppedError: no turn is trained, or the template hides or rewrites an answer.
    """
    _refuse_reserved_text(messages, tools, tokenizer)
    trained = [i for i, m in enumerate(messages) if m.role == "assistant" and m.train]
    if not trained:
        raise RowDroppedError("no_assistant_turn")
    try:
        turns = [_render_turn(messages[: i + 1], tools, tokenizer) for i in trained]
        left_out = _tools_left_out(messages[: trained[0]], tools, turns[0], tokenizer)
    except TemplateError as error:
        raise RowDroppedError("template_refused", str(error)) from error
    left_out |= _calls_left_out(messages[: trained[-1] + 1], turns[-1].text)
    whole = turns[-1].text
    if all(whole.startswith(turn.text[: turn.span.end]) for turn in turns):
        left_out = left_out.union(*(turn.left_out for turn in turns))
        return (Rendered(whole[: turns[-1].span.end], tuple(t.span for t in turns), not_rendered=left_out),)
    return tuple(Rendered(t.text[: t.span.end], (t.span,), not_rendered=left_out | t.left_out) for t in turns)


def render_completion(example: CompletionExample, tokenizer: ChatTokenizer, *, whole: bool) -> Rendered:
    """Render plain text, ended by the end-of-text token. `whole`: the prompt carries loss too.

    Raises:
        RowDroppedError: there is no text.
    """
    prompt, completion = example.prompt or "", example.completion
    if not completion:
        raise RowDroppedError("empty_completion")
    text = prompt + completion + tokenizer.eos_text
    start = 0 if whole else len(prompt)
    return Rendered(text=text, spans=(Span(start, len(text), ends_turn=True),), plain=True)


def _render_turn(messages: Sequence[Message], tools: str | None, tokenizer: ChatTokenizer) -> _Turn:
    """Render the conversation without and with its last (assistant) turn: what comes to it is what is trained."""
    prompt = tokenizer.render(messages[:-1], tools=tools, add_generation_prompt=True)
    text = tokenizer.render(messages, tools=tools, add_generation_prompt=False)
    if not text.startswith(prompt):
        raise RowDroppedError("template_changes_prompt")
    end = ends_of(tokenizer).of(messages, tools, text, len(prompt), tokenizer)
    text += end.missing
    span = Span(len(prompt), end.place(text), ends_turn=bool(end.mark))
    return _Turn(text, span, _left_out(messages[-1], text, span, end))


def _left_out(turn: Message, text: str, span: Span, end: TurnEnd) -> frozenset[str]:
    """What the turn holds beside its answer and the template does not write.

    Raises:
        RowDroppedError: that is the answer itself.
    """
    if turn.content.strip() and not ("content" in end.writes and _is_written(turn.content, text, span)):
        raise RowDroppedError("template_hides_answer", turn.content[:80])
    body = text[span.start : span.end]
    if turn.tool_calls and not (
        "tool_calls" in end.writes and all(name in body for name in _called(turn.tool_calls))
    ):
        raise RowDroppedError("template_ignores_tool_calls")
    thought = turn.reasoning
    if thought and not ("reasoning" in end.writes and _is_written(thought, text, span)):
        return frozenset({"reasoning"})
    return frozenset()


def _is_written(words: str, text: str, span: Span) -> bool:
    """Whether the words are what is trained, white space aside; a block that the prompt opens may begin them."""
    if words in text[span.start : span.end]:
        return True
    wanted, body = _dense(words), _dense(text[span.start : span.end])
    if wanted in body:
        return True
    before = _dense(text[max(0, span.start - len(words)) : span.start])
    longest = min(len(wanted) - 1, LONGEST_OPENER)
    return any(before.endswith(wanted[:n]) and wanted[n:] in body for n in range(longest, 0, -1))


def _dense(text: str) -> str:
    return "".join(text.split())


def _calls_left_out(messages: Sequence[Message], text: str) -> frozenset[str]:
    """Calls of turns that give context only."""
    calls = [m.tool_calls for m in messages if m.tool_calls and not m.train]
    shown = all(name in text for call in calls for name in _called(call))
    return frozenset() if shown else frozenset({"tool_calls"})


def _tools_left_out(
    messages: Sequence[Message], tools: str | None, first: _Turn, tokenizer: ChatTokenizer
) -> frozenset[str]:
    """Whether the prompt of the first trained turn is the same without the tools."""
    if not tools:
        return frozenset()
    without = tokenizer.render(messages, tools=None, add_generation_prompt=True)
    return frozenset({"tools"}) if without == first.text[: first.span.start] else frozenset()


def _called(calls: str) -> list[str]:
    """Names of the functions that are called."""
    found = []
    for call in json.loads(calls):
        function = call.get("function", call)
        if isinstance(function, dict) and isinstance(function.get("name"), str):
            found.append(function["name"])
    return found


def _refuse_reserved_text(messages: Sequence[Message], tools: str | None, tokenizer: ChatTokenizer) -> None:
    """A reserved token inside a text would end or forge a turn, wherever the template writes that text."""
    pattern = reserved_pattern(tokenizer.special_texts)
    for text in _texts_of(messages, tools):
        if found := pattern.search(text):
            raise RowDroppedError("reserved_token_in_text", found.group())


def _texts_of(messages: Sequence[Message], tools: str | None) -> Iterator[str]:
    for message in messages:
        yield message.content
        yield from filter(None, (message.name, message.reasoning, message.tool_call_id))
        if message.tool_calls:
            yield from _strings_of(json.loads(message.tool_calls))
    if tools:
        yield from _strings_of(json.loads(tools))


def _strings_of(value: Any) -> Iterator[str]:
    """Every text inside a JSON value, names of fields too, also inside texts that are JSON themselves."""
    match value:
        case str():
            yield value
            if value[:1] in ("{", "[") and "\\" in value:
                try:
                    yield from _strings_of(json.loads(value))
                except ValueError:
                    return
        case dict():
            for key, item in value.items():
                yield key
                yield from _strings_of(item)
        case list():
            for item in value:
                yield from _strings_of(item)
