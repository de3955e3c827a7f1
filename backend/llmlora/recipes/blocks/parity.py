"""Whether what is served is what was trained: comparisons of numbers and bytes, without a model or a network.

Engines may join the tokens of one character into one entry, or hide the end token, so answers are aligned by their
bytes; what the number of a joined entry means, the entry says (`TokenLogprob.joined`). An engine that names no ids
rebuilds bytes from text: pieces of characters are U+FFFD there and equal each other, so only alternatives that are whole
characters are compared with it.
"""

import re
from collections import Counter
from dataclasses import astuple, dataclass, field
from difflib import SequenceMatcher

from llmlora.contracts.inference import ChatAnswer, TokenLogprob


@dataclass(frozen=True)
class Tolerance:
    """How far a served model may be from its reference, in nats."""

    mean: float
    """Mean |Δ log p| over all compared tokens."""
    largest: float
    """Largest |Δ log p| of one token."""
    gap: float
    """Two tokens whose reference log-probabilities are closer than this may change places in a greedy answer."""
    alternatives: float
    """Mean |Δ log p| over the reference's likeliest tokens at each place: it sees other weights even where the answer
    is so well learned that its own tokens hardly move."""


def wider(one: Tolerance, other: Tolerance) -> Tolerance:
    """What allows all that either allows."""
    return Tolerance(*map(max, astuple(one), astuple(other)))


# Measured with SmolLM2-135M, whose size makes it the most restless; figures and reasons: deploy_llama_cpp/README.md.
TOLERANCES: dict[str, Tolerance] = {
    "f32": Tolerance(mean=0.02, largest=0.2, gap=0.2, alternatives=0.05),
    "f16": Tolerance(mean=0.02, largest=0.2, gap=0.2, alternatives=0.05),
    "bf16": Tolerance(mean=0.06, largest=0.5, gap=0.4, alternatives=0.15),
    "q8_0": Tolerance(mean=0.2, largest=1.5, gap=1.0, alternatives=0.5),
    "trained_gguf": Tolerance(mean=0.2, largest=1.5, gap=1.0, alternatives=0.5),
    "q4": Tolerance(mean=0.5, largest=4.0, gap=2.0, alternatives=2.0),
}
# Further down the list rounding grows and says less.
ALTERNATIVES = 5
UNKNOWN = "\ufffd"


@dataclass(frozen=True)
class ReferenceToken:
    """One greedy token of the reference. `bytes_` is empty for an end token; `top` is best first."""

    id: int
    bytes_: bytes
    logprob: float
    base_logprob: float
    """Of the same token in the same context with the adapter switched off."""
    top: tuple[tuple[int, bytes, float], ...]

    @property
    def margin(self) -> float:
        """How far the second best token is behind."""
        return self.top[0][2] - self.top[1][2]


@dataclass(frozen=True)
class ReferenceAnswer:
    """What the trained model answers. When `stopped`, the end token is the last of `tokens`."""

    prompt_ids: tuple[int, ...]
    tokens: tuple[ReferenceToken, ...]
    stopped: bool


@dataclass(frozen=True)
class PromptDifference:
    """Where two prompts part. One of the two spans can be empty."""

    index: int
    missing: tuple[int, ...]
    """Ids of the training prompt that the engine does not send."""
    added: tuple[int, ...]
    """Ids that only the engine sends."""


@dataclass(frozen=True)
class Divergence:
    """The first token that differs. `gap`: how much likelier the reference finds its own token."""

    index: int
    expected: bytes
    served: bytes
    gap: float
    expected_ends: bool
    served_ends: bool


@dataclass
class AnswerComparison:
    """Distances of one answer, per compared token, and where it parts from the reference."""

    deltas: list[float] = field(default_factory=list)
    """|served − trained|, nats."""
    base_deltas: list[float] = field(default_factory=list)
    """|served − base without adapter|, nats, of the same tokens."""
    effects: list[float] = field(default_factory=list)
    """|trained − base|, nats: what the adapter does to these tokens."""
    alternatives: list[float] = field(default_factory=list)
    """|served − trained|, nats, of the reference's likeliest tokens at every compared place, if they can be told there."""
    lists: int = 0
    """Compared places where the engine listed alternatives."""
    positions: list[int] = field(default_factory=list)
    divergence: Divergence | None = None


