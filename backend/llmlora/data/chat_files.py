"""What a tokenizer's directory says about conversations: its chat template and what ends an answer.

Only JSON and text are read, so that whoever serves needs neither torch nor transformers. It works alike for a base model
and for a `final_model`, whose `eos_token` is the end of turn that was trained.
"""

import json
from pathlib import Path
from typing import Any

# For base models that ship no chat template: role names in plain words, every turn closed by the end-of-text token.
PLAIN_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}"
    "{{ eos_token if message['role'] == 'assistant' else '' }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
TEMPLATE_NAME, CONFIG_NAME = "chat_template.jinja", "tokenizer_config.json"
_OLDER_NAME = "special_tokens_map.json"
_DEFAULT = "default"


def template_of(directory: Path) -> str:
    """The chat template, as transformers would choose it."""
    path = directory / TEMPLATE_NAME
    if path.is_file():
        return path.read_text(encoding="utf-8")
    written = _read(directory / CONFIG_NAME).get("chat_template")
    if isinstance(written, list):
        written = next((one.get("template") for one in written if one.get("name") == _DEFAULT), None)
    return written if isinstance(written, str) else PLAIN_TEMPLATE


def special_token(directory: Path, name: str) -> str | None:
    """The text of `bos_token` or `eos_token`."""
    for file in (CONFIG_NAME, _OLDER_NAME):
        written = _read(directory / file).get(name)
        text = written.get("content") if isinstance(written, dict) else written
        if isinstance(text, str) and text:
            return text
    return None


def ends_of(directory: Path) -> tuple[str, ...]:
    """Texts of the tokens that end an answer: the `eos_token`, and those a base's generation config lists beside it."""
    listed = _read(directory / "generation_config.json").get("eos_token_id")
    ids = {one for one in (listed if isinstance(listed, list) else [listed]) if isinstance(one, int)}
    named = special_token(directory, "eos_token")
    texts = {named} if named else set()
    if ids:
        added = _read(directory / "tokenizer.json").get("added_tokens") or []
        texts |= {str(one["content"]) for one in added if one.get("id") in ids}
    return tuple(sorted(texts))


def _read(path: Path) -> dict[str, Any]:
    """A JSON object; empty where there is none that can be read."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
