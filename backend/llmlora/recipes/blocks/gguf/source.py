"""A GGUF file as a safetensors directory: every de-quantised weight kept exactly, text split as llama.cpp splits it."""

import functools
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gguf
import torch
from tokenizers import Tokenizer, pre_tokenizers
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.integrations.gguf import is_gguf_arch_supported
from transformers.integrations.gguf.gguf_tokenizer_mapping import GGUF_PRE_TOKENIZER_SPLITS
from transformers.integrations.gguf.reader import read_gguf_metadata

from llmlora.contracts.run import RunCancelledError
from llmlora.kit.errors import AppError
from llmlora.kit.files import OnBytes, ignore_bytes
from llmlora.recipes.blocks.base_model_errors import (
    GgufArchitectureRefusedError,
    GgufRefusedError,
    GgufTokenizerRefusedError,
)
from llmlora.recipes.blocks.gguf.reader import GgufReader
from llmlora.recipes.blocks.gguf.shape import complete
from llmlora.recipes.blocks.gguf.spaces import split_like_llama_cpp
from llmlora.recipes.blocks.gguf.stream import GgufStream
from llmlora.recipes.blocks.model_files import SINGLE_WEIGHTS

# llama.cpp's families (src/llama-vocab.cpp) that transformers reads as GPT-2: these first cut out every digit.
_SINGLE_DIGITS = frozenset(
    {"smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2"}
)
_PLAIN_GPT2 = frozenset({"gpt-2", "phi-2", "gigachat", "mellum", "modern-bert", "mpt", "olmo", "jais"})
_BLOCK = re.compile(r"blk\.(\d+)\.")
# transformers' words for an architecture that its readers do not know; and one that they know and cannot read: they
# look for expert tensors by names that no converter writes.
_UNSUPPORTED, _MISREAD = "is not supported yet", frozenset({"gpt-oss"})


def convert(path: Path, out: Path, on_bytes: OnBytes = ignore_bytes) -> str | None:
    """Write `config.json`, `model.safetensors` and the tokenizer of a GGUF into `out`; returns its licence.

    Tensor by tensor, so that no more than the largest is in memory. `on_bytes` hears of every piece that is read; many
    are read twice, once to find the narrowest format.

    The weights are stored in the narrowest of bf16, fp16 and fp32 that holds every de-quantised value exactly:
    for block-quantised files (scale × level + minimum) that is fp32, and rounding them to 16 bits would make
    the trained base another model than the GGUF that is served.

    Raises:
        GgufArchitectureRefusedError: transformers cannot unpack its architecture.
        GgufRefusedError: broken, truncated, or with numbers that transformers leaves out.
        GgufTokenizerRefusedError: its way of splitting text cannot be rebuilt.
    """
    with _read_once():
        reader = _open(path)
        kind = _pre_tokenizer(reader)
        named = reader.get_field("general.architecture")
        architecture = "?" if named is None else str(named.contents())
        if kind is not None and kind not in _SINGLE_DIGITS | _PLAIN_GPT2 | set(GGUF_PRE_TOKENIZER_SPLITS):
            raise GgufTokenizerRefusedError(file=path.name, kind=kind)
        try:
            tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name, local_files_only=True)
            if is_gguf_arch_supported(architecture):
                _save_whole(path, reader, out)
            else:
                _save_streamed(path, reader, out, on_bytes)
        except (AppError, RunCancelledError):
            raise
        except Exception as error:  # numpy, gguf and transformers each raise their own kinds for a bad file
            if isinstance(error, OSError) and error.errno is not None:
                raise
            reason = _first_line(error)
            if architecture in _MISREAD or _UNSUPPORTED in reason:
                raise GgufArchitectureRefusedError(file=path.name, architecture=architecture) from error
            raise GgufRefusedError(file=path.name, reason=reason) from error
    if kind in _SINGLE_DIGITS:
        _split_single_digits(tokenizer.backend_tokenizer)
    if kind is None:
        split_like_llama_cpp(tokenizer.backend_tokenizer, reader)
    tokenizer.save_pretrained(out)
    licence = reader.get_field("general.license")
    return None if licence is None else str(licence.contents())


def _save_streamed(path: Path, reader: Any, out: Path, on_bytes: OnBytes) -> None:
    """Settings, and weights one by one."""
    config = _config(path, reader)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    weights = GgufStream(path, reader, model, on_bytes)
    _refuse_partial(model, reader, weights.absent())
    dtype = weights.exact_dtype()
    weights.write(out / SINGLE_WEIGHTS, dtype)
    config = model.config
    config.dtype, config.name_or_path = dtype, ""
    config.architectures = [type(model).__name__]
    config.save_pretrained(out)
    if model.can_generate():
        model.generation_config.save_pretrained(out)


