"""From a conversation to the text the model reads: Ollama's ways with its Go templates, and the templates it knows.

A template that names `.Messages` gets the whole conversation. Any other is executed once a turn with `.System`, `.Prompt`
and `.Response`; in the last turn everything behind `.Response` is left out. A template that names neither `.Messages` nor
`.Response` gets `{{ .Response }}` at its end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.with_ollama.standin.gotemplate import Struct, Template
from tests.with_ollama.standin.gotree import Action, Branch, Field, Node

Message = Mapping[str, str]

_RESPONSE = Template.of("{{ .Response }}").nodes[0]
_MESSAGE_FIELDS = {"Thinking": "", "Images": (), "ToolCalls": (), "ToolName": "", "ToolCallID": ""}
_ALWAYS = {"Think": False, "ThinkLevel": "", "IsThinkSet": False}


@dataclass(frozen=True)
class KnownTemplate:
    """A template that comes with the server, and the stop strings that come with it."""

    name: str
    source: str
    stop: tuple[str, ...]


PLAIN = "{{ .Prompt }}"
CHATML = KnownTemplate(
    "chatml",
    "{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}<|im_start|>assistant\n",
    ("<|im_start|>", "<|im_end|>"),
)
ALPACA = KnownTemplate(
    "alpaca",
    "{{ if .System }}{{ .System }}\n\n{{ end }}### Instruction:\n{{ .Prompt }}\n\n### Response:\n{{ .Response }}\n\n",
    ("### Response:", "### Instruction:"),
)
# The real server takes the known template at the smallest edit distance, if that is below 100: long ones match none.
LONGEST_CHATML_JINJA = 600


def guess_template(jinja: str) -> KnownTemplate | None:
    """The server's own template for a GGUF's Jinja one: near enough to be taken, not the same.

    It has no default system prompt, whatever the Jinja template has.
    """
    is_chatml = "<|im_start|>" in jinja and "<|im_end|>" in jinja and len(jinja) <= LONGEST_CHATML_JINJA
    return CHATML if is_chatml else None


def parse_template(source: str) -> Template:
    """A template as Ollama takes it.

    Raises:
        TemplateError: Go would not parse it.
    """
    template = Template.of(source)
    if template.identifiers() & {"messages", "response"}:
        return template
    return replace(template, nodes=(*template.nodes, _RESPONSE))


def render(template: Template, messages: Sequence[Message]) -> str:
    """The prompt of a conversation.

    Raises:
        TemplateError: the template fails on it.
    """
    collated = _collate(messages)
    if "messages" in template.identifiers():
        system = "\n\n".join(m["content"] for m in messages if m["role"] == "system")
        whole = [Struct(Role=m["role"], Content=m["content"], **_MESSAGE_FIELDS) for m in collated]
        return template.execute({"System": system, "Messages": whole, "Tools": (), "Response": "", **_ALWAYS})
    return _render_turns(template, collated)


def _render_turns(template: Template, messages: Sequence[Message]) -> str:
    out, turn = "", dict.fromkeys(("System", "Prompt", "Response"), "")
    for message in messages:
        filled = {"system": ("Prompt", "Response"), "user": ("Response",)}.get(message["role"], ())
        if any(turn[name] for name in filled):
            out += template.execute({**turn, **_ALWAYS})
            turn = dict.fromkeys(turn, "")
        name = {"system": "System", "user": "Prompt", "assistant": "Response"}.get(message["role"])
        if name is not None:
            turn[name] = message["content"]
    last = replace(template, nodes=_until_response(template.nodes)[0])
    return out + last.execute({**turn, **_ALWAYS})


def _collate(messages: Sequence[Message]) -> list[Message]:
    """Neighbours of one role become one message."""
    collated: list[Message] = []
    for message in messages:
        if collated and collated[-1]["role"] == message["role"] != "tool":
            content = f"{collated[-1]['content']}\n\n{message['content']}"
            collated[-1] = {"role": message["role"], "content": content}
        else:
            collated.append(message)
    return collated


def _until_response(nodes: Sequence[Node]) -> tuple[tuple[Node, ...], bool]:
    """The nodes up to the first that shows `.Response`, and whether there was one."""
    kept: list[Node] = []
    for node in nodes:
        found = False
        if isinstance(node, Branch):
            body, found = _until_response(node.body)
            otherwise, also = ((), False) if found else _until_response(node.otherwise)
            node, found = replace(node, body=body, otherwise=otherwise), found or also
        elif isinstance(node, Action):
            found = any(_is_response(part) for command in node.pipe.commands for part in command)
        kept.append(node)
        if found:
            return tuple(kept), True
    return tuple(kept), False


def _is_response(part: Any) -> bool:
    return isinstance(part, Field) and "Response" in part.path
