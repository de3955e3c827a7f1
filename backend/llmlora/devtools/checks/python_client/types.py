"""JSON Schema of the OpenAPI document as annotations of Python."""

import keyword
import re
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
JSON = "JsonValue"
ALIAS = "x-alias"
"""Marks a reference to what is no object."""
_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_MODULE_NAME = re.compile(
    r"^llmlora__(features__(?P<slice>[a-z]+)__\w+?|\w+?__(?P<module>[a-z]+))__(?P<name>[A-Z]\w*)$"
)
_GENERIC_NAME = re.compile(r"^(\w+?)_(\w+)_$")
# A field or parameter of these names would hide what annotations and pydantic need.
_TAKEN = frozenset({"copy", "dict", "json", "schema", "validate", "construct", "list", "str", "int", "float", "bool", "bytes", "self"})  # fmt: skip


def class_name(name: str) -> str:
    """The class of a component: `Page_JobOut_` is `PageOfJobOut`, the `SessionOut` of the slice chat `ChatSessionOut`."""
    if found := _MODULE_NAME.match(name):
        module, short = found["slice"] or found["module"], found["name"]
        return short if short.lower().startswith(module) else f"{module.capitalize()}{short}"
    if found := _GENERIC_NAME.match(name):
        outer, inner = found.groups()
        return f"{outer.removesuffix('Of')}Of{inner}"
    return name.removesuffix("-Output").replace("-", "")


def identifier(name: str) -> str:
    """A name that Python takes for a field or a parameter."""
    plain = re.sub(r"\W", "_", name).lower() if not name.isidentifier() else name
    return (
        f"{plain}_"
        if keyword.iskeyword(plain) or plain in _TAKEN or plain.startswith("model_config")
        else plain
    )


def annotation(schema: Schema, *, asked: bool = False) -> str:
    """The type of a schema. `asked`: of what a caller gives, where any sequence and mapping does.

    Raises:
        ValueError: the schema has a form that is not known here.
    """
    return " | ".join(dict.fromkeys(_members(schema, asked)))


def _members(schema: Schema, asked: bool) -> Iterator[str]:
    if "$ref" in schema:
        yield class_name(schema["$ref"].rsplit("/", 1)[-1])
        if asked and ALIAS not in schema:
            yield f"Mapping[str, {JSON}]"
        if not asked and schema.get(ALIAS) == "enum":
            yield "str"
        return
    for key in ("anyOf", "oneOf"):
        if key in schema:
            found = [one for member in schema[key] for one in _members(member, asked)]
            yield from [one for one in found if one != "None"]
            yield from ["None"] * ("None" in found)
            return
    if "enum" in schema:
        yield f"Literal[{', '.join(map(repr, schema['enum']))}]"
        # What a platform answers may be newer, or of a recipe or data kind of somebody's own.
        if not asked and len(schema["enum"]) > 1:
            yield "str"
    elif "const" in schema:
        yield f"Literal[{schema['const']!r}]"
    elif not schema.get("type"):
        yield JSON
    else:
        yield _typed(schema, schema["type"], asked)


def _typed(schema: Schema, type_: str, asked: bool) -> str:
    if type_ == "array":
        if "prefixItems" in schema:
            return f"tuple[{', '.join(annotation(one, asked=asked) for one in schema['prefixItems'])}]"
        inner = annotation(schema.get("items", {}), asked=asked)
        return f"Sequence[{inner}]" if asked else f"list[{inner}]"
    if type_ == "object":
        values: Any = schema.get("additionalProperties") or next(
            iter(schema.get("patternProperties", {}).values()), {}
        )
        inner = JSON if values is True else annotation(values, asked=asked)
        return f"Mapping[str, {inner}]" if asked else f"dict[str, {inner}]"
    if schema.get("format") == "date-time":
        return "datetime"
    if schema.get("format") == "binary":
        return "File"
    if type_ not in _SCALARS:
        raise ValueError(f"no type of Python is known for {type_}")
    return _SCALARS[type_]


def marked_aliases(document: Schema) -> Schema:
    """The document, where references to components that are no objects say so."""
    components = document["components"].get("schemas", {})

    def marked(part: Any) -> Any:
        if isinstance(part, list):
            return [marked(one) for one in part]
        if not isinstance(part, Mapping):
            return part
        found = {name: marked(one) for name, one in part.items()}
        reference = part.get("$ref")
        if isinstance(reference, str) and "properties" not in components[reference.rsplit("/", 1)[-1]]:
            found[ALIAS] = "enum" if "enum" in components[reference.rsplit("/", 1)[-1]] else "other"
        return found

    return {**document, "paths": marked(document["paths"]), "components": marked(document["components"])}


def references(part: Any) -> Iterator[str]:
    """The names of the components that a part of the document refers to."""
    if isinstance(part, Mapping):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].rsplit("/", 1)[-1]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def docstring(text: str, indent: str) -> str:
    """A docstring of a description."""
    lines = [line.rstrip() for line in text.replace("\\", "\\\\").replace('"""', "'''").strip().splitlines()]
    body = "\n".join(f"{indent}{line}" if line and place else line for place, line in enumerate(lines))
    end = f"\n{indent}" if len(lines) > 1 or body.endswith('"') else ""
    return f'{indent}"""{body}{end}"""\n'
