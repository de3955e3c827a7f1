"""The chat template as llama.cpp is given it: wrapped so that it renders what the training rendered, and nothing else.

Left alone, llama.cpp folds a system turn into the user's where a template does not read it, takes a start token off the
front, and sets variables that transformers does not set. Each is decided by a look at the template or its output, so a
few words in front of the template are enough to have it rendered as it stands.
"""

import json
from pathlib import Path

from llmlora.data.chat_files import special_token, template_of
from llmlora.inference.llama_cpp import PROMPT_MARK

# Reading every content tells llama.cpp that the template knows what to do with each role. The newline behind the block is
# dropped again, and a template that begins with white space begins on a line of its own, as it would alone.
_READS_ALL = "{% for turn in messages %}{% set read = turn['content'] %}{% endfor %}\n"
# transformers passes `tools` and `documents` always, and `enable_thinking` never.
_AS_TRAINED = "{% set tools = tools or none %}{% set documents = none %}{% set enable_thinking = llmlora_sets_no_such_thing %}"


def served_template(tokenizer: Path, template: str | None = None) -> str:
    """The template of a tokenizer's directory (or `template`, if given) for llama.cpp. Blocking."""
    named = {name: special_token(tokenizer, name) for name in ("bos_token", "eos_token")}
    tokens = "".join(
        f"{{% set {name} = {json.dumps(text, ensure_ascii=False)} %}}" for name, text in named.items() if text
    )
    body = template_of(tokenizer) if template is None else template
    # As an expression: llama.cpp's lexer loses a lone character in front of the first block.
    return f"{{{{ '{PROMPT_MARK}' }}}}{tokens}{_AS_TRAINED}{_READS_ALL}{body}"
