"""Makes a q8_0 GGUF of a wide one. The installed llama.cpp has no quantiser to call; this type needs none."""

from pathlib import Path

import gguf
import numpy as np

SOURCES = ("F32", "F16", "BF16")
TARGETS = ("Q8_0", "Q4_K_S", "Q4_K_M")
_BLOCK = 32


def write_q8_0(source: Path, target: Path) -> None:
    """The same model with every matrix in q8_0; vectors become f32, as llama.cpp's quantiser leaves them."""
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, reader.fields["general.architecture"].contents())
    for key, field in reader.fields.items():
        if key.startswith("GGUF.") or key in ("general.architecture", "general.file_type"):
            continue
        inner = field.types[-1] if field.types[0] is gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(key, field.contents(), field.types[0], inner)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    for tensor in reader.tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        if values.ndim > 1 and values.shape[-1] % _BLOCK == 0:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(tensor.name, gguf.quants.quantize(values, kind), raw_dtype=kind)
        else:
            writer.add_tensor(tensor.name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
