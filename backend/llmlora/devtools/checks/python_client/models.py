"""Models of the components that the operations of the client name."""

from collections.abc import Iterable
from typing import Any

from llmlora.devtools.checks.python_client.types import (
    Schema,
    annotation,
    class_name,
    docstring,
    identifier,
    marked_aliases,
    references,
)

HEAD = '''"""What the API takes and answers. Drawn from docs/openapi.json (`./llmlora check --write`)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from llmlora.client.model import Model
'''


def models_module(document: Schema, named: Iterable[str]) -> str:
    """The module of every component that is reached from those that are named."""
    components: dict[str, Any] = marked_aliases(document)["components"]["schemas"]
    reached: set[str] = set()
    waiting = set(named)
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= set(references(components[name])) - reached
    reached.discard("JsonValue")
    ordered = sorted(reached, key=class_name)
    aliases = [_alias(name, components[name]) for name in ordered if "properties" not in components[name]]
    classes = [_class(name, components[name]) for name in ordered if "properties" in components[name]]
    return "\n".join([HEAD, *aliases, *classes])


def _alias(name: str, schema: Schema) -> str:
    words = schema.get("description", "")
    return f"{class_name(name)} = {annotation(schema, asked=True)}\n{docstring(words, '') if words else ''}"


def _class(name: str, schema: Schema) -> str:
    title = class_name(name)
    words = schema.get("description") or f"`{title}` of the API."
    required = set(schema.get("required", ()))
    fields = [_field(field, part, field in required) for field, part in schema["properties"].items()]
    return f"\nclass {title}(Model):\n{docstring(words, '    ')}\n{''.join(fields)}"


def _field(name: str, schema: Schema, required: bool) -> str:
    own = identifier(name)
    type_ = annotation(schema)
    if not required and "None" not in type_.split(" | "):
        type_ += " | None"
    arguments = [] if required else ["default=None"]
    arguments += [] if own == name else [f"alias={name!r}"]
    value = f" = Field({', '.join(arguments)})" if own != name else "" if required else " = None"
    words = schema.get("description", "")
    return f"    {own}: {type_}{value}\n{docstring(words, '    ') if words else ''}"
