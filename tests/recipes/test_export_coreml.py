"""What a training has left, as a Core ML package: converted, read back, computed without Core ML, refused where it is wrong."""

from pathlib import Path

import pytest

from llmlora.contracts.run import BaseModelInput
from llmlora.contracts.states import JobState
from llmlora.recipes.export_coreml.run import DIRECTORY

from tests.plugins.predictors import LABELS, classifier_dir, file_of, run_of

__all__ = ["classifier_dir"]


def some_base(path: Path) -> BaseModelInput:
    return BaseModelInput(
        id="bm_x",
        reference="path:/x",
        path=path,
        weights_digest="d",
        tokenizer_hash="t",
        template_hash=None,
        licence="apache-2.0",
    )


def test_first(classifier_dir: Path, tmp_path: Path) -> None:
    outcome = run_of(
        "export_coreml", tmp_path, {"model": file_of(classifier_dir), "base_model": some_base(classifier_dir)}
    )
    print(outcome.failure, outcome.reports, outcome.artifacts)
    assert outcome.state is JobState.COMPLETED
