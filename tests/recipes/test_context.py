"""What a recipe says reaches the pipe as JSON that every reader takes."""

import math
import os
from pathlib import Path

from llmlora.contracts.events import LogBatch, MetricBatch, event_adapter
from llmlora.contracts.recipe import RunInputs, RunSpec
from llmlora.recipes.context import ChildContext


def test_figures_that_are_no_numbers_become_a_warning(tmp_path: Path) -> None:
    read_fd, write_fd = os.pipe()
    spec = RunSpec(
        job_id="job_1", epoch=1, recipe="text_lora", config={}, inputs=RunInputs(), data_dir=tmp_path
    )
    context = ChildContext(spec, tmp_path, write_fd)
    values = {"train/loss": math.nan, "train/grad_norm": math.inf, "train/epoch": 1.0}
    context.emit(MetricBatch(step=7, values=values))
    os.close(write_fd)
    with os.fdopen(read_fd, "rb") as stream:
        warning, metrics = (event_adapter.validate_json(line) for line in stream)
    assert (warning.src_seq, metrics.src_seq) == (1, 2)
    assert isinstance(warning.body, LogBatch)
    assert "step 7: train/grad_norm, train/loss" in warning.body.message
    assert isinstance(metrics.body, MetricBatch)
    assert metrics.body.values == {"train/epoch": 1.0}
