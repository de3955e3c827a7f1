"""A transformers tokenizer as `data.tokenizer.ChatTokenizer`."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jinja2
from transformers import AutoTokenizer, PreTrainedTokenizerBase
from transformers.utils.chat_template_utils import render_jinja_template

from llmlora.contracts.dataset import Message
from llmlora.data.chat_files import PLAIN_TEMPLATE
from llmlora.data.tokenizer import TemplateError
from llmlora.kit.errors import InvalidInputError

# What templates call the thought before an answer: Qwen's, gpt-oss's and others' names.
REASONING_NAMES = ("reasoning_content", "thinking", "reasoning")
_REFUSALS = (
    jinja2.TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError, AssertionError, RecursionError,
)  # fmt: skip


@dataclass(frozen=True)
class CallForm:
    """How a template wants calls: arguments as an object or as JSON text; a turn of calls alone with null or ""."""

    as_text: bool
    null_content: bool


# The likeliest first. DeepSeek's first templates want the last.
_CALL_FORMS = tuple(CallForm(as_text, null) for as_text in (False, True) for null in (False, True))
_PROBE = "zq5probe5qz"


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

    @property
    def writes_start(self) -> bool:
        """Whether the template begins a prompt with the start token."""
        question = [Message(role="user", content="?")]
        try:
            prompt = self.render(question, tools=None, add_generation_prompt=True)
        except TemplateError:
            prompt = ""
        return self.encode(prompt)[:1] == [self.inner.bos_token_id]

    @property
    def leaves_start_out(self) -> bool:
        """Whether the template writes none of the start tokens that the tokenizer puts before plain text."""
        return bool(self.start_ids) and not self.writes_start

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
        form = self.call_form if any(m.tool_calls for m in messages) else _CALL_FORMS[0]
        return self._render(messages, form, tools=tools, add_generation_prompt=add_generation_prompt)

    @cached_property
    def call_form(self) -> CallForm:
        """The form of calls that the template writes; the first one where it writes none."""
        call = {"function": {"name": "f", "arguments": {_PROBE: _PROBE}}}
        calls = json.dumps([{"id": "a1b2c3d4e", "type": "function", **call}])
        turns = [Message(role="user", content="q"), Message(role="assistant", content="", tool_calls=calls)]
        for form in _CALL_FORMS:
            with suppress(TemplateError):
                if _PROBE in self._render(turns, form, tools=None, add_generation_prompt=False):
                    return form
        return _CALL_FORMS[0]

    def _render(
        self, messages: Sequence[Message], form: CallForm, *, tools: str | None, add_generation_prompt: bool
    ) -> str:
        turns, given = [as_dict(m, form) for m in messages], json.loads(tools) if tools else None
        try:
            if form.null_content:  # apply_chat_template takes nulls out, and these templates look for them
                (text,), _ = render_jinja_template(
                    [turns],
                    given,
                    chat_template=self.inner.get_chat_template(None, given),
                    add_generation_prompt=add_generation_prompt,
                    **self.inner.special_tokens_map,
                )
            else:
                text = self.inner.apply_chat_template(
                    turns, tools=given, add_generation_prompt=add_generation_prompt, tokenize=False
                )
        except _REFUSALS as error:
            raise TemplateError(str(error) or type(error).__name__) from error
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


def as_dict(message: Message, form: CallForm) -> dict[str, Any]:
    """A turn in the words that templates read."""
    fields = message.model_dump(exclude={"train", "reasoning", "tool_calls"}, exclude_none=True)
    if message.reasoning is not None:
        fields |= dict.fromkeys(REASONING_NAMES, message.reasoning)
    if message.tool_calls is not None:
        fields["tool_calls"] = [_call_in(form, call) for call in json.loads(message.tool_calls)]
        if form.null_content and not message.content:
            fields["content"] = None
    return fields


def _call_in(form: CallForm, call: Any) -> Any:
    """A call with its arguments in the form wanted; OpenAI's files carry them as JSON text."""
    if not isinstance(call, dict):
        return call
    holder = call.get("function", call)
    if not isinstance(holder, dict) or "arguments" not in holder:
        return call
    given = holder["arguments"]
    arguments = _as_text(given) if form.as_text else _as_object(given)
    if holder is call:
        return {**call, "arguments": arguments}
    return {**call, "function": {**holder, "arguments": arguments}}


def _as_object(arguments: Any) -> Any:
    """Text that is a JSON object, as that object; anything else as it is."""
    if isinstance(arguments, str):
        with suppress(ValueError):
            parsed = json.loads(arguments)
            return parsed if isinstance(parsed, dict) else arguments
    return arguments


def _as_text(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
