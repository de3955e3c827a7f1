"""What a GGUF file says about itself, by the format's specification (ggml/docs/gguf.md); its arrays are skipped.

Blobs never change, so a file is read once a path. `gguf.GGUFReader` would build an array for each of 100,000 tokens.
"""

import functools
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import gguf

_FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_DEFAULT_ALIGNMENT = 32


class GgufError(ValueError):
    """The server's words for a file it cannot take."""


@dataclass(frozen=True)
class GgufFacts:
    """The metadata that Ollama shows."""

    kind: str
    """"model", "adapter" or another `general.type`."""
    architecture: str
    file_type: str
    """"F16", "Q8_0", "Q4_K_M"…"""
    parameter_count: int
    chat_template: str
    info: dict[str, Any]
    """All metadata but the name and the chat template; arrays are None, as in `/api/show`."""

    def number(self, key: str) -> int:
        """`<architecture>.<key>`, 0 where the file does not say."""
        return int(self.info.get(f"{self.architecture}.{key}") or 0)


@functools.cache
def read_facts(path: Path) -> GgufFacts:
    """The facts of a GGUF.

    Raises:
        GgufError: another kind of file, or a truncated one.
        FileNotFoundError: there is none.
    """
    with path.open("rb") as stream:
        if stream.read(4) != b"GGUF":
            raise GgufError("supplied file was not in GGUF format")
        try:
            info, parameters, ends = _read(stream)
        except (struct.error, KeyError, UnicodeDecodeError) as error:
            raise GgufError("unexpected EOF") from error
        size = path.stat().st_size
        for name, end in ends:
            if end > size:
                raise GgufError(f'tensor "{name}" offset+size ({end}) exceeds file size ({size})')
    template = info.pop("tokenizer.chat_template", None) or ""
    info.pop("general.name", None)
    return GgufFacts(
        kind=info.get("general.type") or "model",
        architecture=info.get("general.architecture") or "unknown",
        file_type=_file_type(info.get("general.file_type") or 0),
        parameter_count=parameters,
        chat_template=template,
        info=info | {"general.parameter_count": parameters},
    )


def _read(stream: BinaryIO) -> tuple[dict[str, Any], int, list[tuple[str, int]]]:
    """Metadata, number of weights, and where each tensor ends in the file."""
    _version, tensors, pairs = _numbers(stream, "IQQ")
    info = {_string(stream): _value(stream, *_numbers(stream, "I")) for _ in range(pairs)}
    parameters, ends = 0, list[tuple[str, int]]()
    for _ in range(tensors):
        name = _string(stream)
        (dimensions,) = _numbers(stream, "I")
        *shape, kind, offset = _numbers(stream, f"{dimensions}QIQ")
        count = functools.reduce(int.__mul__, shape, 1)
        block, block_bytes = gguf.GGML_QUANT_SIZES[kind]
        parameters += count
        ends.append((name, offset + count // block * block_bytes))
    alignment = info.get("general.alignment") or _DEFAULT_ALIGNMENT
    data_start = -(-stream.tell() // alignment) * alignment
    return info, parameters, [(name, data_start + end) for name, end in ends]


def _numbers(stream: BinaryIO, form: str) -> tuple[Any, ...]:
    form = f"<{form}"
    return struct.unpack(form, stream.read(struct.calcsize(form)))


def _string(stream: BinaryIO) -> str:
    (length,) = _numbers(stream, "Q")
    return stream.read(length).decode()


def _value(stream: BinaryIO, kind: int) -> Any:
    if kind == _STRING:
        return _string(stream)
    if kind != _ARRAY:
        return _numbers(stream, _FORMATS[kind])[0]
    inner, length = _numbers(stream, "IQ")
    if inner == _STRING:
        for _ in range(length):
            (size,) = _numbers(stream, "Q")
            stream.seek(size, 1)
    else:
        stream.seek(length * struct.calcsize(_FORMATS[inner]), 1)
    return None


def _file_type(number: int) -> str:
    try:
        name: str = gguf.LlamaFileType(number).name
    except ValueError:
        return "unknown"
    return name.removeprefix("ALL_").removeprefix("MOSTLY_")
