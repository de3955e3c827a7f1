"""Held prompts: what the gates ask. They are rows that were trained, whole, and lie beside the adapter they taught."""

from collections.abc import Collection
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from llmlora.contracts.dataset import Example, Message
from llmlora.contracts.inference import ChatMessage, Prompt

HELD_PROMPTS = 5
HELD_PROMPTS_FILE = "held_prompts.json"
# Candidates beyond what is needed: some of the rows are held out of the training, some ask the same.
CANDIDATES = 200
LONGEST_TEXT = 200  # characters of plain text that are asked as a question


class HeldPrompts(BaseModel):
    """The file's content."""

    model_config = ConfigDict(frozen=True)

    prompts: tuple[Prompt, ...] = Field(max_length=32)


class HeldPromptCollector:
    """Listens to the ledger, then picks."""

    def __init__(self) -> None:
        self._candidates: list[tuple[int, Prompt]] = []
        self._known: set[str] = set()

    def note(self, example: Example, index: int) -> None:
        """Take an example that is kept whole; `index`: of its last row in the token table."""
        if len(self._candidates) >= CANDIDATES:
            return
        prompt = prompt_of(example)
        key = prompt.model_dump_json() if prompt else ""
        if prompt is None or key in self._known:
            return
        self._known.add(key)
        self._candidates.append((index, prompt))

    def pick(self, trained: Collection[int]) -> HeldPrompts:
        """The first prompts of rows that are trained; of others where none is."""
        wanted = [prompt for index, prompt in self._candidates if index in trained]
        wanted = wanted or [prompt for _, prompt in self._candidates]
        return HeldPrompts(prompts=tuple(wanted[:HELD_PROMPTS]))


def prompt_of(example: Example) -> Prompt | None:
    """What stands before an example's last trained turn, or the question (the beginning) of a text."""
    trained = [i for i, m in enumerate(example.messages) if m.role == "assistant" and m.train]
    if trained and trained[-1] > 0:
        messages = tuple(_chat_message(m) for m in example.messages[: trained[-1]])
        return Prompt(messages=messages, tools=example.tools)
    text = (example.prompt or example.completion or "")[:LONGEST_TEXT]
    return Prompt(messages=(ChatMessage(role="user", content=text),)) if text.strip() else None


def read_held_prompts(adapter: Path) -> tuple[Prompt, ...]:
    """What lies beside an adapter; nothing where it was trained before prompts were kept."""
    try:
        return HeldPrompts.model_validate_json((adapter / HELD_PROMPTS_FILE).read_bytes()).prompts
    except (FileNotFoundError, ValidationError):
        return ()


def _chat_message(message: Message) -> ChatMessage:
    return ChatMessage(**message.model_dump(exclude={"train"}))
