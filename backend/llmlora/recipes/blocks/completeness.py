"""Proves that what was trained is what was written: every tensor that moved is in the file, and a new process gives the same.

A head that was left out of an adapter, or labels in another order, give a model that loads without a word and answers wrongly:
both end the run here, in words.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict
from safetensors import safe_open
from torch import Tensor, nn

from llmlora.contracts.run import Context
from llmlora.kit.errors import AppError
from llmlora.recipes.blocks.new_process import ReloadFailedError, ask_new_process

WEIGHTS = "model.safetensors"
MOST_DIFFERENCE = 1e-3
"""Of two logits in float32, which other kernels and threads round differently; a lost head differs by whole units."""


class ModelIncompleteError(AppError):
    """A tensor that the training moved is not in the file, or is another there."""

    code = "model_incomplete"
    ja = "学習で変わった重み {tensor} が、保存したモデルにないか、値が違います（学習で変わった重みは {moved} 個）。ディスクの空きと、transformers と peft のバージョンを確認してください。"
    en = "The weights {tensor}, which the training has changed, are missing from the saved model or differ there ({moved} were changed). Check the disk, and the versions of transformers and peft."


class ReloadedDiffersError(AppError):
    """The saved model, loaded by a new process, does not answer as the trained one."""

    code = "reloaded_model_differs"
    ja = "保存したモデルを別のプロセスで読み込むと、出力が学習したモデルと違います（「{text}」で最大 {difference:.3g}、許容 {limit:g}）。分類の層（head）が保存されていない可能性があります。"
    en = "Loaded by a new process, the saved model gives other outputs than the trained one (for “{text}” by up to {difference:.3g}; at most {limit:g} is allowed). Its head may not have been saved."


class LabelOrderError(AppError):
    """The outputs of the saved model are named in another order."""

    code = "label_order_differs"
    ja = "保存したモデルの {index} 番目の出力は「{found}」ですが、学習では「{expected}」でした。ラベルの順序が変わると、すべての予測が別のクラスの名前になります。"
    en = "Output {index} of the saved model is named “{found}”, but was trained as “{expected}”. With another order of the labels, every prediction gets another class's name."


class ReloadOrder(BaseModel):
    """What the new process is asked."""

    model_config = ConfigDict(frozen=True)

    directory: Path
    texts: tuple[str, ...]
    max_length: int


class Reloaded(BaseModel):
    """What it answers: its labels in their order, and the logits of every text."""

    model_config = ConfigDict(frozen=True)

    labels: tuple[str, ...]
    logits: tuple[tuple[float, ...], ...]


def digests_of(model: nn.Module) -> dict[str, bytes]:
    """A digest of every tensor, buffers too, by its name in the model."""
    return {name: _digest(tensor) for name, tensor in model.state_dict().items()}


def moved_since(before: Mapping[str, bytes], model: nn.Module) -> list[str]:
    """Names of the tensors that are not what they were, or were not there."""
    return [name for name, digest in digests_of(model).items() if before.get(name) != digest]


def refuse_incomplete(model: nn.Module, moved: Sequence[str], directory: Path) -> None:
    """Read the file back: it holds every tensor that moved, bit for bit. Memory: one tensor at a time.

    Raises:
        ModelIncompleteError: names the first one that is missing or another.
    """
    tensors = model.state_dict()
    with safe_open(directory / WEIGHTS, "pt") as stored:
        names = set(stored.keys())
        for name in moved:
            if name not in names or not torch.equal(stored.get_tensor(name), tensors[name].detach().cpu()):
                raise ModelIncompleteError(tensor=name, moved=len(moved))


def refuse_other_answers(
    directory: Path,
    texts: Sequence[str],
    logits: Tensor,
    labels: Sequence[str],
    max_length: int,
    ctx: Context,
) -> float:
    """Load the directory in a process of its own and compare: the largest difference. `logits`: (texts, labels) float32.

    Raises:
        ReloadFailedError, LabelOrderError, ReloadedDiffersError: it is not what was trained.
        RunCancelledError: SIGTERM was seen.
    """
    order = ReloadOrder(directory=directory, texts=tuple(texts), max_length=max_length)
    found = _reloaded(order, ctx)
    for index, expected in enumerate(labels):
        named = found.labels[index] if index < len(found.labels) else "-"
        if named != expected:
            raise LabelOrderError(index=index + 1, found=named, expected=expected)
    answers = torch.tensor(found.logits, dtype=torch.float32)
    if answers.shape != logits.shape:
        raise ReloadFailedError(reason=f"{tuple(answers.shape)} != {tuple(logits.shape)}")
    differences = (answers - logits.float().cpu()).abs().amax(dim=1)
    worst = int(differences.argmax())
    difference = float(differences[worst])
    if not difference <= MOST_DIFFERENCE:
        raise ReloadedDiffersError(text=texts[worst][:40], difference=difference, limit=MOST_DIFFERENCE)
    return difference


def _reloaded(order: ReloadOrder, ctx: Context) -> Reloaded:
    out = ask_new_process("llmlora.recipes.blocks.reloading", order.model_dump_json(), ctx)
    return Reloaded.model_validate(json.loads(out))


def _digest(tensor: Tensor) -> bytes:
    numbers = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
    return hashlib.sha256(numbers.numpy().tobytes()).digest()
