"""The state of CMA-ES (Hansen 2016) as JSON. Optuna keeps it as a pickle; what comes out of a database is never unpickled,
so its parts are kept by name, and the pickle that Optuna reads is made of them in the process that reads it."""

import pickle
from collections.abc import Mapping
from typing import Any

import numpy as np
from cmaes import CMA  # type: ignore[import-untyped]

STATE = "cma:state"
_PREFIX = "cma:optimizer"
_ARRAY = "array"


def portable(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """What Optuna has noted with a trial in this process, as JSON values."""
    pieces = {name: value for name, value in attrs.items() if name.startswith(_PREFIX)}
    kept = {name: value for name, value in attrs.items() if name not in pieces}
    if pieces:
        text = "".join(pieces[f"{_PREFIX}:{place}"] for place in range(len(pieces)))
        optimizer = pickle.loads(bytes.fromhex(text))  # noqa: S301 - this process has written it a moment ago
        kept[STATE] = {name: _plain(value) for name, value in optimizer.__getstate__().items()}
    return kept


def restored(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """What Optuna finds with a trial: the reverse of `portable`."""
    kept = {name: value for name, value in attrs.items() if name != STATE}
    state = attrs.get(STATE)
    if state is not None:
        optimizer = CMA.__new__(CMA)
        optimizer.__setstate__({name: _array(value) for name, value in state.items()})
        kept[f"{_PREFIX}:0"] = pickle.dumps(optimizer).hex()
    return kept


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {_ARRAY: value.ravel().tolist(), "shape": list(value.shape)}
    return value.item() if isinstance(value, np.generic) else value


def _array(value: Any) -> Any:
    if isinstance(value, dict):
        return np.array(value[_ARRAY], dtype=float).reshape(value["shape"])
    return value
