"""Which trials are better than others, by one objective or several."""

from collections.abc import Sequence

from llmlora.contracts.sweep import Objective
from llmlora.tables.trial import TrialRow


def losses(objectives: Sequence[Objective], values: Sequence[float]) -> tuple[float, ...]:
    """The values of the objectives, each so that less is better."""
    return tuple(
        value if one.direction == "minimize" else -value
        for one, value in zip(objectives, values, strict=True)
    )


def dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether losses are nowhere worse than others, and somewhere better (Pareto)."""
    return all(a <= b for a, b in zip(one, other, strict=True)) and tuple(one) != tuple(other)


def best_first(objectives: Sequence[Objective], complete: Sequence[TrialRow]) -> list[TrialRow]:
    """Complete trials by the first objective, equal ones in their order."""
    return sorted(complete, key=lambda one: (losses(objectives, one.values or ())[0], one.number))


def front(objectives: Sequence[Objective], complete: Sequence[TrialRow]) -> list[TrialRow]:
    """The complete trials that no other dominates, by the first objective."""
    reached = [losses(objectives, one.values or ()) for one in complete]
    kept = [
        one
        for one, own in zip(complete, reached, strict=True)
        if not any(dominates(other, own) for other in reached)
    ]
    return best_first(objectives, kept)


def ranked(objectives: Sequence[Objective], complete: Sequence[TrialRow]) -> list[TrialRow]:
    """Complete trials, the best first: front by front where there are several objectives (Deb et al. 2002)."""
    if len(objectives) == 1:
        return best_first(objectives, complete)
    found: list[TrialRow] = []
    rest = list(complete)
    while rest:
        ahead = front(objectives, rest)
        found += ahead
        names = {one.id for one in ahead}
        rest = [one for one in rest if one.id not in names]
    return found


def since_progress(objectives: Sequence[Objective], in_turn: Sequence[TrialRow]) -> int:
    """How many complete trials, in the order in which they ended, have followed the last that was better than all before it
    (that none before it dominates or equals)."""
    seen: list[tuple[float, ...]] = []
    since = 0
    for one in in_turn:
        own = losses(objectives, one.values or ())
        since = 0 if not any(other == own or dominates(other, own) for other in seen) else since + 1
        seen.append(own)
    return since
