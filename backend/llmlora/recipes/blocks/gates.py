"""Verdicts over what reference and server said: which prompt, which token, the numbers, the likely cause."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean
from typing import Any

from llmlora.contracts.inference import ChatAnswer
from llmlora.contracts.text import Text
from llmlora.recipes.blocks import gate_words
from llmlora.recipes.blocks.parity import (
    AnswerComparison,
    Divergence,
    PromptDifference,
    ReferenceAnswer,
    Tolerance,
    compare_answer,
    compare_prompt,
)

# A server that is twice as close to the base model as to the trained one does not apply the adapter.
BASE_RATIO = 0.5
# Up to this many times the limits, drift looks like rounding; beyond, like other weights.
ROUNDING_FACTOR = 2.0
# Where the reference is that sure to end, a server that goes on for ever has not just taken another near tie.
SURE_END_NATS = 2.0
END = "<end of turn>"

Decode = Callable[[tuple[int, ...]], str]


@dataclass(frozen=True)
class Asked:
    """One prompt and what both sides made of it. `served_ids` None: the engine cannot tell."""

    prompt: str
    reference: ReferenceAnswer
    served_ids: tuple[int, ...] | None
    answer: ChatAnswer


@dataclass(frozen=True)
class Fault:
    """One reason for red. `token` counts from 0 within the answer (within the prompt for `prompt_ids`)."""

    kind: str
    prompt: str
    token: int | None
    expected: str
    served: str
    value: float | None
    limit: float | None
    words: Text


@dataclass(frozen=True)
class GateResult:
    """A verdict and its numbers."""

    name: str
    faults: tuple[Fault, ...]
    numbers: dict[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Green."""
        return not self.faults

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {"passed": self.passed, **self.numbers, "faults": [asdict(f) for f in self.faults]}


def judge_parity(
    asked: Sequence[Asked], tolerance: Tolerance, *, decode: Decode, texts_only: bool = False
) -> GateResult:
    """Prompt ids equal; greedy answers equal but for near ties; log-probabilities within the tolerance.

    `texts_only`: the engine cannot tell log-probabilities, so none are missed.
    """
    compared = [compare_answer(a.reference, a.answer) for a in asked]
    drift = _Drift.over(compared)
    faults = [f for a in asked if (f := _prompt_fault(a, decode)) is not None]
    if not faults:  # other prompts explain other answers: name the cause, not its consequences
        cause = _cause(drift, tolerance)
        for one, comparison in zip(asked, compared, strict=True):
            faults += _answer_faults(one, comparison, tolerance, cause)
        faults += [] if texts_only else _drift_faults(asked, drift, tolerance, cause)
    numbers = {
        "prompts": len(asked),
        "texts_only": texts_only,
        "diverged_prompts": sum(c.divergence is not None for c in compared),
        **asdict(drift),
        "tells_adapter_from_base": drift.adapter_effect > drift.mean_delta / BASE_RATIO,
        "tolerance": asdict(tolerance),
    }
    return GateResult("parity", tuple(faults), numbers)


def judge_stop(asked: Sequence[Asked], special_texts: frozenset[str], *, decode: Decode) -> GateResult:
    """Where the reference ends its turn the server does too, and no reserved token shows as text but those that the
    reference's answers hold themselves.

    An answer that took another near tie may be longer; it is only held to stop at its own end token. Where no answer of the
    reference ends, nothing was proved: that is red, too.
    """
    stopping = [a for a in asked if a.reference.stopped]
    ends = {a.reference.tokens[-1].id for a in stopping}
    faults = [_never_stops(a, decode) for a in stopping if _misses_end(a)]
    blamed = {f.prompt for f in faults}
    for one in asked:
        if one.prompt not in blamed and any(t.id in ends for t in one.answer.tokens[:-1]):
            faults.append(_runs_past_end(one, decode(tuple(ends))))
        said = decode(tuple(t.id for t in one.reference.tokens[:-1] if not t.bytes_))
        shown = next((t for t in sorted(special_texts) if t in one.answer.text and t not in said), None)
        if shown is not None:
            faults.append(_shows_special(one, shown))
    if asked and not stopping:
        faults.append(_nothing_stopped(asked))
    return GateResult("stop", tuple(faults), {"prompts": len(asked), "reference_stops": len(stopping)})


def _misses_end(asked: Asked) -> bool:
    parted = compare_answer(asked.reference, asked.answer).divergence
    went_on = parted is not None and parted.expected_ends and parted.gap > SURE_END_NATS
    return (parted is None or went_on) and asked.answer.finish_reason != "stop"


@dataclass(frozen=True)
class _Drift:
    """Distances over all prompts, in nats."""

    compared_tokens: int
    mean_delta: float
    largest_delta: float
    mean_delta_to_base: float
    adapter_effect: float
    alternatives_delta: float
    compared_alternatives: int
    lists: int

    @classmethod
    def over(cls, compared: Sequence[AnswerComparison]) -> "_Drift":
        deltas = [d for c in compared for d in c.deltas]
        if not deltas:
            return cls(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0)
        to_base = fmean(d for c in compared for d in c.base_deltas)
        effect = fmean(d for c in compared for d in c.effects)
        alternatives = [d for c in compared for d in c.alternatives]
        off = fmean(alternatives) if alternatives else 0.0
        lists = sum(c.lists for c in compared)
        return cls(len(deltas), fmean(deltas), max(deltas), to_base, effect, off, len(alternatives), lists)

    @property
    def is_base(self) -> bool:
        """The base model answered."""
        return self.mean_delta_to_base < BASE_RATIO * self.mean_delta


