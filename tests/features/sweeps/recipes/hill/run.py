"""Walks to the place, and says how high it is there."""

import time

from llmlora.contracts.events import ArtifactKind, MetricBatch, Progress
from llmlora.contracts.run import Context
from llmlora.recipes.hill.spec import HillConfig


def run(config: HillConfig, ctx: Context) -> None:
    """The height falls with every step towards that of the place."""
    if config.stumble:
        raise ValueError("stumbled")
    height = (config.x - 1) ** 2 + (config.y + 2) ** 2 + config.layers / 10
    for step in range(1, config.steps + 1):
        time.sleep(config.pause_s)
        ctx.emit(Progress(stage="walk", done=step, total=config.steps, unit="steps"))
        values = {"hill/height": height + config.steps - step, "hill/cost": config.x}
        ctx.emit(MetricBatch(step=step, values=values))
    path = ctx.run_dir / "hill.bin"
    path.write_text(f"{height}")
    ctx.publish(ArtifactKind.MODEL, "hill.bin", path, {})
