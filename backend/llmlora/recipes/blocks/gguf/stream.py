"""A GGUF's weights as a safetensors file, one tensor at a time: memory holds the largest of them, never the model.

Names and layouts are those of transformers' own reader (`modeling_gguf_pytorch_utils`): its processors undo what
llama.cpp's converter did to a tensor, and `revert_weight_conversion` names it as its checkpoints do.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import gguf
import numpy as np
import torch
from torch import Tensor
from transformers.conversion_mapping import get_model_conversion_mapping
from transformers.core_model_loading import PrefixChange, revert_weight_conversion
from transformers.modeling_gguf_pytorch_utils import (
    TENSOR_PROCESSORS,
    TensorProcessor,
    get_gguf_hf_weights_map,
    load_gguf_checkpoint,
)

from llmlora.kit.files import OnBytes, ignore_bytes

# So many weights are de-quantised, compared or written at once.
PIECE = 4 << 20
_NAMES = {torch.bfloat16: "BF16", torch.float16: "F16", torch.float32: "F32"}


class GgufStream:
    """The tensors of a GGUF under their names in `model` (which lies on the meta device), made as they are asked for."""

    def __init__(self, path: Path, reader: Any, model: Any, on_bytes: OnBytes = ignore_bytes) -> None:
        self._path, self._model, self._on_bytes = path, model, on_bytes
        config = load_gguf_checkpoint(str(path), return_tensors=False)["config"]
        architecture = reader.get_field("general.architecture").contents()
        self._processor = TENSOR_PROCESSORS.get(architecture, TensorProcessor)(config=config)
        self._mapping: dict[str, str] = get_gguf_hf_weights_map(model, self._processor)
        self._groups = self._grouped(reader.tensors)
        # Otherwise found anew for every tensor.
        conversions = get_model_conversion_mapping(model, add_legacy=False)
        model._weight_conversions = [one for one in conversions if not isinstance(one, PrefixChange)] or None

    def absent(self) -> list[str]:
        """Parameters of the model that the file has not, by one of their names (a tied one has several)."""
        written = {self._target(tensor) for group in self._groups for tensor in group}
        names: dict[int, list[str]] = {}
        for name, tensor in self._model.state_dict(keep_vars=True).items():
            names.setdefault(id(tensor), []).append(name)
        return [shared[0] for shared in names.values() if not written & set(shared)]

    def exact_dtype(self) -> torch.dtype:
        """The narrowest of bf16, fp16 and fp32 in which no weight changes; reads no further than it has to."""
        candidates = [torch.bfloat16, torch.float16]
        for tensor in self._values():
            for piece in _pieces(tensor):
                candidates = [dtype for dtype in candidates if torch.equal(piece.to(dtype).float(), piece)]
                if not candidates:
                    return torch.float32
        return candidates[0]

    def write(self, target: Path, dtype: torch.dtype) -> None:
        """Write all of them as one safetensors file.

        Raises:
            ValueError: a tensor is not of the shape that the file's settings give it, or not whole.
        """
        shapes = self._shapes()
        header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
        offset, size = 0, dtype.itemsize
        for name, shape in sorted(shapes.items()):
            end = offset + math.prod(shape) * size
            header[name] = {"dtype": _NAMES[dtype], "shape": shape, "data_offsets": [offset, end]}
            offset = end
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        with target.open("wb") as stream:
            stream.write(len(text).to_bytes(8, "little") + text)
            begin = stream.tell()
            stream.truncate(begin + offset)
            left = set(shapes)
            for group in self._groups:
                for name, tensor in self._made(group).items():
                    if list(tensor.shape) != shapes.get(name):
                        raise ValueError(
                            f"{name} has the shape {list(tensor.shape)}, its settings say {shapes.get(name)}"
                        )
                    left.discard(name)
                    stream.seek(begin + header[name]["data_offsets"][0])
                    for piece in _pieces(tensor):
                        stream.write(piece.to(dtype).view(torch.uint8).numpy().data)
        if left:
            raise ValueError(f"no {min(left)}, {len(left)} in all")

    def _grouped(self, tensors: Any) -> list[list[Any]]:
        """Tensors that become one (the gate and the way up of experts) stand together."""
        groups: dict[str, list[Any]] = {}
        for tensor in tensors:
            groups.setdefault(self._target(tensor), []).append(tensor)
        return list(groups.values())

    def _target(self, tensor: Any) -> str:
        """The parameter that a tensor becomes or is part of; its own name where the model has none for it."""
        stem: str = tensor.name.removesuffix(".weight")
        return self._mapping.get(tensor.name) or self._mapping.get(stem) or stem

    def _shapes(self) -> dict[str, list[int]]:
        """What `write` will write, by the shapes of the model's parameters alone."""
        known = self._model.state_dict()
        shapes: dict[str, list[int]] = {}
        for group in self._groups:
            names = {self._target(tensor) for tensor in group} & known.keys()
            given = {name: torch.empty_like(known[name], device="meta") for name in names}
            shapes |= {name: list(t.shape) for name, t in self._reverted(given).items()}
        return shapes

    def _values(self) -> Iterator[Tensor]:
        for group in self._groups:
            yield from self._made(group).values()

    def _made(self, group: list[Any]) -> dict[str, Tensor]:
        """The parameters that a group becomes, in fp32, under the names that a checkpoint gives them."""
        made: dict[str, dict[str, Tensor]] = {"tensors": {}}
        with self._path.open("rb") as stream:
            for tensor in group:
                done = self._processor.process(
                    weights=self._dequantised(stream, tensor),
                    name=tensor.name,
                    tensor_key_mapping=self._mapping,
                    parsed_parameters=made,
                )
                if done.name in self._mapping:
                    made["tensors"][self._mapping[done.name]] = torch.from_numpy(
                        np.ascontiguousarray(done.weights)
                    )
        return self._reverted(made["tensors"])

    def _reverted(self, made: dict[str, Tensor]) -> dict[str, Tensor]:
        reverted: dict[str, Tensor] = revert_weight_conversion(self._model, made) if made else {}
        return reverted

    def _dequantised(self, stream: IO[bytes], tensor: Any) -> np.ndarray:
        """One tensor: fp32, in the shape numpy gives it. Read, not mapped: mapped pages count as memory in use."""
        shape = [int(side) for side in reversed(tensor.shape)]
        width = shape[-1] if shape else 1
        rows = math.prod(shape) // width
        row_bytes = int(tensor.n_bytes) // rows
        whole = np.empty((rows, width), dtype=np.float32)
        at_once = max(1, PIECE // width)
        stream.seek(int(tensor.data_offset))
        for first in range(0, rows, at_once):
            taken = min(at_once, rows - first)
            raw = np.frombuffer(stream.read(taken * row_bytes), dtype=np.uint8).reshape(taken, row_bytes)
            whole[first : first + taken] = gguf.dequantize(raw, tensor.tensor_type)
            self._on_bytes(taken * row_bytes)
        return whole.reshape(shape)


def _pieces(tensor: Tensor) -> Iterator[Tensor]:
    """A tensor's values in order, so many at a time."""
    flat = tensor.contiguous().view(-1)
    for first in range(0, flat.numel(), PIECE):
        yield flat[first : first + PIECE]
