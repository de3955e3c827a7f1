"""What a recipe says reaches the pipe as JSON that every reader takes."""

import math
import os
from pathlib import Path

from llmlora.contracts.events import MetricBatch, event_adapter
from llmlora.contracts.recipe import RunInputs, RunSpec
from llmlora.recipes.context import ChildContext


def test_figures_that_are_no_numbers_travel_in_words(tmp_path: Path) -> None:
    read_fd, write_fd = os.pipe()
    spec = RunSpec(
        job_id="job_1", epoch=1, recipe="text_lora", config={}, inputs=RunInputs(), data_dir=tmp_path
    )
    context = ChildContext(spec, tmp_path, write_fd)
    values = {"train/loss": math.nan, "train/grad_norm": math.inf, "eval/loss": -math.inf, "train/epoch": 1.0}
    context.emit(MetricBatch(step=7, values=values))
    os.close(write_fd)
    with os.fdopen(read_fd, "rb") as stream:
        (metrics,) = (event_adapter.validate_json(line) for line in stream)
    assert isinstance(metrics.body, MetricBatch)
    assert metrics.body.values == {"train/epoch": 1.0}
    assert metrics.body.not_finite == {"train/loss": "nan", "train/grad_norm": "inf", "eval/loss": "-inf"}
