"""Searches over the settings of a recipe, as the orchestrator asks for them."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from llmlora.client.calls import Call, quoted
from llmlora.client.errors import ClientError, WaitTimeoutError
from llmlora.client.figures import ALSO, Direction
from llmlora.client.generated.models import RecipeOut
from llmlora.client.synchronous import Client

SWEEPS = "/api/sweeps"
POLL_S = 1.0
_NOT_FOUND = 404
# What gets better when it falls, where neither the recipe nor the caller says so.
_FALLING = ("loss", "error", "rmse", "mae", "perplexity")


def objective_of(recipe: RecipeOut, metric: str | None, direction: Direction | None) -> list[dict[str, str]]:
    """What trials are compared by: the recipe's curve of this name (scikit-learn's, too); empty means the main curve."""
    if metric is None:
        return []
    names = (metric, *ALSO.get(metric, ()))
    found = next(
        (one for name in names for one in recipe.metrics if name in (one.name, one.name.rpartition("/")[2])),
        None,
    )
    better = None if found is None else found.better
    falls = better == "down" if better in ("up", "down") else any(word in metric for word in _FALLING)
    way = direction or ("minimize" if falls else "maximize")
    return [{"metric": metric if found is None else found.name, "direction": way}]


def space_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """A space as the API takes it: a list of values as it is, a pair as a range, a mapping as a dimension of the API's own."""
    return {name: _dimension(one) for name, one in given.items()}


def find_sweep(client: Client, id_: str) -> dict[str, Any] | None:
    """A sweep; None where there is none of this id.

    Raises:
        ClientError: the API refuses.
    """
    try:
        found: dict[str, Any] = client.transport.send(Call("GET", f"{SWEEPS}/{quoted(id_)}")).json()
    except ClientError as error:
        if error.status == _NOT_FOUND:
            return None
        raise
    return found


def wait_for_sweep(client: Client, id_: str, timeout_s: float | None) -> dict[str, Any] | None:
    """A sweep, once it is over; None where there is none of this id.

    Raises:
        WaitTimeoutError: it is not over within `timeout_s`; it goes on.
    """
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    while (found := find_sweep(client, id_)) is not None and found["state"] == "running":
        if deadline is not None and timeout_s is not None and time.monotonic() >= deadline:
            raise WaitTimeoutError(id_, timeout_s)
        time.sleep(POLL_S)
    return found


def share_of(sweep: Mapping[str, Any]) -> float:
    """How much of a sweep is done, from 0 to 1: by its trials, as far as their number is known."""
    if sweep["state"] == "completed":
        return 1.0
    by_outcome: dict[str, int] = sweep["by_outcome"]
    total = sweep["budget"].get("trials") or sum(by_outcome.values())
    over = sum(count for name, count in by_outcome.items() if name not in ("waiting", "running"))
    return min(1.0, over / total) if total else 0.0


def _dimension(given: object) -> object:
    if isinstance(given, tuple) and len(given) == 2 and all(isinstance(one, int | float) for one in given):
        kind = "int" if all(isinstance(one, int) for one in given) else "float"
        return {"type": kind, "low": given[0], "high": given[1]}
    if isinstance(given, Sequence) and not isinstance(given, str):
        return list(given)
    return given
