"""A model directory as files: what is used, what is refused, and digests. Nothing here loads a model or opens a pickle."""

import hashlib
import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue

from llmlora.kit.files import CHUNK_BYTES, OnBytes, digest_of_digests, ignore_bytes, sha256_of_file
from llmlora.recipes.blocks.base_model_errors import (
    AdapterAsBaseRefusedError,
    BaseModelFileMalformedError,
    BaseModelFileMissingError,
    LinkRefusedError,
    PickledWeightsRefusedError,
    PythonCodeRefusedError,
    QuantisedWeightsRefusedError,
    RemoteCodeRefusedError,
    WeightsElsewhereRefusedError,
)

PICKLE_SUFFIXES = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"})
USED_SUFFIXES = frozenset({".safetensors", ".json", ".jinja", ".txt", ".model"})
_USED_PLACE = re.compile(r"(?:additional_chat_templates/)?(?!\.\.?/)[^/]+")
WEIGHTS_INDEX = "model.safetensors.index.json"
SINGLE_WEIGHTS = "model.safetensors"
# The safetensors library refuses longer headers too; without a bound a forged length would fill the memory.
MAX_HEADER_BYTES = 100_000_000
_CODE_KEYS = ("auto_map", "custom_pipelines", "custom_generate")
MAX_JSON_BYTES = 200_000_000
DTYPE_BYTES = {
    "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2,
    "F8_E4M3": 1, "F8_E5M2": 1, "I8": 1, "U8": 1, "BOOL": 1,
}  # fmt: skip
_TOKENIZERS = (
    ("tokenizer.json",),
    ("tokenizer.model",),
    ("vocab.json", "merges.txt"),
    ("vocab.txt",),
)
_HASHED_TOKENIZER_KEYS = (
    "bos_token", "eos_token", "pad_token", "unk_token", "add_bos_token", "add_eos_token",
    "additional_special_tokens", "extra_special_tokens", "added_tokens_decoder",
)  # fmt: skip
_SETTINGS_FILES = (
    "config.json",
    "generation_config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
)
_NOT_SETTINGS = frozenset(
    {
        "transformers_version", "_name_or_path", "_from_model_config", "_commit_hash", "name_or_path",
        "tokenizer_file", "special_tokens_map_file", "chat_template",
    }
)  # fmt: skip


@dataclass(frozen=True)
class StoredTensor:
    """One tensor of a safetensors file; bytes `[start, end)` of that file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    file: Path
    start: int
    end: int


class FileFacts(BaseModel):
    """A file as it was when the model was registered. `mtime_ns` lets an unchanged file go unread."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True)
class ModelFiles:
    """A directory that passed every check. `ignored` pickles were never opened."""

    root: Path
    used: tuple[str, ...]
    ignored: tuple[str, ...]
    tensors: tuple[StoredTensor, ...]
    config: dict[str, Any]

    @property
    def weights_bytes(self) -> int:
        """Bytes of all tensors, headers not counted."""
        return sum(tensor.end - tensor.start for tensor in self.tensors)


def inspect_directory(root: Path) -> ModelFiles:
    """Refuse what must not or cannot be loaded, before anything is loaded.

    Raises:
        InvalidInputError: one leaf of `base_model_errors` per reason.
    """
    names = _listed(root)
    used = used_names(names)
    refuse_remote_code(root, used)
    refuse_by_names(str(root), names)
    for name in used:
        _refuse_link_outside(root, name)
    config = read_json(root / "config.json")
    refuse_by_config(root, used, config)
    tensors = tuple(read_tensors(root, used))
    ignored = tuple(n for n in names if Path(n).suffix.lower() in PICKLE_SUFFIXES)
    return ModelFiles(root, used, ignored, tensors, config)


def _listed(root: Path) -> tuple[str, ...]:
    """All files below `root`, in order, but for those in hidden directories (`.git`, `.cache`): no model is read there."""
    found: list[str] = []
    for directory, below, files in os.walk(root):
        below[:] = [name for name in below if not name.startswith(".")]
        found += [(Path(directory) / name).relative_to(root).as_posix() for name in files]
    return tuple(sorted(found))


def used_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """The files a model is loaded from: by suffix, at the top level and in `additional_chat_templates/`."""
    return tuple(n for n in names if Path(n).suffix in USED_SUFFIXES and _USED_PLACE.fullmatch(n))


