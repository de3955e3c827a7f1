"""Models of texts as a graph, by torch's exporter, with their tokenizer beside it."""

import warnings
from pathlib import Path

import onnxruntime
import torch
import transformers
from torch import Tensor, nn

from llmlora.data.predictor_files import MODEL_NAME, marks_of
from llmlora.recipes.blocks.predictor import Predictor, load_predictor, write_tokenizer

# Beyond it, protobuf cannot hold the weights in one file.
MOST_BYTES_IN_ONE_FILE = 1_800_000_000


class TextExport:
    """`run.Exporting`."""

    # float32 on both sides: sums are only taken in another order. Measured: 3e-7 at most with a tiny BERT, 4e-8 with MiniLM.
    limit = 1e-4

    def __init__(self, directory: Path) -> None:
        transformers.utils.logging.disable_progress_bar()
        self._predictor = load_predictor(directory)

    def write(self, directory: Path) -> None:
        """The tokenizer, and the graph that names it."""
        write_tokenizer(self._predictor, directory)
        _write_graph(self._predictor, directory)

    def largest_difference(self, directory: Path) -> float:
        """Of logits."""
        return _largest_difference(self._predictor, directory)


class _Logits(nn.Module):
    """The model from ids to logits alone, its inputs in the order of their names."""

    def __init__(self, model: nn.Module, names: tuple[str, ...]) -> None:
        super().__init__()
        self.model, self.names = model, names

    def forward(self, *inputs: Tensor) -> Tensor:
        """Each (items, tokens) → (items, labels)."""
        found: Tensor = self.model(**dict(zip(self.names, inputs, strict=True))).logits
        return found


def _write_graph(predictor: Predictor, directory: Path) -> None:
    """`model.onnx` for any number of rows of any length, marked with the hashes of the files beside it."""
    names = predictor.input_names
    # Two rows: a size of 1 would be taken for a constant.
    example = predictor.encode((predictor.held * 2)[:2])
    rows = torch.export.Dim("batch", min=1, max=1 << 16)
    tokens = torch.export.Dim("length", min=2, max=_longest(predictor))
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            _Logits(predictor.model, names).eval(),
            tuple(example[name] for name in names),
            dynamo=True,
            input_names=list(names),
            output_names=["logits"],
            dynamic_shapes=(tuple({0: rows, 1: tokens} for _ in names),),
            verbose=False,
        )
    assert program is not None
    program.model.metadata_props.update(marks_of(directory))
    weights = sum(one.numel() * one.element_size() for one in predictor.model.parameters())
    program.save(directory / MODEL_NAME, external_data=weights > MOST_BYTES_IN_ONE_FILE)


def _largest_difference(predictor: Predictor, directory: Path) -> float:
    """Between the logits of the file and of the model over the held rows: together, and each alone, unpadded."""
    session = onnxruntime.InferenceSession(directory / MODEL_NAME, providers=["CPUExecutionProvider"])
    largest = 0.0
    for items in (predictor.held, *((one,) for one in predictor.held[:3])):
        fed = {name: one.numpy() for name, one in predictor.encode(items).items()}
        [found] = session.run(None, fed)
        largest = max(largest, float((torch.from_numpy(found) - predictor.logits(items)).abs().max()))
    return largest


def _longest(predictor: Predictor) -> int:
    positions = getattr(predictor.model.config, "max_position_embeddings", None)
    return int(positions or max(predictor.head.max_length, 2))
