"""Moves a mean towards each row of the data, pass by pass."""

import json
import time

from llmlora.contracts.events import ArtifactKind, MetricBatch, Progress, Report
from llmlora.contracts.run import Context
from llmlora.recipes.mean_colour.spec import MeanColourConfig

PASS_S = 0.15
"""Long enough to be seen at work."""


def run(config: MeanColourConfig, ctx: Context) -> None:
    """The distance falls by the reach with every pass over the rows."""
    rows = ctx.spec.inputs.dataset().rows
    ctx.emit(Progress(stage="look", done=rows, total=rows, unit="rows"))
    distance = 255.0
    for step in range(1, config.passes + 1):
        time.sleep(PASS_S)
        distance *= 1 - config.reach
        ctx.emit(Progress(stage="blend", done=step, total=config.passes, unit="steps"))
        ctx.emit(MetricBatch(step=step, values={"colour/distance": distance, "colour/spread": rows / step}))
    found = {"rows": rows, "distance": distance, "space": config.space}
    ctx.emit(Report(name="palette", body=dict(found)))
    path = ctx.run_dir / "palette.json"
    path.write_text(json.dumps(found))
    ctx.publish(ArtifactKind.REPORT, "palette.json", path, {"space": config.space})
