"""`python -m llmlora.recipes.blocks.columns.reloading ORDER.json`: loads a model that was saved, and answers with it (`proof`)."""

import sys
from pathlib import Path

from llmlora.recipes.blocks.columns.predictor import load_columns_predictor
from llmlora.recipes.blocks.columns.proof import ProofAnswer, ProofOrder
from llmlora.recipes.blocks.columns.session import onnx_outputs


def main(path: Path) -> None:
    """Answer one order: a JSON line."""
    order = ProofOrder.model_validate_json(path.read_bytes())
    predictor = load_columns_predictor(order.directory)
    trained = predictor.outputs(order.items)
    exported = onnx_outputs(order.directory, predictor.numbers(order.items))
    answer = ProofAnswer(
        labels=predictor.head.labels,
        skops=tuple(tuple(row) for row in trained.tolist()),
        onnx=tuple(tuple(row) for row in exported.tolist()),
    )
    sys.stdout.write(answer.model_dump_json() + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
