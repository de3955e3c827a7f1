"""The trained model that a session is compared with, by what it takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from llmlora.contracts.prediction import InputType, Item, Outcome
from llmlora.data.predictor_files import read_head
from llmlora.recipes.deploy_onnx.gate import Decode, Said


@dataclass(frozen=True)
class Trained:
    """`held`: rows that were not learned from; `said(outcomes)`: what it and a session say of them."""

    held: tuple[Item, ...]
    labels: tuple[str, ...]
    said: Callable[[Sequence[Outcome]], list[Said]]
    decode: Decode


def load_trained(directory: Path) -> Trained:
    """What a training has left.

    Raises:
        InvalidInputError: it cannot be loaded as it was trained.
    """
    return _LOADED_BY[read_head(directory).input](directory)


def _of_texts(directory: Path) -> Trained:
    """Each text is read alone, as nobody pads it."""
    import transformers

    from llmlora.recipes.blocks.predictor import load_predictor

    transformers.utils.logging.disable_progress_bar()
    predictor = load_predictor(directory)

    def said(outcomes: Sequence[Outcome]) -> list[Said]:
        found = []
        for item, served in zip(predictor.held, outcomes, strict=True):
            ids = predictor.encode((item,))["input_ids"][0]
            logits = predictor.logits((item,))[0]
            found.append(Said(item, tuple(logits.tolist()), tuple(ids.tolist()), served))
        return found

    return Trained(predictor.held, predictor.head.labels, said, predictor.tokenizer.decode)


def _of_columns(directory: Path) -> Trained:
    from llmlora.recipes.blocks.columns.predictor import load_columns_predictor

    predictor = load_columns_predictor(directory)

    def said(outcomes: Sequence[Outcome]) -> list[Said]:
        outputs = predictor.outputs(predictor.held).tolist()
        return [
            Said(item, tuple(given), (), served)
            for item, given, served in zip(predictor.held, outputs, outcomes, strict=True)
        ]

    return Trained(predictor.held, predictor.head.labels, said, lambda _ids: "")


_LOADED_BY: Mapping[InputType, Callable[[Path], Trained]] = {"text": _of_texts, "columns": _of_columns}
