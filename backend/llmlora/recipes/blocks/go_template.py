"""A training template as a Go template, for a server that knows no Jinja.

The Jinja template is not translated but observed: rendered with marks in the place of contents, it shows what stands
before and after each turn. What cannot be told from that (templates whose turns look different by their place) is not
written at all, rather than written almost right.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from llmlora.contracts.dataset import Message
from llmlora.contracts.inference import ChatMessage
from llmlora.data.tokenizer import ChatTokenizer, TemplateError

# Marks no template looks for, and none changes by trimming or by letter case.
_SYSTEM, _USER, _ANSWER, _NEXT = (f"@@{number}@@" for number in (1, 2, 3, 4))
ROLES = ("system", "user", "assistant")


class NotLinearError(Exception):
    """The template cannot be told from its turns."""


@dataclass(frozen=True)
class Turn:
    """What stands before and after the content of a turn."""

    before: str
    after: str


@dataclass(frozen=True)
class LinearTemplate:
    """A template that writes turns one after the other, and then what an answer begins with.

    `default_system`: what it says where a conversation brings no system turn; None: nothing.
    """

    start: str
    turns: dict[str, Turn]
    answer_begins: str
    default_system: str | None

    def render(self, messages: Sequence[ChatMessage]) -> str:
        """The prompt as the template writes it."""
        given = [(m.role, m.content) for m in messages]
        if self.default_system is not None and (not given or given[0][0] != "system"):
            given.insert(0, ("system", self.default_system))
        texts = []
        for role, content in given:
            if role not in self.turns:
                raise NotLinearError(f"no turn of {role}")
            turn = self.turns[role]
            texts.append(f"{turn.before}{content}{turn.after}")
        return "".join([self.start, *texts, self.answer_begins])

    def go(self, *, without_start: str = "") -> str:
        """As a Go template that needs nothing else. `without_start`: what the server's tokenizer puts in front itself."""
        branches = [
            f"{'if' if place == 0 else 'else if'} eq .Role {_quoted(role)} -}}}}"
            f"{_literal(turn.before)}{{{{- .Content -}}}}{_literal(turn.after)}"
            for place, (role, turn) in enumerate(self.turns.items())
        ]
        loop = "".join(f"{{{{- {branch}" for branch in branches)
        parts = [
            _literal(self.start.removeprefix(without_start)),
            self._default_turn(),
            f"{{{{- range .Messages -}}}}{loop}{{{{- end -}}}}{{{{- end -}}}}",
            _literal(self.answer_begins),
        ]
        return "".join(parts)

    def _default_turn(self) -> str:
        if self.default_system is None:
            return ""
        turn = self.turns["system"]
        text = _literal(f"{turn.before}{self.default_system}{turn.after}")
        return f'{{{{- if ne (index .Messages 0).Role "system" -}}}}{text}{{{{- end -}}}}'


def observe(tokenizer: ChatTokenizer) -> LinearTemplate:
    """Read a template off what it renders.

    Raises:
        NotLinearError: its turns are not all written alike.
    """
    try:
        return _observe(tokenizer)
    except TemplateError as error:
        raise NotLinearError(str(error)) from error


def _observe(tokenizer: ChatTokenizer) -> LinearTemplate:
    question = (("user", _USER),)
    answered = (*question, ("assistant", _ANSWER))
    asked_again = (*answered, ("user", _NEXT))
    begins, closes = _parts(tokenizer, question, prompt=True)
    _, user_closes = _parts(tokenizer, question, prompt=False)
    answer_begins = _behind(closes, user_closes)
    _, between, answer_closes = _parts(tokenizer, answered, prompt=False)
    _, _, again, _ = _parts(tokenizer, asked_again, prompt=True)
    answer = Turn(_behind(between, user_closes), answer_closes)
    user = Turn(_behind(again, answer_closes), user_closes)
    turns = {"user": user, "assistant": answer}
    start, default = _before(begins, user.before), None
    try:
        system_begins, system_closes, _ = _parts(tokenizer, (("system", _SYSTEM), *question), prompt=True)
        system = Turn(system_begins, _before(system_closes, user.before))
    except (TemplateError, NotLinearError):
        return LinearTemplate(start, turns, answer_begins, None)
    shared = _shared(start, system.before)
    if start != shared:
        default = _before(_behind(start, system.before), system.after)
        shared = ""
    system = Turn(_behind(system.before, shared), system.after)
    return LinearTemplate(shared, {"system": system, **turns}, answer_begins, default)


def _parts(tokenizer: ChatTokenizer, turns: Sequence[tuple[str, str]], *, prompt: bool) -> tuple[str, ...]:
    """What stands before, between and behind the marks."""
    messages = [Message.model_validate({"role": role, "content": mark}) for role, mark in turns]
    rest = tokenizer.render(messages, tools=None, add_generation_prompt=prompt)
    parts: list[str] = []
    for _, mark in turns:
        before, found, rest = rest.partition(mark)
        if not found or mark in rest:
            raise NotLinearError(f"{mark} is not written once")
        parts.append(before)
    return (*parts, rest)


def _behind(text: str, start: str) -> str:
    if not text.startswith(start):
        raise NotLinearError(f"{text!r} does not begin with {start!r}")
    return text[len(start) :]


def _before(text: str, end: str) -> str:
    if not text.endswith(end):
        raise NotLinearError(f"{text!r} does not end with {end!r}")
    return text[: len(text) - len(end)]


def _shared(one: str, other: str) -> str:
    length = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return one[:length]


def _literal(text: str) -> str:
    return f"{{{{- {_quoted(text)} -}}}}" if text else ""


def _quoted(text: str) -> str:
    """A Go string; JSON's escapes are a part of Go's as long as characters beyond ASCII stand as they are."""
    return json.dumps(text, ensure_ascii=False)
