"""Chat templates in the manner of families whose own are not to be had: their marks, their turns, their end of turn."""

_LOOP = "{%- for message in messages -%}"
_END = "{%- endfor -%}"


def _turns(opening: str, closing: str, asks: str, *, start: str = "", assistant: str = "assistant") -> str:
    """Turns of one form: `opening` with `{role}`, the content, `closing`; `asks` opens the answer."""
    role = f"{{{{ '{assistant}' if message['role'] == 'assistant' else message['role'] }}}}"
    begun = opening.replace("{role}", role)
    return (
        f"{start}{_LOOP}{begun}{{{{ message['content'] | trim }}}}{closing}{_END}"
        f"{{%- if add_generation_prompt -%}}{asks}{{%- endif -%}}"
    )


def _line(text: str) -> str:
    """Text that may end in a line break, which Jinja would drop or keep as it likes."""
    return "{{ " + repr(text) + " }}"


CHATML = _turns(
    _line("<|im_start|>") + "{role}" + _line("\n"), _line("<|im_end|>\n"), _line("<|im_start|>assistant\n")
)
QWEN_2_5 = (
    "{%- if messages[0]['role'] != 'system' -%}"
    + _line(
        "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n"
    )
    + "{%- endif -%}"
    + CHATML
)
GEMMA_2 = _turns(
    "{%- if message['role'] == 'system' -%}{{ raise_exception('System role not supported') }}{%- endif -%}"
    + _line("<start_of_turn>") + "{role}" + _line("\n"),
    _line("<end_of_turn>\n"),
    _line("<start_of_turn>model\n"),
    start="{{ bos_token }}",
    assistant="model",
)  # fmt: skip
PHI_3 = _turns(_line("<|") + "{role}" + _line("|>\n"), _line("<|end|>\n"), _line("<|assistant|>\n"))
PHI_4 = _turns(
    _line("<|im_start|>") + "{role}" + _line("<|im_sep|>"),
    _line("<|im_end|>"),
    _line("<|im_start|>assistant<|im_sep|>"),
)
GRANITE = _turns(
    _line("<|start_of_role|>") + "{role}" + _line("<|end_of_role|>"),
    _line("<|end_of_text|>\n"),
    _line("<|start_of_role|>assistant<|end_of_role|>"),
)
GLM_4 = _turns(
    _line("<|") + "{role}" + _line("|>\n"), "", _line("<|assistant|>\n"), start=_line("[gMASK]<sop>")
)
OLMO = (
    "{{ bos_token }}" + _LOOP
    + _line("<|") + "{{ message['role'] }}" + _line("|>\n") + "{{ message['content'] | trim }}"
    + "{{ eos_token if message['role'] == 'assistant' else '\n' }}" + _END
    + "{%- if add_generation_prompt -%}" + _line("<|assistant|>\n") + "{%- endif -%}"
)  # fmt: skip
COMMAND_R = (
    "{{ bos_token }}" + _LOOP
    + "{{ '<|START_OF_TURN_TOKEN|>' + {'system': '<|SYSTEM_TOKEN|>', 'user': '<|USER_TOKEN|>', 'assistant': '<|CHATBOT_TOKEN|>'}"
    + "[message['role']] + message['content'] | trim + '<|END_OF_TURN_TOKEN|>' }}" + _END
    + "{%- if add_generation_prompt -%}" + _line("<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>") + "{%- endif -%}"
)  # fmt: skip
LFM_2 = "{{ bos_token }}" + CHATML
MINICPM = CHATML
HARMONY = (
    _line("<|start|>system<|message|>You are a helpful assistant.\n\n# Valid channels: final.<|end|>") + _LOOP
    + "{%- if message['role'] == 'assistant' -%}"
    + _line("<|start|>assistant<|channel|>final<|message|>") + "{{ message['content'] }}"
    + "{{ '<|return|>' if loop.last else '<|end|>' }}"
    + "{%- else -%}" + "{{ '<|start|>' + message['role'] + '<|message|>' + message['content'] + '<|end|>' }}" + "{%- endif -%}"
    + _END + "{%- if add_generation_prompt -%}" + _line("<|start|>assistant") + "{%- endif -%}"
)  # fmt: skip


def mistral(space: str) -> str:
    """Mistral's instructions; SentencePiece's generation has a space behind the marks, Tekken's none."""
    return (
        "{{ bos_token }}" + _LOOP
        + "{%- if message['role'] == 'user' -%}" + f"{{{{ '[INST]{space}' + message['content'] + '[/INST]' }}}}"
        + "{%- elif message['role'] == 'assistant' -%}" + f"{{{{ '{space}' + message['content'] | trim + eos_token }}}}"
        + "{%- else -%}{{ raise_exception('Only user and assistant roles are supported!') }}{%- endif -%}" + _END
    )  # fmt: skip
