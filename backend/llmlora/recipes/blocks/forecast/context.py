"""How long a conversation a model is served with: as long as the rows it was trained on, within the model and the memory.

llama.cpp keeps a key and a value of every token in every layer, two bytes each: 2 × 2 × layers × kv heads × head size a token.
"""

from collections.abc import Iterable

from llmlora.contracts.architecture import Architecture
from llmlora.data.mask import row_length
from llmlora.kit.errors import InvalidInputError

# Room for a conversation of several turns, whatever the rows' length.
SHORTEST_TOKENS, LEAST_TOKENS = 2048, 64
# A base model's own context can be 128k tokens, whose cache would not fit beside the weights.
BASE_CONTEXT_TOKENS = 4096
# llama.cpp rounds up to it.
STEP_TOKENS = 256
# Of the free memory: the weights, other servers and the next training want some, too.
CACHE_SHARE = 0.5
# A token of English has four bytes, one of Japanese three.
BYTES_OF_TOKEN = 3


class ContextBeyondModelError(InvalidInputError):
    """A longer context was asked for than the model was made for."""

    code = "context_beyond_model"
    ja = "文脈長 {context} は、モデルの文脈長 {limit} を超えています。{limit} 以下にしてください。"
    en = "A context of {context} tokens exceeds the model's own of {limit}. Use at most {limit}."


class ContextBeyondMemoryError(InvalidInputError):
    """The cache of a conversation of that length is larger than this machine's memory."""

    code = "context_beyond_memory"
    ja = (
        "文脈長 {context} のキャッシュは {needed_gb:.1f} GB で、このマシンのメモリ {total_gb:.1f} GB に収まりません。"
        "{fitting} 以下にしてください。"
    )
    en = (
        "The cache of a context of {context} tokens takes {needed_gb:.1f} GB, but this machine has {total_gb:.1f} GB of memory. "
        "Use at most {fitting}."
    )


def cache_bytes_per_token(model: Architecture) -> int:
    """What llama.cpp keeps of one token, in half precision."""
    return 2 * 2 * model.layers * model.kv_heads * model.head_dim


def refuse_context(context: int, *, limit: int, model: Architecture | None, total_bytes: int) -> None:
    """Check a context that a person asks for. `limit`: the model's own.

    Raises:
        ContextBeyondModelError: the model was not made for it.
        ContextBeyondMemoryError: it can never fit into the machine.
    """
    if context > limit:
        raise ContextBeyondModelError(context=context, limit=limit)
    if model is None:
        return
    needed = context * cache_bytes_per_token(model)
    if needed > total_bytes:
        fitting = total_bytes // cache_bytes_per_token(model)
        raise ContextBeyondMemoryError(
            context=context, needed_gb=needed / 1e9, total_gb=total_bytes / 1e9, fitting=fitting
        )


def default_context(
    *,
    max_length: int | None,
    prompts: Iterable[str] = (),
    answer_tokens: int,
    limit: int | None,
    model: Architecture | None = None,
    free_bytes: int | None = None,
) -> int:
    """Tokens of one conversation where nobody asks for more: a trained row, or a held prompt, and an answer to it.

    `max_length`: of the training (None: its default); `limit`: the model's own context (None: not known yet).
    """
    longest_prompt = max((len(text.encode()) // BYTES_OF_TOKEN for text in prompts), default=0)
    wanted = max(row_length(max_length, None), longest_prompt) + answer_tokens
    wanted = max(SHORTEST_TOKENS, -(-wanted // STEP_TOKENS) * STEP_TOKENS)
    if model is not None and free_bytes is not None:
        affordable = int(CACHE_SHARE * free_bytes) // cache_bytes_per_token(model)
        wanted = min(wanted, max(SHORTEST_TOKENS, affordable))
    return max(LEAST_TOKENS, min(wanted, limit or wanted))


def base_context(limit: int) -> int:
    """Tokens of one conversation with a base model alone. `limit`: the model's own context."""
    return max(LEAST_TOKENS, min(BASE_CONTEXT_TOKENS, limit))
