"""Reading `model.skops`, which says by name what it is made of: only these types are ever built (ADR 0044)."""

import importlib
import sys
from pathlib import Path
from typing import Any

from llmlora.kit.errors import InvalidInputError

TRUSTED = frozenset(
    {
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.tree._tree.Tree",
    }
)
"""What the estimators of the recipe consist of beside what skops itself trusts, measured with scikit-learn 1.9.1 and skops 0.16.0: trees,
the optimizer of the perceptron, the sigmoid of support vectors. None of them runs anything when it is built. Nothing is ever added."""
MODEL_NAME = "model.skops"


class ModelUntrustedError(InvalidInputError):
    """The file would build something that no model of ours consists of."""

    code = "model_untrusted"
    ja = "{path} には、このスタジオのモデルにない型（{types}）が含まれているため、読み込みません。学習のページから作り直してください。"
    en = "{path} contains types that no model of this studio consists of ({types}), so it is not loaded. Train the model again."


class ModelUnreadableError(InvalidInputError):
    """There is no such file, or it is damaged."""

    code = "model_unreadable"
    ja = "{path} を読めません（{reason}）。学習をやり直してください。"
    en = "{path} cannot be read ({reason}). Train the model again."


def load_model(directory: Path) -> Any:
    """The estimator.

    Raises:
        ModelUnreadableError: there is none.
        ModelUntrustedError: it holds something else; names it. Nothing of it was built.
    """
    skops = _skops()
    path = directory / MODEL_NAME
    try:
        found = set(skops.get_untrusted_types(file=path))
    except Exception as error:  # a damaged ZIP, JSON or schema: skops has no class of its own for them
        raise ModelUnreadableError(path=path, reason=f"{type(error).__name__}: {error}"[:200]) from error
    if not found <= TRUSTED:
        raise ModelUntrustedError(path=path, types=", ".join(sorted(found - TRUSTED)[:5]))
    try:
        return skops.load(path, trusted=sorted(found))
    except Exception as error:
        raise ModelUnreadableError(path=path, reason=f"{type(error).__name__}: {error}"[:200]) from error


def save_model(estimator: Any, directory: Path) -> None:
    """Write the file; what could not be read again is refused here.

    Raises:
        ModelUntrustedError, ModelUnreadableError: it could not.
    """
    _skops().dump(estimator, directory / MODEL_NAME)
    load_model(directory)


def _skops() -> Any:
    """skops imports every module of scikit-learn to know its types, one of which loads torch where it is installed: seconds, for
    nothing that is read here. Whoever has torch loaded keeps it."""
    if "torch" in sys.modules:
        return importlib.import_module("skops.io")
    finder = _NoTorch()
    sys.meta_path.insert(0, finder)
    try:
        return importlib.import_module("skops.io")
    finally:
        sys.meta_path.remove(finder)


class _NoTorch:
    """Tells Python that torch is not installed."""

    def find_spec(self, name: str, _path: object, _target: object = None) -> None:
        """Raises:
        ModuleNotFoundError: torch is asked for.
        """
        if name == "torch":
            raise ModuleNotFoundError(f"{name} is not loaded here", name=name)