def refuse_by_names(where: str, names: tuple[str, ...]) -> None:
    """Checks that need only a listing, so they also run before a download.

    Raises:
        PythonCodeRefusedError, AdapterAsBaseRefusedError, PickledWeightsRefusedError, BaseModelFileMissingError
    """
    if code := next((n for n in names if n.endswith((".py", ".pyc", ".so"))), None):
        raise PythonCodeRefusedError(where=where, file=code)
    if "adapter_config.json" in names:
        raise AdapterAsBaseRefusedError(where=where)
    if SINGLE_WEIGHTS not in names and WEIGHTS_INDEX not in names:
        if pickle := next((n for n in names if Path(n).suffix.lower() in PICKLE_SUFFIXES), None):
            raise PickledWeightsRefusedError(where=where, file=pickle)
        raise BaseModelFileMissingError(where=where, missing=f"{SINGLE_WEIGHTS} / {WEIGHTS_INDEX}")
    if "config.json" not in names:
        raise BaseModelFileMissingError(where=where, missing="config.json")
    if not any(all(part in names for part in kind) for kind in _TOKENIZERS):
        raise BaseModelFileMissingError(where=where, missing="tokenizer.json")


def refuse_remote_code(root: Path, used: tuple[str, ...]) -> None:
    """Refuse a model that brings code of its own: the first question about any directory, whole or not.

    Raises:
        RemoteCodeRefusedError: names the file.
    """
    for name in used:
        if name.endswith("config.json") and any(_has_key(_read_any(root / name), k) for k in _CODE_KEYS):
            raise RemoteCodeRefusedError(file=name)


def refuse_by_config(root: Path, used: tuple[str, ...], config: dict[str, Any]) -> None:
    """Refuse remote code, redirected weights and quantised weights.

    Raises:
        RemoteCodeRefusedError, WeightsElsewhereRefusedError, QuantisedWeightsRefusedError
    """
    refuse_remote_code(root, used)
    refuse_settings(str(root), config)


