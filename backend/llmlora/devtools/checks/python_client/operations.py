"""The operations of the document as methods of namespaces: `list_datasets` of the tag datasets is `datasets.list()`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from llmlora.devtools.checks.python_client.types import (
    Schema,
    annotation,
    class_name,
    identifier,
    marked_aliases,
)

JSON_TYPE, FORM_TYPE, EVENTS_TYPE = "application/json", "multipart/form-data", "text/event-stream"
LAST_EVENT = "last-event-id"
KEY_HEADER = "Idempotency-Key"
# Tags whose namespace has another name; the first noun of a namespace that an operation names is left out of its method.
NAMESPACES = {"training": "jobs", "events": "jobs", "base models": "base_models"}
NOUNS = {
    "jobs": ("training_job", "training", "job"),
    "artifacts": ("training_artifact", "artifact"),
    "base_models": ("base_model",),
    "ollama": ("ollama_model",),
}
_LOOSE_ENDS = ("_with", "_of", "_for")


@dataclass(frozen=True)
class Parameter:
    """An argument of a method. `default` is empty where it has to be given."""

    name: str
    wire: str
    place: str
    type: str
    default: str


@dataclass(frozen=True)
class Operation:
    """One method. `answers`: model, events, text, file, headers or nothing; `item`: what the pages of a list hold."""

    namespace: str
    method: str
    verb: str
    path: str
    words: str
    answers: str
    model: str
    item: str = ""
    parameters: tuple[Parameter, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    """Headers and, with the prefix `body.`, settings that this method always sends."""

    @property
    def iterator(self) -> str:
        """The name of the method that goes through all pages."""
        _, _, rest = self.method.partition("_")
        return f"iterate_{rest}" if rest else "iterate"


def operations_of(document: Schema) -> list[Operation]:
    """Every operation that a program can ask for, by namespace and method.

    Raises:
        ValueError: two operations would have one name.
    """
    document = marked_aliases(document)
    found = [
        made
        for path, methods in document["paths"].items()
        for verb, operation in methods.items()
        for made in _made(document, path, verb, operation)
    ]
    names = [
        (one.namespace, name)
        for one in found
        for name in (one.method, one.iterator if one.item else "")
        if name
    ]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"two operations would be {'.'.join(name)}: give one of them another operation id"
            )
    return sorted(found, key=lambda one: (one.namespace, one.method))


def method_name(namespace: str, operation_id: str) -> str:
    """The operation without its noun."""
    singular = re.sub(r"(?<=[a-z])s$", "", namespace)
    for noun in (*NOUNS.get(namespace, ()), singular, re.sub("(?<=ch|sh|ss)e$", "", singular)):
        bare = re.sub(rf"(^|_){noun}(es|s)?(?=_|$)", "", operation_id, count=1).strip("_")
        if bare != operation_id and bare:
            for end in _LOOSE_ENDS:
                bare = bare.removesuffix(end)
            return identifier(bare) if bare != "list" else bare
    return operation_id


def _made(document: Schema, path: str, verb: str, operation: Schema) -> Iterator[Operation]:
    """The methods of one operation: one for JSON, one for events, one for a form, where it has more than one of them."""
    content, has_body = _answer(operation, verb)
    if content is None and not has_body and verb == "get":
        return  # a page for people, to which the API leads on
    tag = operation["tags"][0]
    namespace = NAMESPACES.get(tag, tag.replace(" ", "_"))
    method = method_name(namespace, operation["operationId"])
    words = (operation.get("description") or operation["summary"]).split("\n\nRaises:")[0]
    shared = {"namespace": namespace, "verb": verb.upper(), "path": path, "words": words}
    bodies = operation.get("requestBody", {}).get("content", {})
    common = tuple(_parameters(operation))
    forms = [one for one in bodies if one != JSON_TYPE] if len(bodies) > 1 else []
    usual = common + tuple(_body(document, operation, next((b for b in bodies if b not in forms), "")))
    answers, model = _answers(content or {}, verb)
    streams = EVENTS_TYPE in (content or {}) and len(content or {}) > 1
    is_asked_to_stream = streams and any(one.wire == "stream" for one in usual)
    if is_asked_to_stream:
        usual = tuple(one for one in usual if one.wire != "stream")
    stream_parameters = usual
    if answers != "events":
        usual = tuple(one for one in usual if one.wire != LAST_EVENT)
    item = _item(document, model, common)
    yield Operation(
        **shared, method=method, answers=answers, model=model, item=item, parameters=usual,
        fixed={"body.stream": "False"} if is_asked_to_stream else {},
    )  # fmt: skip
    if streams:
        rest = method.partition("_")[2]
        yield Operation(
            **shared, method=f"stream_{rest}", answers="events", model="", parameters=stream_parameters,
            fixed={"body.stream": "True"} if is_asked_to_stream else {},
        )  # fmt: skip
    for form in forms:
        yield Operation(
            **shared, method=f"{method}_file", answers=answers, model=model,
            parameters=common + tuple(_body(document, operation, form)),
        )  # fmt: skip


def _answer(operation: Schema, verb: str) -> tuple[Mapping[str, Any] | None, bool]:
    """The content of the answer when all is well; whether it is one without a body."""
    good = {code: one for code, one in operation["responses"].items() if code.startswith("2")}
    content = next((one["content"] for one in good.values() if one.get("content")), None)
    return content, "204" in good or verb in ("head", "options")


def _answers(content: Mapping[str, Any], verb: str) -> tuple[str, str]:
    if verb in ("head", "options", "patch") and not _model_of(content):
        return "headers", ""
    if model := _model_of(content):
        return "model", model
    if not content:
        return "nothing", ""
    if EVENTS_TYPE in content:
        return "events", ""
    return ("text", "") if all(one.startswith("text/") for one in content) else ("file", "")


def _model_of(content: Mapping[str, Any]) -> str:
    reference = content.get(JSON_TYPE, {}).get("schema", {}).get("$ref", "")
    return str(reference).rsplit("/", 1)[-1]


def _item(document: Schema, model: str, parameters: tuple[Parameter, ...]) -> str:
    """What a page of a list holds, where lists are gone through by `after` and `next`."""
    if not model or not any(one.wire == "after" and one.place == "query" for one in parameters):
        return ""
    fields = document["components"]["schemas"][model].get("properties", {})
    after = next(one.type for one in parameters if one.wire == "after")
    has_cursor = "next" in fields and annotation(fields["next"]) == after
    return annotation(fields["data"]["items"]) if has_cursor and "data" in fields else ""


def _parameters(operation: Schema) -> Iterator[Parameter]:
    for one in operation.get("parameters", ()):
        wire, place, schema = one["name"], one["in"], one["schema"]
        if wire == "if-none-match":
            continue  # for caches
        type_, default = annotation(schema, asked=True), ""
        if not one.get("required"):
            type_, default = _optional(type_), "None"
        yield Parameter(identifier(wire), wire, place, type_, default)


def _body(document: Schema, operation: Schema, media_type: str) -> Iterator[Parameter]:
    if not media_type:
        return
    schema = operation["requestBody"]["content"][media_type]["schema"]
    if media_type not in (JSON_TYPE, FORM_TYPE):
        yield Parameter("content", "content", "content", "bytes", "")
        return
    shape = _shape(document, schema)
    place = "body" if media_type == JSON_TYPE else "form"
    optional = bool(schema.get("anyOf"))
    for wire, part in shape["properties"].items():
        type_ = annotation(part, asked=True)
        if wire in shape.get("required", ()) and not optional:
            yield Parameter(identifier(wire), wire, place, type_, "")
        elif place == "form":
            yield Parameter(identifier(wire), wire, place, _optional(type_), "None")
        else:
            yield Parameter(identifier(wire), wire, place, f"{type_} | Omit", "OMIT")


def _shape(document: Schema, schema: Schema) -> Schema:
    """The object that a body is."""
    if "anyOf" in schema:
        return _shape(document, next(one for one in schema["anyOf"] if one.get("type") != "null"))
    if "$ref" in schema:
        return _shape(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
    return schema


def _optional(type_: str) -> str:
    return type_ if "None" in type_.split(" | ") else f"{type_} | None"


def class_of(namespace: str) -> str:
    """The class of a namespace."""
    return "".join(part.capitalize() for part in namespace.split("_"))


def model_class(operation: Operation) -> str:
    """The class that an operation answers with."""
    return class_name(operation.model)
