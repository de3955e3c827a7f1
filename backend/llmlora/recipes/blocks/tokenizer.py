"""A transformers tokenizer as `data.tokenizer.ChatTokenizer`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from llmlora.contracts.dataset import Message
from llmlora.data.render import TemplateError
from llmlora.kit.errors import InvalidInputError
from llmlora.recipes.blocks.chat_files import PLAIN_TEMPLATE


class NoEndTokenError(InvalidInputError):
    """The tokenizer has no end-of-text token, so nothing can end an answer."""

    code = "no_end_token"
    ja = "このベースモデルのトークナイザーには終了トークンがありません。eos_token を持つモデルを選んでください。"
    en = "The base model's tokenizer has no end-of-text token. Choose a model whose tokenizer has an eos_token."


class HfChatTokenizer:
    """Wraps a fast tokenizer; text in, ids out, nothing added or tidied."""

    def __init__(self, inner: PreTrainedTokenizerBase) -> None:
        self.inner: Any = inner
        if inner.eos_token is None:
            raise NoEndTokenError
        if inner.chat_template is None:
            inner.chat_template = PLAIN_TEMPLATE
        self.eos_text: str = inner.eos_token
        reserved = {str(t) for t in inner.added_tokens_decoder.values() if t.special}
        self.special_texts = frozenset(reserved | set(inner.all_special_tokens))
        probe = inner("a", add_special_tokens=True)["input_ids"]
        self.start_ids: tuple[int, ...] = (
            (inner.bos_token_id,) if inner.bos_token_id is not None and probe[0] == inner.bos_token_id else ()
        )

    def end_turns_with(self, text: str) -> None:
        """Make `text` the end of text, which converters and servers look up, and leave the prompts as they are."""
        template = self.inner.chat_template
        if text != self.eos_text and isinstance(template, str) and "eos_token" in template:
            written = json.dumps(self.eos_text, ensure_ascii=False)
            self.inner.chat_template = f"{{% set eos_token = {written} %}}\n{template}"
        self.inner.eos_token = self.eos_text = text

    def render(self, messages: Sequence[Message], *, tools: str | None, add_generation_prompt: bool) -> str:
        """The conversation as the template writes it.

        Raises:
            TemplateError: the template refuses this conversation.
        """
        try:
            text = self.inner.apply_chat_template(
                [_as_dict(m) for m in messages],
                tools=json.loads(tools) if tools else None,
                add_generation_prompt=add_generation_prompt,
                tokenize=False,
            )
        except (jinja2.TemplateError, TypeError, ValueError, KeyError) as error:
            raise TemplateError(str(error)) from error
        return str(text)

    def encode(self, text: str) -> list[int]:
        """Ids of the text; reserved texts become their ids, nothing is added."""
        return list(self.inner(text, add_special_tokens=False, verbose=False)["input_ids"])

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, reserved texts included, nothing tidied."""
        return str(
            self.inner.decode(list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False)
        )


def load_tokenizer(directory: Path) -> HfChatTokenizer:
    """The tokenizer of a canonical model directory or of a `final_model`.

    Raises:
        NoEndTokenError: it has no end-of-text token.
    """
    return HfChatTokenizer(
        AutoTokenizer.from_pretrained(directory, local_files_only=True, trust_remote_code=False)
    )


def _as_dict(message: Message) -> dict[str, Any]:
    fields = message.model_dump(exclude={"train"}, exclude_none=True)
    if message.tool_calls is not None:
        fields["tool_calls"] = json.loads(message.tool_calls)
    return fields
