"""How a chat template closes an assistant's turn, learnt by rendering turns whose words are known.

An answer's own words are never searched for: a template is given probes in their place, and what it writes behind a
probe is what it writes behind an answer. What stays the same when another turn follows belongs to the turn.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from llmlora.contracts.dataset import Message
from llmlora.data.tokenizer import ChatTokenizer, TemplateError

# Words that no template looks for, trims, or writes by itself.
CONTENT, REASONING, ARGUMENT, NEXT = (f"zq{n}probe{n}qz" for n in (1, 2, 3, 4))
PROBES = {"content": CONTENT, "reasoning": REASONING, "tool_calls": ARGUMENT}


@dataclass(frozen=True)
class TurnEnd:
    """What stands behind an answer.

    `mark`: the reserved token that ends the turn; `tail`: from there to the end of the text. `missing`: what has to be
    put behind the text, where the template writes the mark only in front of the next turn (as GLM's does).
    `writes`: which of `content`, `reasoning` and `tool_calls` show in the text at all.
    """

    mark: str
    tail: str
    missing: str
    writes: frozenset[str]

    def closes(self, text: str, start: int) -> bool:
        """Whether a text whose answer begins at `start` is closed so."""
        return bool(self.mark) and text.endswith(self.tail) and len(text) - len(self.tail) >= start

    def place(self, text: str) -> int:
        """Where the turn ends in a text that is closed so, `missing` appended."""
        if self.missing or not self.mark:
            return len(text)
        return len(text) - len(self.tail) + len(self.mark)


class TurnEnds:
    """The ends of one tokenizer's turns, by what a turn holds."""

    def __init__(self) -> None:
        self._known: dict[tuple[bool, ...], TurnEnd] = {}

    def of(
        self, messages: Sequence[Message], tools: str | None, text: str, start: int, tokenizer: ChatTokenizer
    ) -> TurnEnd:
        """The end of a conversation's last turn; `text` is its rendering, where the answer begins at `start`.

        What was learnt from another conversation serves where the text is closed by the same mark: no content can
        hold a reserved token, so the mark is the template's.
        """
        turn = messages[-1]
        shape = (bool(turn.content), bool(turn.reasoning), bool(turn.tool_calls), tools is not None)
        known = self._known.get(shape)
        if known is not None and known.closes(text, start):
            return known
        try:
            found = _learn(messages, tools, tokenizer)
        except TemplateError:  # it takes these words and no others
            return _guess(text, start, reserved_pattern(tokenizer.special_texts))
        if found.mark and known is None:
            self._known[shape] = found
        return found


_ENDS: "WeakKeyDictionary[ChatTokenizer, TurnEnds]" = WeakKeyDictionary()


def ends_of(tokenizer: ChatTokenizer) -> TurnEnds:
    """What is known of a tokenizer's template."""
    return _ENDS.setdefault(tokenizer, TurnEnds())


@lru_cache(maxsize=8)
def reserved_pattern(special_texts: frozenset[str]) -> re.Pattern[str]:
    """Matches the reserved tokens' texts, the longest first."""
    longest_first = sorted(filter(None, special_texts), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


def _learn(messages: Sequence[Message], tools: str | None, tokenizer: ChatTokenizer) -> TurnEnd:
    turn = _probed(messages[-1])
    alone = tokenizer.render([*messages[:-1], turn], tools=tools, add_generation_prompt=False)
    writes = frozenset(part for part, probe in PROBES.items() if probe in alone)
    behind = _behind(alone) or ""
    followed = _followed(messages[:-1], turn, tools, tokenizer)
    pattern = reserved_pattern(tokenizer.special_texts)
    shared = behind if followed is None else behind[: shared_length(behind, followed)]
    marks = list(pattern.finditer(shared))
    # Where another mark ends the last turn than earlier ones, there is none in what both share.
    mark = marks[-1] if marks else next(pattern.finditer(behind), None)
    if mark is not None:
        return TurnEnd(mark.group(), behind[mark.start() :], "", writes)
    opener = None if followed is None else _opener(behind, followed, pattern)
    return (
        TurnEnd(opener.group("mark"), "", opener.group(), writes) if opener else TurnEnd("", "", "", writes)
    )


def _guess(text: str, start: int, pattern: re.Pattern[str]) -> TurnEnd:
    marks = list(pattern.finditer(text, start))
    mark, tail = (marks[-1].group(), text[marks[-1].start() :]) if marks else ("", "")
    return TurnEnd(mark, tail, "", frozenset(PROBES))


def _opener(behind: str, followed: str, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """The reserved token that opens the next turn, where it is the first thing behind an answer."""
    if not followed.startswith(behind):
        return None
    return re.match(rf"\s*(?P<mark>{pattern.pattern})", followed[len(behind) :])


def _followed(
    before: Sequence[Message], turn: Message, tools: str | None, tokenizer: ChatTokenizer
) -> str | None:
    """What stands behind the probes where another turn follows; None: the template takes none."""
    call = json.loads(turn.tool_calls)[0] if turn.tool_calls else {}
    name, id_ = (call.get("function") or {}).get("name"), call.get("id")
    answer = Message(role="tool", content=NEXT, name=name, tool_call_id=id_)
    for following in ([answer] if call else []), [Message(role="user", content=NEXT)]:
        if not following:
            continue
        try:
            text = tokenizer.render([*before, turn, *following], tools=tools, add_generation_prompt=False)
        except TemplateError:
            continue
        return _behind(text)
    return None


def _behind(text: str) -> str | None:
    """What stands behind the last probe; None: no probe shows."""
    ends = [text.rfind(probe) + len(probe) for probe in PROBES.values() if probe in text]
    return text[max(ends) :] if ends else None


def _probed(turn: Message) -> Message:
    """The same turn with other words."""
    return turn.model_copy(
        update={
            "content": CONTENT if turn.content else "",
            "reasoning": REASONING if turn.reasoning else None,
            "tool_calls": _probed_calls(turn.tool_calls),
        }
    )


def _probed_calls(calls: str | None) -> str | None:
    if not calls:
        return None
    probed: list[dict[str, Any]] = []
    for call in json.loads(calls):
        function = call.get("function")
        arguments = {"arguments": {ARGUMENT: ARGUMENT}}
        probed.append(
            {**call, "function": {**function, **arguments}}
            if isinstance(function, dict)
            else {**call, **arguments}
        )
    return json.dumps(probed)


def shared_length(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
