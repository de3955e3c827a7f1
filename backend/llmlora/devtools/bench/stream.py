"""The child of a measured run: `python -m llmlora.devtools.bench.stream RUN_DIR`.

A job whose config holds `stream` emits metric batches at a steady rate through the very context that recipes use; every
other job runs its recipe.
"""

import math
import os
import sys
import time
from pathlib import Path
from typing import Any

from llmlora.contracts.events import Finished, MetricBatch, Progress
from llmlora.contracts.run import RunSpec
from llmlora.kit.processes import EVENTS_FD, die_with_parent
from llmlora.recipes.__main__ import EXIT_CANCELLED, NICENESS
from llmlora.recipes.__main__ import main as run_recipe
from llmlora.recipes.context import ChildContext

STREAM = "stream"
# The value of this curve names its step, and no tick of an axis can look like it: it ends in 7.
STEP_CURVE = "train/tokens_per_s"


def step_value(step: int) -> float:
    """What `STEP_CURVE` holds at a step."""
    return 100_000.0 + 10 * step + 7


def main(run_dir: Path) -> int:
    """Run what `run_dir/spec.json` says and return the exit status."""
    spec = RunSpec.model_validate_json((run_dir / "spec.json").read_bytes())
    script = spec.config.get(STREAM)
    if not isinstance(script, dict):
        return run_recipe(run_dir)
    die_with_parent()
    os.nice(NICENESS)
    ctx = ChildContext(spec, run_dir, EVENTS_FD)
    ctx.watch_signals()
    with ctx.sampled_resources():
        _stream(ctx, script)
    ctx.emit(Finished(outcome="cancelled" if ctx.cancelled else "completed"))
    return EXIT_CANCELLED if ctx.cancelled else 0


def _stream(ctx: ChildContext, script: dict[str, Any]) -> None:
    """`steps` batches, `per_s` a second (0: as fast as they are taken)."""
    steps, per_s = int(script["steps"]), float(script["per_s"])
    begin = time.monotonic()
    for step in range(1, steps + 1):
        if ctx.cancelled:
            return
        if per_s:
            time.sleep(max(0.0, begin + step / per_s - time.monotonic()))
            ctx.emit(Progress(stage="train", done=step, total=steps, unit="steps"))
        ctx.emit(MetricBatch(step=step, values=values_at(step, whole=bool(per_s))))


def values_at(step: int, *, whole: bool = True) -> dict[str, float]:
    """Eight curves, as a training with an evaluation every step would have; or the two that are looked at."""
    loss = 2.5 / (1 + step / 400) + 0.2 * math.sin(step / 7) ** 2
    values = {"train/loss": loss, STEP_CURVE: step_value(step)}
    if whole:
        values |= {
            "train/perplexity": math.exp(loss),
            "train/learning_rate": 2e-4 * (1 + math.cos(step / 300)) / 2 + 1e-6,
            "train/grad_norm": 1 + 0.5 * math.sin(step / 3),
            "eval/loss": loss * 1.1,
            "eval/perplexity": math.exp(loss * 1.1),
            "memory/bytes": 1.6e9 + 1e7 * math.sin(step / 20),
        }
    return values


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
