"""Loads base models from canonical safetensors directories and says what they are. Never runs a model's own code."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2
import torch
import transformers
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict
from torch import nn
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    MODEL_FOR_PRETRAINING_MAPPING_NAMES,
    MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES,
    MODEL_MAPPING_NAMES,
)

from llmlora.recipes.blocks.base_model_errors import (
    ArchitectureUnsupportedError,
    BaseModelFileMalformedError,
    TemplateSyntaxRefusedError,
    TokensBeyondEmbeddingsError,
    WeightsDoNotFitError,
)
from llmlora.recipes.blocks.model_files import ModelFiles
from llmlora.recipes.blocks.tasks import ENCODE, GENERATE

POOLERS = frozenset({"pooler"})
"""What an encoder that has learned to fill gaps comes without, and a classifier stands on."""
# transformers' own marks around assistant turns; plain Jinja does not know them.
_GENERATION_MARKS = re.compile(r"{%-?\s*(?:end)?generation\s*-?%}")
UNBOUNDED_CONTEXT = 1 << 40
# Encoders whose tokenizers are fast ones and whose heads transformers puts on: the BERT family.
ENCODERS = frozenset(
    {
        "albert", "bert", "camembert", "deberta", "deberta-v2", "distilbert", "electra", "ernie", "mobilebert",
        "modernbert", "mpnet", "roberta", "roberta-prelayernorm", "xlm-roberta", "xlm-roberta-xl",
    }
)  # fmt: skip
DTYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
    "I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8,
    "U16": torch.uint16, "U32": torch.uint32, "U64": torch.uint64, "BOOL": torch.bool,
    "F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2,
}  # fmt: skip


class Description(BaseModel):
    """What a loaded model is. `linear_layers` counts the layers LoRA could adapt, by their last name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    architecture: str
    model_type: str
    parameters: int
    context_length: int
    vocab_size: int
    hidden_size: int
    layers: int
    tied_embeddings: bool
    linear_layers: dict[str, int]
    eos_token: str | None
    template_hash: str | None
    tasks: list[str]
    """What it can learn (`blocks.tasks`)."""


def load_causal_lm(path: Path, *, dtype: torch.dtype | None = None) -> Any:
    """The model of a safetensors directory, in evaluation mode on the CPU.

    `dtype` None keeps the dtype the weights are stored in.

    Raises:
        WeightsDoNotFitError: a tensor is missing or of another shape than the config says.
    """
    return _checked(
        lambda: AutoModelForCausalLM.from_pretrained(
            path,
            dtype=dtype if dtype is not None else "auto",
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            output_loading_info=True,
        )
    ).eval()


def _checked(
    load: Callable[[], tuple[Any, dict[str, Any]]], *, may_lack: frozenset[str] = frozenset()
) -> Any:
    """The model, whose every weight was there in the right shape. `may_lack`: modules that a training makes anew."""
    try:
        model, info = load()
    except (RuntimeError, ValueError, KeyError) as error:
        raise WeightsDoNotFitError(reason=_first_line(error)) from error
    lacking = (key for key in info["missing_keys"] if not may_lack & set(key.split(".")))
    if absent := sorted(lacking):
        raise WeightsDoNotFitError(
            reason=(f"{absent[0]} など {len(absent)} 個がない", f"no {absent[0]}, {len(absent)} in all")
        )
    if wrong := sorted(str(key) for key in info["mismatched_keys"]):
        raise WeightsDoNotFitError(reason=wrong[0])
    return model


def refuse_unsupported(files: ModelFiles) -> None:
    """Refuse what is neither a causal language model nor an encoder of texts of this transformers.

    Raises:
        ArchitectureUnsupportedError: by `model_type` or by `architectures`.
    """
    task_of(files)


def task_of(files: ModelFiles) -> str:
    """What the model of a directory can learn. An encoder may come with whatever head it was trained with.

    Raises:
        ArchitectureUnsupportedError: by `model_type` or by `architectures`.
    """
    model_type = files.config.get("model_type")
    architectures = set(files.config.get("architectures") or [])
    causal = _classes(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES, model_type)
    is_encoder = model_type in ENCODERS
    if causal and (architectures & causal or not (architectures or is_encoder)):
        return GENERATE
    if is_encoder:
        encoders = _classes(MODEL_MAPPING_NAMES, model_type)
        headed = (MODEL_FOR_MASKED_LM_MAPPING_NAMES, MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES)
        accepted = encoders.union(*(_classes(names, model_type) for names in headed))
        pretrained = _classes(MODEL_FOR_PRETRAINING_MAPPING_NAMES, model_type)
        if not architectures or architectures & (accepted | pretrained):
            return ENCODE
    raise ArchitectureUnsupportedError(
        architecture=next(iter(sorted(architectures)), model_type), version=transformers.__version__
    )


def _classes(names: Mapping[str, Any], model_type: object) -> set[str]:
    known = names.get(str(model_type))
    return {known} if isinstance(known, str) else set(known or ())


