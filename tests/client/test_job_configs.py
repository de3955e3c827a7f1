"""What a configuration of the orchestrator means."""

import pytest

from llmlora.client import ClientError
from llmlora.client.job_configs import bytes_of, duration, training_of


def test_a_flat_configuration_is_read() -> None:
    found = training_of(
        {"model": "random_forest", "data_path": "a.csv", "hyperparameters": {"n_estimators": 100}, "cv": 5}
    )
    assert (found.model, found.data_path) == ("random_forest", "a.csv")
    assert found.settings == {"n_estimators": 100, "cv": 5}


def test_the_sections_of_a_file_are_read() -> None:
    found = training_of(
        {
            "model": {"type": "random_forest", "hyperparameters": {"max_depth": 20}},
            "data": {"train_path": "data/train.csv", "batch_size": 32},
            "training": {"epochs": 100, "early_stopping": {"patience": 10, "metric": "val_loss"}},
            "resources": {"gpus": 2, "memory": "16GB"},
        }
    )
    assert (found.model, found.data_path) == ("random_forest", "data/train.csv")
    assert found.settings == {
        "max_depth": 20, "batch_size": 32, "epochs": 100,
        "early_stopping_patience": 10, "early_stopping_metric": "eval_loss",
    }  # fmt: skip
    assert found.resources == {"gpus": 2, "memory": "16GB"}


def test_a_file_for_validation_is_refused_with_what_to_do() -> None:
    with pytest.raises(ClientError, match="eval_split"):
        training_of({"model": "svm", "data": {"train_path": "a.csv", "val_path": "b.csv"}})


@pytest.mark.parametrize(
    ("written", "amount"), [("8GB", 8 << 30), ("512 MiB", 512 << 20), (1024, 1024), ("1.5G", 3 << 29)]
)
def test_amounts_are_read(written: object, amount: int) -> None:
    assert bytes_of(written) == amount


def test_what_is_no_amount_is_refused() -> None:
    with pytest.raises(ClientError, match="much"):
        bytes_of("much")


@pytest.mark.parametrize(("seconds", "words"), [(45, "45s"), (600, "10min"), (9000, "2.5h"), (None, None)])
def test_times_are_said_for_people(seconds: float | None, words: str | None) -> None:
    assert duration(seconds) == words
