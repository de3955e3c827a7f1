"""`python -m llmlora.recipes.blocks.reloading ORDER.json`: a saved classifier in a process that knows nothing of its training.

Writes one JSON line: the labels in the order of the outputs, and the logits of the texts.
"""

import sys
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from llmlora.recipes.blocks.completeness import Reloaded, ReloadOrder
from llmlora.recipes.blocks.encoder import logits_of


def main() -> int:
    """Serve one order."""
    order = ReloadOrder.model_validate_json(Path(sys.argv[1]).read_bytes())
    torch.set_num_threads(1)
    where = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(order.directory, **where)
    model = AutoModelForSequenceClassification.from_pretrained(
        order.directory, dtype=torch.float32, use_safetensors=True, **where
    ).eval()
    logits = logits_of(model, tokenizer, order.texts, order.max_length)
    names = tuple(str(model.config.id2label[at]) for at in range(model.config.num_labels))
    answer = Reloaded(labels=names, logits=tuple(tuple(row) for row in logits.tolist()))
    sys.stdout.write(answer.model_dump_json() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