def shape_of_model(files: ModelFiles) -> Any:
    """The model of a directory on the meta device: names, shapes and layers of its weights, of which none is read.

    transformers goes through its own loading with empty tensors, so what would not load is refused here as well.

    Raises:
        WeightsDoNotFitError: a tensor is missing or of another shape than the config says.
    """
    empty = {
        tensor.name: torch.empty(tensor.shape, dtype=DTYPES[tensor.dtype], device="meta")
        for tensor in files.tensors
    }
    config = AutoConfig.from_pretrained(files.root, trust_remote_code=False, local_files_only=True)
    task = task_of(files)
    makes = AutoModelForCausalLM if task == GENERATE else AutoModel
    with torch.device("meta"):
        kind = type(makes.from_config(config))
    return _checked(
        lambda: kind.from_pretrained(
            None,
            config=config,
            state_dict=empty,
            device_map={"": "meta"},
            dtype=_number_type(empty.values()),
            output_loading_info=True,
        ),
        may_lack=frozenset() if task == GENERATE else POOLERS,
    )


def _number_type(tensors: Iterable[torch.Tensor]) -> torch.dtype:
    """That of the weights: some files begin with positions, which are whole numbers."""
    return next((one.dtype for one in tensors if one.dtype.is_floating_point), torch.float32)


def describe(files: ModelFiles) -> Description:
    """Say what the model and its tokenizer are. No weight is read: memory does not grow with the model.

    Raises:
        WeightsDoNotFitError: the weights are not those of the config.
        BaseModelFileMalformedError: the tokenizer cannot be read.
        TemplateSyntaxRefusedError: the chat template cannot be compiled.
        TokensBeyondEmbeddingsError: the tokenizer has more tokens than the embeddings have rows.
    """
    tokenizer = _load_tokenizer(files.root)
    template = _default_template(tokenizer.chat_template)
    if template is not None:
        check_template(template)
    model = shape_of_model(files)
    config = model.config.get_text_config()
    refuse_tokens_beyond(tokenizer, int(model.get_input_embeddings().weight.shape[0]))
    return Description(
        architecture=type(model).__name__,
        model_type=model.config.model_type,
        parameters=model.num_parameters(),
        context_length=_context_length(config, tokenizer),
        vocab_size=config.vocab_size,
        hidden_size=config.hidden_size,
        layers=config.num_hidden_layers,
        tied_embeddings=bool(model.config.tie_word_embeddings),
        linear_layers=linear_layers(model),
        eos_token=tokenizer.eos_token,
        template_hash=None if template is None else hashlib.sha256(template.encode()).hexdigest(),
        tasks=[task_of(files)],
    )


def linear_layers(model: nn.Module) -> dict[str, int]:
    """How many linear layers carry each last name, e.g. `{"q_proj": 30, …}`."""
    names = (
        name.rpartition(".")[2] for name, module in model.named_modules() if isinstance(module, nn.Linear)
    )
    return dict(sorted(Counter(names).items()))


def check_template(template: str) -> None:
    """Compile a chat template without rendering it.

    Raises:
        TemplateSyntaxRefusedError: it is not valid Jinja.
    """
    environment = ImmutableSandboxedEnvironment(extensions=["jinja2.ext.loopcontrols"])
    try:
        environment.from_string(_GENERATION_MARKS.sub("", template))
    except jinja2.TemplateSyntaxError as error:
        raise TemplateSyntaxRefusedError(line=error.lineno, reason=error.message) from error


def refuse_tokens_beyond(tokenizer: Any, rows: int) -> None:
    """Check that the embeddings have a row for every token that a conversation needs.

    A token that was added and that neither the template nor a start or end names may lack one: Gemma 3's text models
    have such a one, for images that they do not take.

    Raises:
        TokensBeyondEmbeddingsError: names both sizes and the first token that has none and is needed.
    """
    beyond = {token: text for text, token in tokenizer.get_vocab().items() if token >= rows}
    template = _default_template(tokenizer.chat_template) or ""
    ends = {tokenizer.bos_token, tokenizer.eos_token}
    added = tokenizer.added_tokens_decoder
    needed = [
        token for token, text in beyond.items() if token not in added or text in ends or text in template
    ]
    if needed:
        raise TokensBeyondEmbeddingsError(tokens=max(beyond) + 1, rows=rows, example=beyond[min(needed)])


def refuse_id_beyond(tokenizer: Any, rows: int, largest_id: int) -> None:
    """Check that the embeddings have a row for every token of the data. `largest_id`: of all rows.

    Raises:
        TokensBeyondEmbeddingsError: names both sizes and the token.
    """
    if largest_id >= rows:
        example = tokenizer.convert_ids_to_tokens(largest_id)
        raise TokensBeyondEmbeddingsError(tokens=len(tokenizer), rows=rows, example=example)


def _load_tokenizer(path: Path) -> Any:
    try:
        return AutoTokenizer.from_pretrained(path, trust_remote_code=False, local_files_only=True)
    except Exception as error:  # the Rust library raises bare Exception for a malformed tokenizer.json
        raise BaseModelFileMalformedError(file="tokenizer", reason=_first_line(error)) from error


def _default_template(template: str | dict[str, str] | None) -> str | None:
    return template.get("default") if isinstance(template, dict) else template


def _context_length(config: Any, tokenizer: Any) -> int:
    """`max_position_embeddings` under its various names; else what the tokenizer says, else unbounded."""
    values = config.to_dict()
    for key in ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length"):
        if isinstance(values.get(key), int):
            return int(values[key])
    return int(min(tokenizer.model_max_length, UNBOUNDED_CONTEXT))


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), repr(error))[:300]