def _save_whole(path: Path, reader: Any, out: Path) -> None:
    """For the few architectures whose tensors transformers rebuilds while it loads a model (LFM2, Qwen 3.5)."""
    model, info = AutoModelForCausalLM.from_pretrained(
        path.parent,
        config=_config(path, reader),
        gguf_file=path.name,
        dtype=torch.float32,
        local_files_only=True,
        output_loading_info=True,
    )
    _refuse_partial(model, reader, info["missing_keys"])
    model = model.to(exact_dtype(model))
    _forget_quantisation(model)
    model.save_pretrained(out)


def _config(path: Path, reader: Any) -> Any:
    """The model's settings, as the file has them."""
    config = AutoConfig.from_pretrained(path.parent, gguf_file=path.name, local_files_only=True)
    complete(config, reader)
    return config


def _refuse_partial(model: Any, reader: Any, absent: Iterable[str]) -> None:
    """Compare what the file holds with what the model has room for. `absent`: parameters that the file has not.

    Raises:
        ValueError: transformers leaves some numbers out, or invents others.
    """
    if names := sorted(absent):
        raise ValueError(f"no {names[0]}, {len(names)} in all")
    held = {id(tensor): tensor.numel() for tensor in model.state_dict(keep_vars=True).values()}
    layers = int(model.config.get_text_config().num_hidden_layers)
    told = sum(int(tensor.n_elements) for tensor in reader.tensors if _is_of_model(tensor.name, layers))
    if told > sum(held.values()):
        raise ValueError(f"{told} numbers in the file, {sum(held.values())} in {type(model).__name__}")


def _is_of_model(name: str, layers: int) -> bool:
    """Whether a tensor is a weight: rotary factors are none, nor are blocks that guess further tokens and are not served."""
    block = _BLOCK.match(name)
    return not name.startswith("rope_") and (block is None or int(block[1]) < layers)


def quantisation(path: Path) -> str | None:
    """The number format of most of a GGUF's weights, e.g. `Q4_K_M`; None where the file does not say."""
    metadata, _ = read_gguf_metadata(str(path))
    if "general.file_type" not in metadata:
        return None
    name: str = gguf.LlamaFileType(metadata["general.file_type"]).name
    return name.removeprefix("MOSTLY_").removeprefix("ALL_")


def exact_dtype(model: torch.nn.Module) -> torch.dtype:
    """The narrowest of bf16, fp16, fp32 in which no weight changes."""
    for dtype in (torch.bfloat16, torch.float16):
        if all(torch.equal(p.to(dtype).to(p.dtype), p) for p in model.parameters()):
            return dtype
    return torch.float32


def keep_original(source: Path, target: Path, *, link: bool) -> None:
    """Put the GGUF beside its conversion so that removing `source` breaks nothing.

    A link costs no space and suits files that are only ever replaced (a wheel's); a person's own file is copied,
    since an edit in place would reach through a link.
    """
    if link:
        try:
            os.link(source.resolve(), target)
        except OSError:  # another file system, or a file of another owner
            pass
        else:
            return
    shutil.copyfile(source, target)


def _open(path: Path) -> Any:
    try:
        reader = gguf.GGUFReader(path)
    except Exception as error:  # struct, numpy and gguf each raise their own kinds for a bad file
        raise GgufRefusedError(file=path.name, reason=_first_line(error)) from error
    if not reader.tensors:
        raise GgufRefusedError(file=path.name, reason=("テンソルがない", "no tensors"))
    last = max(reader.tensors, key=lambda tensor: tensor.data_offset)
    if last.data_offset + last.n_bytes > path.stat().st_size:
        raise GgufRefusedError(file=path.name, reason=("途中で切れている", "truncated"))
    return reader


def _pre_tokenizer(reader: Any) -> str | None:
    """`tokenizer.ggml.pre` of a byte-level vocabulary; None for the kinds that split no text beforehand."""
    model, pre = (reader.get_field(f"tokenizer.ggml.{key}") for key in ("model", "pre"))
    if model is None or model.contents() != "gpt2":
        return None
    return "default" if pre is None else str(pre.contents())


def _split_single_digits(backend: Tokenizer) -> None:
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )


def _forget_quantisation(model: Any) -> None:
    """Without this `save_pretrained` refuses a model that once was a GGUF."""
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.hf_quantizer = None
    model.is_quantized = False
    model.config.name_or_path = ""


@contextmanager
def _read_once() -> Iterator[None]:
    """Let transformers parse a file's header once instead of four times, faster, and build each name table once.

    Both are pure functions of their arguments; for a small model they are nine tenths of the time.
    """
    reader, name_map = gguf.GGUFReader, gguf.get_tensor_name_map
    read_path = functools.cache(GgufReader)
    gguf.GGUFReader = lambda path: read_path(str(path))
    gguf.get_tensor_name_map = functools.cache(name_map)
    try:
        yield
    finally:
        gguf.GGUFReader, gguf.get_tensor_name_map = reader, name_map


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), repr(error))[:300]