def refuse_settings(where: str, config: Mapping[str, Any]) -> None:
    """What is refused of a `config.json`, also before anything else was fetched.

    Raises:
        RemoteCodeRefusedError, WeightsElsewhereRefusedError, QuantisedWeightsRefusedError
    """
    if any(_has_key(dict(config), key) for key in _CODE_KEYS):
        raise RemoteCodeRefusedError(file="config.json")
    if config.get("transformers_weights") is not None:
        raise WeightsElsewhereRefusedError(file="config.json", key="transformers_weights")
    quantisation = config.get("quantization_config")
    if quantisation is not None:
        method = quantisation.get("quant_method", "?") if isinstance(quantisation, dict) else "?"
        raise QuantisedWeightsRefusedError(where=where, method=method)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file.

    Raises:
        BaseModelFileMalformedError: too large, not JSON, or not an object.
    """
    content = _read_any(path)
    if not isinstance(content, dict):
        raise BaseModelFileMalformedError(
            file=path.name, reason=("JSON のオブジェクトでない", "not a JSON object")
        )
    return content


def _read_any(path: Path) -> Any:
    if path.stat().st_size > MAX_JSON_BYTES:
        raise BaseModelFileMalformedError(
            file=path.name,
            reason=(f"{MAX_JSON_BYTES} バイトを超えている", f"more than {MAX_JSON_BYTES} bytes"),
        )
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise BaseModelFileMalformedError(file=path.name, reason=str(error)) from error


def read_tensors(root: Path, used: tuple[str, ...]) -> Iterator[StoredTensor]:
    """All tensors transformers will load: of `model.safetensors`, else of the shards its index names.

    Raises:
        BaseModelFileMissingError: a shard is missing.
        BaseModelFileMalformedError: a header or the index is wrong.
    """
    if SINGLE_WEIGHTS in used:
        yield from read_header(root / SINGLE_WEIGHTS)
        return
    weight_map = read_json(root / WEIGHTS_INDEX).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise BaseModelFileMalformedError(file=WEIGHTS_INDEX, reason=("weight_map がない", "no weight_map"))
    found: dict[str, StoredTensor] = {}
    for shard in sorted({str(name) for name in weight_map.values()}):
        if shard not in used:
            raise BaseModelFileMissingError(where=root, missing=shard)
        found |= {tensor.name: tensor for tensor in read_header(root / shard)}
    if absent := sorted(set(weight_map) - set(found)):
        raise BaseModelFileMalformedError(
            file=WEIGHTS_INDEX,
            reason=(f"分割ファイルに {absent[0]} がない", f"no tensor {absent[0]} in its shard"),
        )
    yield from found.values()


def read_header(path: Path) -> list[StoredTensor]:
    """The tensors of one safetensors file, every bound checked.

    Raises:
        BaseModelFileMalformedError: truncated, overlapping or of an unknown dtype.
    """
    try:
        tensors, end = _parse_header(path)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BaseModelFileMalformedError(file=path.name, reason=f"{error!r}") from error
    if end != path.stat().st_size:
        raise BaseModelFileMalformedError(
            file=path.name,
            reason=(
                f"{path.stat().st_size} バイト、ヘッダーでは {end} バイト",
                f"{path.stat().st_size} bytes, {end} by its header",
            ),
        )
    return tensors


def _parse_header(path: Path) -> tuple[list[StoredTensor], int]:
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= MAX_HEADER_BYTES:
            raise ValueError(f"header of {length} bytes")
        header: dict[str, Any] = json.loads(stream.read(length))
    base = 8 + length
    tensors = []
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = (int(offset) for offset in entry["data_offsets"])
        shape = tuple(int(side) for side in entry["shape"])
        tensors.append(StoredTensor(name, str(entry["dtype"]), shape, path, base + start, base + end))
        if end - start != math.prod(shape) * DTYPE_BYTES[entry["dtype"]] or start < 0:
            raise ValueError(f"{name}: wrong extent")
    ends = sorted((t.start, t.end) for t in tensors)
    if not ends or any(a[1] != b[0] for a, b in zip([(0, base), *ends], ends, strict=False)):
        raise ValueError("tensors overlap, leave holes or are none")
    return tensors, ends[-1][1]


def weights_digest(tensors: tuple[StoredTensor, ...], on_bytes: OnBytes = ignore_bytes) -> str:
    """SHA-256 over name, dtype, shape and bytes of every tensor in name order: shards and headers do not count."""
    digest = hashlib.sha256()
    for tensor in sorted(tensors, key=lambda t: t.name):
        digest.update(f"{tensor.name}\0{tensor.dtype}\0{tensor.shape}\n".encode())
        with tensor.file.open("rb") as stream:
            stream.seek(tensor.start)
            left = tensor.end - tensor.start
            while left and (chunk := stream.read(min(CHUNK_BYTES, left))):
                digest.update(chunk)
                left -= len(chunk)
                on_bytes(len(chunk))
    return digest.hexdigest()


def tokenizer_hash(root: Path) -> str:
    """SHA-256 over the vocabulary files and the special token settings (not the chat template, not file paths)."""
    digest = hashlib.sha256()
    for name in (
        "tokenizer.json",
        "tokenizer.model",
        "vocab.json",
        "merges.txt",
        "vocab.txt",
        "added_tokens.json",
    ):
        if (root / name).is_file():
            digest.update(f"{name}\0{sha256_of_file(root / name)}\n".encode())
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        if (root / name).is_file():
            content = read_json(root / name)
            kept = {key: content[key] for key in _HASHED_TOKENIZER_KEYS if content.get(key) is not None}
            digest.update(f"{name}\0{json.dumps(kept, sort_keys=True)}\n".encode())
    return digest.hexdigest()


def config_hash(root: Path) -> str | None:
    """SHA-256 over every setting beside weights, vocabulary and default template; None where `config.json` is gone.

    What tools write about themselves (versions, paths) does not count.

    Raises:
        BaseModelFileMalformedError: a file is no JSON object.
    """
    if not (root / "config.json").is_file():
        return None
    digest = hashlib.sha256()
    for name in _SETTINGS_FILES:
        if (root / name).is_file():
            content = read_json(root / name)
            kept = {key: value for key, value in content.items() if key not in _NOT_SETTINGS}
            if not isinstance(content.get("chat_template"), str | None):
                kept["chat_template"] = content[
                    "chat_template"
                ]  # several; the default one alone has a hash of its own
            digest.update(f"{name}\0{json.dumps(kept, sort_keys=True)}\n".encode())
    for path in sorted((root / "additional_chat_templates").glob("*.jinja")):
        digest.update(f"{path.name}\0{sha256_of_file(path)}\n".encode())
    return digest.hexdigest()


def file_facts(root: Path, names: tuple[str, ...], on_bytes: OnBytes = ignore_bytes) -> dict[str, FileFacts]:
    """Digest, size and time of each file."""
    facts = {}
    for name in names:
        stat = (root / name).stat()
        digest = sha256_of_file(root / name, on_bytes)
        facts[name] = FileFacts(sha256=digest, size_bytes=stat.st_size, mtime_ns=stat.st_mtime_ns)
    return facts


def tree_digest(facts: dict[str, FileFacts]) -> str:
    """As `kit.files.sha256_of_files`, of what is known already."""
    return digest_of_digests({name: file.sha256 for name, file in facts.items()})


def _refuse_link_outside(root: Path, name: str) -> None:
    target = (root / name).resolve()
    if not target.is_relative_to(root.resolve()):
        raise LinkRefusedError(file=name, target=target)
    if not target.is_file():
        raise BaseModelFileMissingError(where=root, missing=name)


def _has_key(content: JsonValue, key: str) -> bool:
    if isinstance(content, dict):
        return key in content or any(_has_key(value, key) for value in content.values())
    if isinstance(content, list):
        return any(_has_key(value, key) for value in content)
    return False