def compare_prompt(expected: tuple[int, ...], served: tuple[int, ...]) -> PromptDifference | None:
    """The first difference of two prompts' token ids, or None."""
    if expected == served:
        return None
    matcher = SequenceMatcher(None, expected, served, autojunk=False)
    tag = next(op for op in matcher.get_opcodes() if op[0] != "equal")
    _, first, last, served_first, served_last = tag
    return PromptDifference(first, expected[first:last], served[served_first:served_last])


def compare_answer(reference: ReferenceAnswer, answer: ChatAnswer) -> AnswerComparison:
    """Walk along the served answer until it ends, the reference ends, or they part."""
    comparison = AnswerComparison()
    if not answer.tokens:
        comparison.divergence = _parting_of_texts(reference.tokens, answer)
        return comparison
    position = 0
    for place, entry in enumerate(answer.tokens):
        if position >= len(reference.tokens):
            return comparison
        if _is_withheld(entry, reference.tokens[position]) and place + 1 < len(answer.tokens):
            continue  # a stop word might have begun: the text comes with the next entry
        end, parted = _consume(reference.tokens, position, entry)
        if parted is not None:
            _note_parting(comparison, reference.tokens[parted], parted, entry, alone=parted == position)
            return comparison
        if end is None:
            return comparison
        _note(comparison, reference.tokens[position:end], end - 1, entry.logprob, entry)
        position = end
    if answer.finish_reason == "stop" and position < len(reference.tokens):
        token = reference.tokens[position]
        if token.bytes_:
            comparison.divergence = Divergence(position, token.bytes_, b"", token.margin, False, True)
    return comparison


def _parting_of_texts(tokens: tuple[ReferenceToken, ...], answer: ChatAnswer) -> Divergence | None:
    """Where an answer of which only the text is known leaves the reference, and how close the choice was there."""
    rest = answer.text.encode()
    for index, token in enumerate(tokens):
        if not token.bytes_:
            return Divergence(index, b"", rest, token.margin, True, False) if rest else None
        if not rest:
            ended = answer.finish_reason == "stop"
            return Divergence(index, token.bytes_, b"", token.margin, False, True) if ended else None
        if not rest.startswith(token.bytes_):
            return Divergence(index, token.bytes_, rest[: len(token.bytes_)], token.margin, False, False)
        rest = rest[len(token.bytes_) :]
    return None


def _consume(
    tokens: tuple[ReferenceToken, ...], start: int, entry: TokenLogprob
) -> tuple[int | None, int | None]:
    """(end, None) when the entry equals `tokens[start:end]`, (None, index) where it parts, (None, None) past the end."""
    rest, index = entry.bytes_, start
    if not tokens[start].bytes_ and entry.id == tokens[start].id:
        return start + 1, None  # reserved, whether the engine prints it (gpt-oss's channels) or not
    if entry.id is None and UNKNOWN.encode() in rest and not _spells(tokens[start:], rest):
        return _consume_replaced(tokens, start, rest.decode(errors="replace"))
    if not rest:
        same = not tokens[start].bytes_ and entry.id in (None, tokens[start].id)
        return (start + 1, None) if same else (None, start)
    while rest:
        if index >= len(tokens):
            return None, None
        piece = tokens[index].bytes_
        if not piece or not rest.startswith(piece):
            return None, index
        rest, index = rest[len(piece) :], index + 1
    if entry.id not in (None, tokens[index - 1].id):
        return None, index - 1
    return index, None


def _is_withheld(entry: TokenLogprob, token: ReferenceToken) -> bool:
    """Whether an entry without text, in an engine without ids, stands where the reference does not end."""
    return entry.id is None and not entry.bytes_ and bool(token.bytes_)


def _spells(tokens: tuple[ReferenceToken, ...], text: bytes) -> bool:
    """Whether the very bytes are the reference's: some models do say U+FFFD."""
    spelt = b"".join(token.bytes_ for token in tokens[: len(text)])
    return spelt.startswith(text)


