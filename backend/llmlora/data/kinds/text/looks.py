"""What is asked of a text's example beside its training: its size, a short form, its question and answer, its tokens.

Tokens are estimated; as measured with SmolLM2, a chat template adds about 5 tokens a turn, and its system prompt about 22
where the row has none.
"""

from llmlora.contracts.dataset import Message
from llmlora.data.held import answer_of, prompt_of
from llmlora.data.kinds.text.examples import (
    CompletionExample,
    ConversationExample,
    PreferenceExample,
    TextExample,
)
from llmlora.data.soundness import Asked
from llmlora.data.token_estimates import tokens_of

SHOWN_CHARACTERS = 2000
SHOWN_TURNS = 20
TURN_TOKENS, SYSTEM_TOKENS = 5, 22
_OVERHEAD_BYTES = 64


def size_of(example: TextExample) -> int:
    """About its bytes in memory."""
    messages = () if isinstance(example, CompletionExample) else example.messages
    turns = sum(
        len(m.content) + len(m.reasoning or "") + len(m.tool_calls or "") + _OVERHEAD_BYTES for m in messages
    )
    texts = (value for name, value in example if name != "messages" and isinstance(value, str))
    return turns + sum(map(len, texts)) + _OVERHEAD_BYTES


def shown(example: TextExample) -> TextExample:
    """An example short enough to be shown."""
    texts = {name: _clipped(value) for name, value in example if isinstance(value, str)}
    if isinstance(example, CompletionExample):
        return example.model_copy(update=texts)
    turns = tuple(map(_clipped_turn, example.messages[:SHOWN_TURNS]))
    return example.model_copy(update={"messages": turns, **texts})


def asked_of(example: TextExample) -> Asked:
    """What an example asks and answers. A preference asks all that stands before its answers; plain text asks nothing."""
    match example:
        case PreferenceExample():
            said = "\n".join(message.content for message in example.messages)
            return Asked(example.row, said, example.chosen, example.rejected)
        case CompletionExample():
            return Asked(example.row, example.prompt or "", example.completion)
        case ConversationExample():
            prompt = prompt_of(example)
            said = "\n".join(str(message.content or "") for message in prompt.messages) if prompt else ""
            return Asked(example.row, said, answer_of(example))


def estimated_tokens(example: TextExample, tokens_per_other: float) -> tuple[int, int]:
    """(all tokens, supervised tokens) of one row. `tokens_per_other`: of a character beyond ASCII."""
    if isinstance(example, CompletionExample):
        answer = tokens_of(example.completion, tokens_per_other)
        return answer + tokens_of(example.prompt or "", tokens_per_other), answer
    total = SYSTEM_TOKENS if all(m.role != "system" for m in example.messages) else 0
    supervised = 0
    for message in example.messages:
        tokens = tokens_of(message.content, tokens_per_other) + tokens_of(
            message.tool_calls or "", tokens_per_other
        )
        total += tokens + TURN_TOKENS
        if message.role == "assistant" and message.train:
            supervised += tokens + 1
    return total, supervised


def _clipped(text: str) -> str:
    return text[:SHOWN_CHARACTERS] + "…" if len(text) > SHOWN_CHARACTERS else text


def _clipped_turn(message: Message) -> Message:
    return message.model_copy(
        update={name: _clipped(value) for name, value in message if name != "role" and isinstance(value, str)}
    )