def _prompt_fault(asked: Asked, decode: Decode) -> Fault | None:
    if asked.served_ids is None:
        count = len(asked.reference.prompt_ids)
        if asked.answer.prompt_tokens == count:
            return None
        difference = PromptDifference(0, (), ())
        expected, served = f"{count} tokens", f"{asked.answer.prompt_tokens} tokens"
    else:
        found = compare_prompt(asked.reference.prompt_ids, asked.served_ids)
        if found is None:
            return None
        difference, expected, served = found, decode(found.missing), decode(found.added)
    is_lacking = difference.missing and not difference.added
    words = (gate_words.PROMPT_LACKS if is_lacking else gate_words.PROMPT_DIFFERS).filled(
        prompt=asked.prompt, index=difference.index, expected=expected, served=served
    )
    return Fault("prompt_ids", asked.prompt, difference.index, expected, served, None, None, words)


def _cause(drift: _Drift, tolerance: Tolerance) -> Text:
    """The likeliest reason why answers or log-probabilities are off although the prompts are equal."""
    if drift.is_base:
        return gate_words.NO_ADAPTER
    excess = max(drift.mean_delta / tolerance.mean, drift.alternatives_delta / tolerance.alternatives)
    return gate_words.ROUNDING if excess <= ROUNDING_FACTOR else gate_words.OTHER_WEIGHTS


def _answer_faults(
    asked: Asked, comparison: AnswerComparison, tolerance: Tolerance, cause: Text
) -> list[Fault]:
    faults = []
    parted = comparison.divergence
    if parted is not None and parted.gap > tolerance.gap:
        faults.append(_divergence_fault(asked, parted, tolerance, cause))
    worst = max(zip(comparison.deltas, comparison.positions, strict=True), default=(0.0, 0))
    if worst[0] > tolerance.largest:
        faults.append(_largest_fault(asked, worst, tolerance, cause))
    return faults


def _divergence_fault(asked: Asked, parted: Divergence, tolerance: Tolerance, cause: Text) -> Fault:
    expected = END if parted.expected_ends else parted.expected.decode(errors="replace")
    served = END if parted.served_ends else parted.served.decode(errors="replace")
    words = gate_words.DIVERGENCE.filled(
        prompt=asked.prompt,
        index=parted.index,
        expected=expected,
        served=served,
        gap=parted.gap,
        limit=tolerance.gap,
        cause=gate_words.MISSED_END if parted.expected_ends else cause,
    )
    return Fault("divergence", asked.prompt, parted.index, expected, served, parted.gap, tolerance.gap, words)


def _largest_fault(asked: Asked, worst: tuple[float, int], tolerance: Tolerance, cause: Text) -> Fault:
    value, position = worst
    text = asked.reference.tokens[position].bytes_.decode(errors="replace") or END
    words = gate_words.LARGEST_DELTA.filled(
        prompt=asked.prompt,
        index=position,
        token=text,
        value=value,
        limit=tolerance.largest,
        cause=gate_words.MISSED_END if text == END else cause,
    )
    return Fault("largest_delta", asked.prompt, position, text, text, value, tolerance.largest, words)


def _drift_faults(asked: Sequence[Asked], drift: _Drift, tolerance: Tolerance, cause: Text) -> list[Fault]:
    every = f"{len(asked)} prompts"
    if drift.compared_tokens == 0 or (drift.lists and not drift.compared_alternatives):
        words = gate_words.NOTHING_COMPARED
        return [Fault("nothing_compared", every, None, "", "", None, None, words)]
    faults = []
    if drift.is_base:
        to_trained, to_base = drift.mean_delta, drift.mean_delta_to_base
        words = gate_words.BASE_ANSWERS.filled(to_trained=to_trained, to_base=to_base, cause=cause)
        faults.append(Fault("base_answers", every, None, "", "", to_base, to_trained, words))
    for kind, what, value, limit in (
        ("mean_delta", gate_words.ANSWERS_TOKENS, drift.mean_delta, tolerance.mean),
        (
            "alternatives_delta",
            gate_words.LIKELIEST_ALTERNATIVES,
            drift.alternatives_delta,
            tolerance.alternatives,
        ),
    ):
        if value > limit:
            words = gate_words.MEAN_OFF.filled(what=what, value=value, limit=limit, cause=cause)
            faults.append(Fault(kind, every, None, "", "", value, limit, words))
    return faults


def _never_stops(asked: Asked, decode: Decode) -> Fault:
    last = len(asked.reference.tokens) - 1
    end = decode((asked.reference.tokens[last].id,))
    words = gate_words.NEVER_STOPS.filled(
        prompt=asked.prompt, index=last, end=end, finish_reason=asked.answer.finish_reason
    )
    return Fault("no_stop", asked.prompt, last, end, asked.answer.text[-40:], None, None, words)


def _nothing_stopped(asked: Sequence[Asked]) -> Fault:
    longest = max(len(a.reference.tokens) for a in asked)
    words = gate_words.NOTHING_STOPPED.filled(prompts=len(asked), longest=longest)
    return Fault("nothing_stopped", f"{len(asked)} prompts", None, "", "", None, longest, words)


def _runs_past_end(asked: Asked, end: str) -> Fault:
    words = gate_words.RUNS_PAST_END.filled(prompt=asked.prompt, end=end)
    return Fault("no_stop", asked.prompt, None, end, asked.answer.text[-40:], None, None, words)


def _shows_special(asked: Asked, shown: str) -> Fault:
    words = gate_words.SHOWS_SPECIAL.filled(prompt=asked.prompt, token=shown)
    return Fault("special_text", asked.prompt, None, "", shown, None, None, words)
