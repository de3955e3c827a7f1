"""Examples rendered to text with the character spans that carry loss.

A span runs from where generation would begin to the end of the end-of-turn token, so that what is trained is what
the model has to produce, and nothing else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from llmlora.contracts.dataset import Example, Message
from llmlora.data.tokenizer import ChatTokenizer


class TemplateError(Exception):
    """The chat template refused a conversation, in its own words."""


class RowDroppedError(Exception):
    """A row cannot be trained on. `reason` is a stable code counted in the ledger."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        super().__init__(f"{reason}: {detail}" if detail else reason)


@dataclass(frozen=True)
class Span:
    """Characters `[start, end)` of the text. `ends_turn`: the last of them are an end-of-turn token."""

    start: int
    end: int
    ends_turn: bool


@dataclass(frozen=True)
class Rendered:
    """A training text. `plain` texts get the tokenizer's own start token; chats carry theirs in the template."""

    text: str
    spans: tuple[Span, ...]
    plain: bool = field(default=False)


def render_chat(
    messages: Sequence[Message], tools: str | None, tokenizer: ChatTokenizer
) -> tuple[Rendered, ...]:
    """Render a conversation and find its trained turns.

    One text where the template writes earlier turns the same way whatever follows; otherwise (templates that
    rewrite history, e.g. by dropping reasoning) one text per trained turn.

    Raises:
        RowDroppedError: no turn is trained, or the template hides or rewrites an answer.
    """
    _refuse_reserved_text(messages, tokenizer)
    trained = [i for i, m in enumerate(messages) if m.role == "assistant" and m.train]
    if not trained:
        raise RowDroppedError("no_assistant_turn")
    try:
        turns = [_render_turn(messages[: i + 1], tools, tokenizer) for i in trained]
        whole = tokenizer.render(messages, tools=tools, add_generation_prompt=False)
    except TemplateError as error:
        raise RowDroppedError("template_refused", str(error)) from error
    if all(whole.startswith(text[: span.end]) for text, span in turns):
        last = turns[-1][1].end
        return (Rendered(text=whole[:last], spans=tuple(span for _, span in turns)),)
    return tuple(Rendered(text=text[: span.end], spans=(span,)) for text, span in turns)


def render_completion(example: Example, tokenizer: ChatTokenizer, *, whole: bool) -> Rendered:
    """Render plain text, ended by the end-of-text token. `whole`: the prompt carries loss too.

    Raises:
        RowDroppedError: there is no text.
    """
    prompt, completion = example.prompt or "", example.completion or ""
    if not completion:
        raise RowDroppedError("empty_completion")
    text = prompt + completion + tokenizer.eos_text
    start = 0 if whole else len(prompt)
    return Rendered(text=text, spans=(Span(start, len(text), ends_turn=True),), plain=True)


def _render_turn(
    messages: Sequence[Message], tools: str | None, tokenizer: ChatTokenizer
) -> tuple[str, Span]:
    """The conversation up to and including its last (assistant) turn, and that turn's span."""
    prompt = tokenizer.render(messages[:-1], tools=tools, add_generation_prompt=True)
    text = tokenizer.render(messages, tools=tools, add_generation_prompt=False)
    if not text.startswith(prompt):
        raise RowDroppedError("template_changes_prompt")
    answer = messages[-1].content.strip()
    found = text.rfind(answer, len(prompt))
    if found < 0:
        raise RowDroppedError("template_hides_answer")
    end, ends_turn = _end_of_turn(text, found + len(answer), tokenizer, calls_tools=not answer)
    return text, Span(len(prompt), end, ends_turn)


def _end_of_turn(text: str, after: int, tokenizer: ChatTokenizer, *, calls_tools: bool) -> tuple[int, bool]:
    """Where the turn ends: behind the first reserved token after the answer (the last one after tool calls)."""
    marks = list(_reserved_pattern(tokenizer.special_texts).finditer(text, after))
    if not marks:
        return len(text.rstrip()), False
    return (marks[-1] if calls_tools else marks[0]).end(), True


@lru_cache(maxsize=8)
def _reserved_pattern(special_texts: frozenset[str]) -> re.Pattern[str]:
    longest_first = sorted(special_texts, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


def _refuse_reserved_text(messages: Sequence[Message], tokenizer: ChatTokenizer) -> None:
    """A reserved token inside a text would end or forge a turn."""
    pattern = _reserved_pattern(tokenizer.special_texts)
    for message in messages:
        if found := pattern.search(message.content):
            raise RowDroppedError("reserved_token_in_text", found.group())
