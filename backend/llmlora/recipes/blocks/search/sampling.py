"""Points that are worth trying, by Optuna 5. The study is made of what is told, in memory, and forgotten afterwards."""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.samplers import BaseSampler, CmaEsSampler, GPSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState, create_trial

from llmlora.contracts.sweep import (
    Answer,
    Ask,
    Asked,
    Dimension,
    Direction,
    Space,
    TrialOutcome,
    Tried,
    hash_of,
    in_order,
)
from llmlora.recipes.blocks.search.cma_state import portable, restored

TRIES = 20
"""Asks of the sampler, then of chance, for a point that was not tried yet."""
FEWEST = 4
"""Trials of which the best tenth says something."""
_STATES = {
    TrialOutcome.WAITING: TrialState.RUNNING,
    TrialOutcome.RUNNING: TrialState.RUNNING,
    TrialOutcome.COMPLETE: TrialState.COMPLETE,
    TrialOutcome.PRUNED: TrialState.PRUNED,
    TrialOutcome.FAILED: TrialState.FAIL,
    TrialOutcome.CANCELLED: TrialState.FAIL,
}


def ask(wanted: Ask) -> Answer:
    """New points, no one of which was tried. Those that run are known to the sampler, which keeps away from them."""
    began = time.perf_counter()
    study = _study_of(wanted.sweep_id, [one.direction for one in wanted.objectives], wanted)
    known = {hash_of(one.point) for one in wanted.tried}
    found = list[Asked]()
    for number in wanted.numbers:
        new = _new_point(study, wanted, number, known)
        if new is None:
            break
        known.add(hash_of(new.point))
        found.append(new)
    return Answer(points=found, asked_s=time.perf_counter() - began)


def importance(wanted: Ask) -> Answer:
    """How much of the difference between good and other trials each setting makes, by objective: PED-ANOVA (Watanabe et al.
    2023), which also holds where a setting is set in some trials alone. Nothing where there are too few trials."""
    shares = list[dict[str, float]]()
    for place, objective in enumerate(wanted.objectives):
        complete = [
            one.model_copy(update={"values": one.values[place : place + 1]})
            for one in wanted.tried
            if one.outcome is TrialOutcome.COMPLETE and one.values
        ]
        alone = wanted.model_copy(update={"tried": complete})
        study = _study_of(wanted.sweep_id, [objective.direction], alone)
        shares.append(_shares(study))
    return Answer(importance=shares)


def _shares(study: optuna.Study) -> dict[str, float]:
    values = {trial.value for trial in study.trials}
    if len(study.trials) < FEWEST or len(values) == 1:
        return {}
    try:
        return dict(get_param_importances(study, evaluator=PedAnovaImportanceEvaluator()))
    except (ValueError, RuntimeError):  # no setting has two values
        return {}


def _new_point(study: optuna.Study, wanted: Ask, number: int, known: set[str]) -> Asked | None:
    for place in range(2 * TRIES):
        seed = seed_of(wanted.seed, number, place)
        is_chance = place >= TRIES
        study.sampler = RandomSampler(seed=seed) if is_chance else _sampler(wanted.sampler, seed)
        trial = study.ask()
        point = _suggested(trial, wanted.space)
        if hash_of(point) not in known:
            noted = study.get_trials(deepcopy=False)[trial.number].system_attrs
            return Asked(number=number, point=point, attrs=portable(noted))
        study.tell(trial, state=TrialState.FAIL)
    return None


def seed_of(seed: int, number: int, place: int = 0) -> int:
    """Of one ask: the same for the same trial, so that an ask whose process has died is repeated as it was."""
    digest = hashlib.sha256(f"{seed}:{number}:{place}".encode()).digest()
    return int.from_bytes(digest[:4]) & 0x7FFFFFFF


def _sampler(name: str, seed: int) -> BaseSampler:
    match name:
        case "cmaes":
            return CmaEsSampler(seed=seed, warn_independent_sampling=False)
        case "gp":
            return GPSampler(seed=seed, warn_independent_sampling=False)
        case "tpe":
            return TPESampler(seed=seed)
    return RandomSampler(seed=seed)


def _study_of(name: str, directions: Sequence[Direction], wanted: Ask) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(study_name=name, directions=list(directions))
    distributions = {name: _distribution(one) for name, one in wanted.space.items()}
    in_turn = sorted(wanted.tried, key=lambda one: one.number)
    study.add_trials([_trial_of(one, wanted.space, distributions) for one in in_turn])
    return study


def _trial_of(one: Tried, space: Space, distributions: Mapping[str, BaseDistribution]) -> FrozenTrial:
    state = _STATES[one.outcome]
    params = {name: _external(space[name], value) for name, value in one.point.items()}
    return create_trial(
        state=state,
        values=one.values if state is TrialState.COMPLETE else None,
        params=params,
        distributions={name: distributions[name] for name in params},
        intermediate_values=dict(one.curve),
        system_attrs=restored(one.attrs),
    )


def _suggested(trial: optuna.Trial, space: Space) -> dict[str, Any]:
    point = dict[str, Any]()
    for name in in_order(space):
        one = space[name]
        if not one.is_active(point):
            continue
        if one.type == "categorical":
            point[name] = json.loads(trial.suggest_categorical(name, _texts(one)))
        elif one.type == "int":
            low, high = _bounds(one)
            point[name] = trial.suggest_int(name, int(low), int(high), step=int(one.step or 1), log=one.log)
        else:
            low, high = _bounds(one)
            found = trial.suggest_float(name, low, high, step=one.step, log=one.log)
            point[name] = min(max(one.number(found), low), high)
    return point


def _distribution(one: Dimension) -> BaseDistribution:
    if one.type == "categorical":
        return CategoricalDistribution(_texts(one))
    low, high = _bounds(one)
    if one.type == "int":
        return IntDistribution(int(low), int(high), log=one.log, step=int(one.step or 1))
    return FloatDistribution(low, high, log=one.log, step=one.step)


def _bounds(one: Dimension) -> tuple[float, float]:
    """Where there are steps, up to the last of them."""
    low, high = one.bounds
    if one.step is not None:
        high = float(one.number(low + int((high - low) / one.step + 1e-9) * one.step))
    return low, high


def _external(one: Dimension, value: Any) -> Any:
    return json.dumps(value) if one.type == "categorical" else value


def _texts(one: Dimension) -> list[str]:
    """Choices as JSON: of Python's own, `1` and `true` are one."""
    return [json.dumps(choice) for choice in one.choices or ()]
