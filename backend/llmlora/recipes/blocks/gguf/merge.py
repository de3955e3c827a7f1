"""Base and adapter as one model directory, in the base's own number format."""

import json
from pathlib import Path
from typing import Any

from safetensors import safe_open
from transformers import AutoConfig, AutoTokenizer, GenerationConfig

from llmlora.data.chat_files import CONFIG_NAME
from llmlora.recipes.blocks.base_model import load_causal_lm
from llmlora.recipes.blocks.gguf.vocabulary import keep_unsaved
from llmlora.recipes.blocks.tokenizer import HfChatTokenizer, load_tokenizer

INDEX_NAME = "model.safetensors.index.json"


def merge_adapter(base_dir: Path, adapter_dir: Path, directory: Path) -> None:
    """Write the merged model with the adapter's tokenizer and template; its end token is EOS everywhere.

    The merge runs on the CPU in the dtype of the checkpoint; values that are not finite are refused by PEFT.

    Raises:
        WeightsDoNotFitError: the base's weights are not those of its config.
        ValueError: the merge gives values that are not finite.
    """
    from peft import PeftModel  # two seconds that the export of an adapter does not need

    base = load_causal_lm(base_dir)
    peft_model: Any = PeftModel.from_pretrained(base, str(adapter_dir), autocast_adapter_dtype=False)
    merged: Any = peft_model.merge_and_unload(safe_merge=True)
    trained = load_tokenizer(adapter_dir)
    tokenizer = trained.inner
    merged.generation_config = settle_end_token(merged.config, tokenizer)
    merged.save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    keep_unsaved(base_dir, directory)
    _add_nothing(trained, directory)


def settle_end_token(config: Any, tokenizer: Any) -> GenerationConfig:
    """Let a model's config name the tokenizer's end token, and only that; returns what its generation config says."""
    # llama.cpp's converter ignores lists here and falls back to whatever it finds.
    config.eos_token_id = tokenizer.eos_token_id
    return GenerationConfig(
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def end_and_template(directory: Path) -> dict[str, Any]:
    """`eos_id` and `template` that the GGUF of a model directory has to carry."""
    tokenizer = AutoTokenizer.from_pretrained(directory, local_files_only=True, trust_remote_code=False)
    template = tokenizer.chat_template
    return {
        "eos_id": int(tokenizer.eos_token_id),
        "template": template.get("default") if isinstance(template, dict) else template,
    }


def _add_nothing(trained: HfChatTokenizer, directory: Path) -> None:
    """Have the GGUF say that no start or end is added to a prompt where the training's have none.

    A start token that the template writes is left to the engines: they know not to double it. Where nobody writes one it
    has to be said, too: a SentencePiece vocabulary that says nothing is given one.
    """
    path = directory / CONFIG_NAME
    config = json.loads(path.read_text(encoding="utf-8")) | {"add_eos_token": False}
    if not trained.writes_start:
        config["add_bos_token"] = False
    path.write_text(json.dumps(config, ensure_ascii=False, indent=2), encoding="utf-8")


def checkpoint_tensors(directory: Path) -> int:
    """How many tensors a safetensors checkpoint holds."""
    index = directory / INDEX_NAME
    if index.is_file():
        return len(json.loads(index.read_text(encoding="utf-8"))["weight_map"])
    count = 0
    for path in sorted(directory.glob("*.safetensors")):
        with safe_open(path, framework="numpy") as stream:
            count += len(stream.keys())
    return count


def base_config(base_dir: Path) -> Any:
    """The text model's config."""
    config = AutoConfig.from_pretrained(base_dir, local_files_only=True, trust_remote_code=False)
    return config.get_text_config()


def has_experts(config: Any) -> bool:
    """Whether the model mixes experts, whose tensors the converter stacks."""
    names = config.to_dict()
    return any((names.get(key) or 0) > 1 for key in ("num_experts", "num_local_experts", "n_routed_experts"))
