"""Held prompts: what the gates ask. They are rows that were trained, whole, and lie beside the adapter they taught."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from llmlora.contracts.dataset import Message
from llmlora.contracts.inference import ChatMessage, Prompt
from llmlora.data.kinds.text.examples import CompletionExample, ConversationExample, TextExample

HELD_PROMPTS = 5
HELD_PROMPTS_FILE = "held_prompts.json"
# Candidates beyond what is needed: some of the rows are held out of the training, some ask the same.
CANDIDATES = 200
LONGEST_TEXT = 200  # characters of plain text that are asked as a question
# An answer of the usual size; one that is worth waiting for; the most that is ever waited for; room for an end.
USUAL_TOKENS, LONG_TOKENS, MOST_TOKENS, END_TOKENS = 96, 512, 4096, 8


class HeldPrompts(BaseModel):
    """The file's content."""

    model_config = ConfigDict(frozen=True)

    prompts: tuple[Prompt, ...] = Field(max_length=32)
    answer_tokens: int = Field(default=USUAL_TOKENS, ge=1, le=MOST_TOKENS)
    """How long an answer the gates wait for."""


@dataclass(frozen=True)
class _Candidate:
    """`index`: of the last row in the token table. `answer_bytes`: of what was taught as its answer."""

    index: int
    prompt: Prompt
    answer_bytes: int


class HeldPromptCollector:
    """Listens to the ledger, then picks."""

    def __init__(self) -> None:
        self._candidates: list[_Candidate] = []
        self._known: set[str] = set()

    def note(self, example: TextExample, index: int) -> None:
        """Take an example that is kept whole; `index`: of its last row in the token table."""
        if len(self._candidates) >= CANDIDATES:
            return
        prompt = prompt_of(example)
        key = prompt.model_dump_json() if prompt else ""
        if prompt is None or key in self._known:
            return
        self._known.add(key)
        self._candidates.append(_Candidate(index, prompt, len(answer_of(example).encode())))

    def pick(self, trained: Collection[int]) -> HeldPrompts:
        """The first prompts of rows that are trained; of others where none is."""
        wanted = [one for one in self._candidates if one.index in trained] or self._candidates
        chosen = wanted[:HELD_PROMPTS]
        return HeldPrompts(
            prompts=tuple(one.prompt for one in chosen),
            answer_tokens=longest_answer([one.answer_bytes for one in chosen]),
        )


def longest_answer(sizes_bytes: Sequence[int]) -> int:
    """How many tokens the gates have to wait for: as many as the answers take, but for what would take them too long.

    A token has at least one byte. An answer that ends costs no more where more are allowed; the shortest has to fit, since
    where none ends, nothing shows that the model stops.
    """
    if not sizes_bytes:
        return USUAL_TOKENS
    shortest, longest = (size + END_TOKENS for size in (min(sizes_bytes), max(sizes_bytes)))
    return min(MOST_TOKENS, max(USUAL_TOKENS, shortest, min(longest, LONG_TOKENS)))


def answer_of(example: TextExample) -> str:
    """What was taught last: a turn's reasoning, words and calls, or the rest of a text."""
    if isinstance(example, CompletionExample):
        return example.completion
    trained = [m for m in example.messages if m.role == "assistant" and m.train]
    if not trained:
        return ""
    return "".join(filter(None, (trained[-1].reasoning, trained[-1].content, trained[-1].tool_calls)))


def prompt_of(example: TextExample) -> Prompt | None:
    """What stands before an example's last trained turn, or the question (the beginning) of a text."""
    if isinstance(example, CompletionExample):
        text = (example.prompt or example.completion)[:LONGEST_TEXT]
        return Prompt(messages=(ChatMessage(role="user", content=text),)) if text.strip() else None
    trained = [i for i, m in enumerate(example.messages) if m.role == "assistant" and m.train]
    if not trained or trained[-1] == 0:
        return None
    tools = example.tools if isinstance(example, ConversationExample) else None
    return Prompt(messages=tuple(_chat_message(m) for m in example.messages[: trained[-1]]), tools=tools)


def read_held_prompts(adapter: Path) -> HeldPrompts | None:
    """What lies beside an adapter; None where it was trained before prompts were kept."""
    try:
        return HeldPrompts.model_validate_json((adapter / HELD_PROMPTS_FILE).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def _chat_message(message: Message) -> ChatMessage:
    return ChatMessage(**message.model_dump(exclude={"train"}))
