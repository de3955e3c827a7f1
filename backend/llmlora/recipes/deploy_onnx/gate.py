"""The verdict over what the trained model and the served one say of the same rows."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llmlora.contracts.prediction import ColumnsItem, Item, Outcome
from llmlora.contracts.text import Text
from llmlora.recipes.blocks.gates import Fault, GateResult
from llmlora.recipes.deploy_onnx import words

SHOWN = 60


@dataclass(frozen=True)
class Said:
    """One row. `logits` and `ids` of the trained model, `served` of the other; of columns the outputs, and no ids."""

    item: Item
    logits: tuple[float, ...]
    ids: tuple[int, ...]
    served: Outcome


Decode = Callable[[tuple[int, ...]], str]


def judge(said: Sequence[Said], labels: Sequence[str], tolerance: float, *, decode: Decode) -> GateResult:
    """Token ids equal, labels in their order, outputs within the tolerance, the same label chosen. The first that is not so
    explains the others, and is told alone. Amounts, which have no labels, may differ by the tolerance times the largest."""
    if not labels:
        tolerance *= max(1.0, *(abs(one.logits[0]) for one in said))
    deltas = [_difference(one) for one in said]
    checks = (
        [fault for one in said if (fault := _read_otherwise(one, decode))],
        [fault for one in said if labels and (fault := _named_otherwise(one, labels))],
        [fault for one, delta in zip(said, deltas, strict=True) if (fault := _off(one, delta, tolerance))],
        [fault for one in said if labels and (fault := _chosen_otherwise(one, labels))],
    )
    faults = next((found for found in checks if found), [])
    numbers = {
        "prompts": len(said),
        "largest_delta": max(deltas),
        "mean_delta": sum(deltas) / len(deltas),
        "tolerance": {"largest": tolerance},
    }
    return GateResult("parity", tuple(faults), numbers)


def _read_otherwise(one: Said, decode: Decode) -> Fault | None:
    if one.ids == one.served.input_ids:
        return None
    place = next(
        (i for i, (a, b) in enumerate(zip(one.ids, one.served.input_ids, strict=False)) if a != b),
        min(len(one.ids), len(one.served.input_ids)),
    )
    trained, served = decode(one.ids[place : place + 1]), decode(one.served.input_ids[place : place + 1])
    facts = {"text": _short(one), "index": place + 1, "expected": trained, "served": served}
    return Fault(
        "input_ids", _short(one), place, trained, served, None, None, words.READ_OTHERWISE.filled(**facts)
    )


def _named_otherwise(one: Said, labels: Sequence[str]) -> Fault | None:
    """By the scores: the label that the door names for the likeliest of the logits is not the trained one's."""
    order = sorted(range(len(one.served.logits)), key=lambda i: -one.served.logits[i])
    named = [score.label for score in one.served.labels]
    expected = [labels[i] if i < len(labels) else "-" for i in order]
    if named == expected:
        return None
    facts = {"text": _short(one), "expected": expected[0], "served": named[0]}
    return _fault("labels", one, expected[0], named[0], None, None, words.NAMED_OTHERWISE.filled(**facts))


def _off(one: Said, delta: float, tolerance: float) -> Fault | None:
    if delta <= tolerance:
        return None
    facts = {"text": _short(one), "value": delta, "limit": tolerance}
    expected, served = f"{max(one.logits):.4f}", f"{max(one.served.logits):.4f}"
    told = words.OUTPUTS_OFF if isinstance(one.item, ColumnsItem) else words.LOGITS_OFF
    return _fault("logits", one, expected, served, delta, tolerance, told.filled(**facts))


def _chosen_otherwise(one: Said, labels: Sequence[str]) -> Fault | None:
    expected = labels[max(range(len(one.logits)), key=lambda i: one.logits[i])]
    served = one.served.labels[0].label
    if expected == served or _difference(one) == 0:
        return None
    runner_up, best = sorted(one.logits)[-2:]
    if best - runner_up <= 2 * _difference(one):  # equally likely on both sides
        return None
    facts = {"text": _short(one), "expected": expected, "served": served}
    return _fault("argmax", one, expected, served, None, None, words.CHOSEN_OTHERWISE.filled(**facts))


def _difference(one: Said) -> float:
    if len(one.logits) != len(one.served.logits):
        return float("inf")
    return max(abs(a - b) for a, b in zip(one.logits, one.served.logits, strict=True))


def _fault(
    kind: str, one: Said, expected: str, served: str, value: float | None, limit: float | None, said: Text
) -> Fault:
    return Fault(kind, _short(one), None, expected, served, value, limit, said)


def _short(one: Said) -> str:
    item = one.item
    text = json.dumps(item.columns, ensure_ascii=False) if isinstance(item, ColumnsItem) else item.text
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
