"""LoRA adapters by PEFT: where they go, how they start, how they are saved."""

from collections.abc import Sequence
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.utils.transformers_weight_conversion import convert_peft_config_for_transformers
from safetensors.torch import load_file
from torch import nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from llmlora.kit.errors import AppError, InvalidInputError

ADAPTER_FILE = "adapter_model.safetensors"


class UnknownTargetError(InvalidInputError):
    """A named target module is not a linear layer of the blocks."""

    code = "unknown_target_modules"
    ja = "target_modules に指定した {unknown} は、このモデルにありません。使えるもの: {known}"
    en = "This model has no {unknown}, which target_modules names. Choose from: {known}"


class AdapterIncompleteError(AppError):
    """The written adapter is not the trained one."""

    code = "adapter_incomplete"
    ja = "保存したアダプターが学習した重みと一致しません（{tensor}）。ディスクと peft のバージョンを確認してください。"
    en = "The saved adapter does not match the trained weights ({tensor}). Check the disk and the version of peft."


def linear_layers(model: PreTrainedModel) -> list[str]:
    """Short names of all linear layers but the output head, sorted: what LoRA can adapt.

    Where a model keeps its experts in one tensor, PEFT takes some names (DeepSeek's `gate_proj`, of its dense layers and
    of its shared experts) for those of the experts, and adapts these whole: nothing that serves can read that.
    """
    head = model.get_output_embeddings()
    names = {
        name.rsplit(".", 1)[-1]
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear | Conv1D) and module is not head
    }
    return sorted(name for name in names if not _means_experts(name, model))


def _means_experts(name: str, model: PreTrainedModel) -> bool:
    """Whether PEFT takes the name for one that the experts had in transformers 4."""
    asked = LoraConfig(target_modules=[name])
    try:
        convert_peft_config_for_transformers(asked, model, None)
    except ValueError:  # two names, of which it was given one
        return True
    return bool(asked.target_parameters)


def add_adapter(
    model: PreTrainedModel,
    *,
    rank: int,
    alpha: float,
    dropout: float,
    target_modules: Sequence[str] | None,
    rslora: bool,
    dora: bool,
) -> PeftModel:
    """Freeze the model and put float32 LoRA matrices on its linear layers (B starts at zero).

    Source: Hu et al. 2021 (LoRA), Kalajdzievski 2023 (rsLoRA), Liu et al. 2024 (DoRA).

    Raises:
        UnknownTargetError: a named target does not exist.
    """
    known = linear_layers(model)
    targets = sorted(set(target_modules)) if target_modules else known
    if unknown := [name for name in targets if name not in known]:
        raise UnknownTargetError(unknown=", ".join(unknown), known=", ".join(known))
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=rank,
        lora_alpha=int(alpha) if float(alpha).is_integer() else alpha,
        lora_dropout=dropout,
        target_modules=targets,
        use_rslora=rslora,
        use_dora=dora,
    )
    adapted = get_peft_model(model, config)
    assert isinstance(adapted, PeftModel)
    return adapted


def trainable_parameters(model: nn.Module) -> dict[str, nn.Parameter]:
    """Names and parameters that learn, in the model's order."""
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def save_adapter(model: PeftModel, directory: Path) -> None:
    """Write `adapter_model.safetensors` and `adapter_config.json`; the base's embeddings are never copied in."""
    model.save_pretrained(str(directory), safe_serialization=True, save_embedding_layers=False)


def does_nothing(model: PeftModel) -> bool:
    """Whether the adapted model is the base, whatever else moved: all B matrices are 0, and DoRA has no magnitudes."""
    return all(
        "lora_A" in name or ("lora_B" in name and not parameter.detach().any())
        for name, parameter in trainable_parameters(model).items()
    )


def refuse_incomplete(model: PeftModel, directory: Path) -> None:
    """Read the written adapter back: it holds every parameter that learned, bit for bit.

    Raises:
        AdapterIncompleteError: names the first one that is missing or another.
    """
    saved = load_file(directory / ADAPTER_FILE)
    for name, parameter in trainable_parameters(model).items():
        stored = saved.get(_name_in_file(name, model.active_adapter))
        if stored is None or not torch.equal(stored, parameter.detach().cpu()):
            raise AdapterIncompleteError(tensor=name)


def _name_in_file(name: str, adapter: str) -> str:
    """PEFT leaves an adapter's own name out of the names of its tensors, and how a module is saved whole; DoRA's magnitudes
    have no last word."""
    plain = name.removesuffix(f".{adapter}").replace(f".{adapter}.", ".").replace(".modules_to_save.", ".")
    return plain.removesuffix(".weight") if "lora_magnitude_vector" in plain else plain