def _consume_replaced(
    tokens: tuple[ReferenceToken, ...], start: int, text: str
) -> tuple[int | None, int | None]:
    """As `_consume`, for an entry whose bytes were lost: tokens that read alike once theirs are replaced, too.

    How many U+FFFD stand for a run of broken bytes differs from one decoder to the next: runs count as one.
    """
    wanted, spelt = _as_replaced(text), b""
    for index in range(start, len(tokens)):
        if not tokens[index].bytes_:
            return None, index
        spelt += tokens[index].bytes_
        following = tokens[index + 1].bytes_ if index + 1 < len(tokens) else b""
        goes_on = following[:1] != b"" and 0x80 <= following[0] < 0xC0
        so_far = _as_replaced(spelt.decode(errors="replace"))
        if so_far == wanted and not goes_on:
            return index + 1, None
        if not wanted.startswith(so_far.rstrip(UNKNOWN)):
            return None, index
    return None, None


def _as_replaced(text: str) -> str:
    return re.sub(f"{UNKNOWN}+", UNKNOWN, text)


def _note(
    comparison: AnswerComparison,
    tokens: tuple[ReferenceToken, ...],
    position: int,
    served_logprob: float,
    entry: TokenLogprob,
) -> None:
    """Note the distances of the entry that stands for `tokens`, the last of which is at `position`."""
    last = tokens[-1]
    trained, base = last.logprob, last.base_logprob
    if entry.joined == "last_or_sum" and len(tokens) > 1:
        sums = sum(token.logprob for token in tokens), sum(token.base_logprob for token in tokens)
        trained, base = min(((trained, base), sums), key=lambda one: abs(served_logprob - one[0]))
    comparison.deltas.append(abs(served_logprob - trained))
    comparison.base_deltas.append(abs(served_logprob - base))
    comparison.effects.append(abs(trained - base))
    comparison.positions.append(position)
    if entry.top:
        comparison.lists += 1
        comparison.alternatives += _alternative_deltas(last, entry)


def _alternative_deltas(token: ReferenceToken, entry: TokenLogprob) -> list[float]:
    """A token that the engine does not list is at most as likely as the last one it lists.

    Where entries carry no ids, only whole characters that one entry alone spells name a token.
    """
    by_id = {i: lp for i, _, lp in entry.top if i is not None}
    spelt = Counter(b for i, b, _ in entry.top if i is None)
    by_bytes = {b: lp for i, b, lp in entry.top if i is None and spelt[b] == 1}
    least = entry.top[-1][2]
    deltas = []
    for number, text, logprob in token.top[:ALTERNATIVES]:
        if not by_id and (not is_whole(text) or spelt[text] > 1):
            continue
        served = by_id.get(number, by_bytes.get(text))
        deltas.append(max(0.0, logprob - least) if served is None else abs(served - logprob))
    return deltas


def is_whole(text: bytes) -> bool:
    """Whether bytes are whole characters, as an engine can write them that knows text only."""
    try:
        return bool(text) and UNKNOWN not in text.decode()
    except UnicodeDecodeError:
        return False


def _note_parting(
    comparison: AnswerComparison, token: ReferenceToken, index: int, entry: TokenLogprob, *, alone: bool
) -> None:
    """Record the divergence, and the distance there where the engine tells how likely it found the expected token."""
    gap = token.margin
    if alone and entry.top and entry.top[0][1] == entry.bytes_:  # the entry is one token
        # Without ids an end says only that it is a special token; the likeliest of them comes first in both lists.
        known = [lp for i, b, lp in token.top if i == entry.id or (entry.id is None and b == entry.bytes_)]
        gap = token.logprob - (known[0] if known else token.top[-1][2])
        if entry.id is not None or not token.bytes_ or is_whole(token.bytes_):
            seen = [lp for i, b, lp in entry.top if i == token.id or (i is None and b == token.bytes_)]
            served = seen[0] if seen else min(entry.top[-1][2], token.logprob)
            _note(comparison, (token,), index, served, entry)
    comparison.divergence = Divergence(
        index, token.bytes_, entry.bytes_, gap, expected_ends=not token.bytes_, served_ends=not entry.bytes_
    )
