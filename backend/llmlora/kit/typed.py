"""Shapes of what others write (requests, settings of a recipe), where a value has the type that it is said to have."""

from typing import Any

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

# What of a core schema are values or notes, not schemas.
_NO_SCHEMAS = frozenset({"metadata", "default", "serialization", "expected", "config", "cls"})


def _refuse_text_and_truth(value: Any) -> Any:
    if isinstance(value, bool | str | bytes):
        raise PydanticKnownError("int_type")
    return value


def _guard_within(schema: Any, owner: type[BaseModel]) -> None:
    """Guard all leaves of the owner's schema, in place; other models' are their own.

    pydantic hands out the same schema again for every adapter that is built of the model: what is guarded stays as it is.
    """
    parts = schema.items() if isinstance(schema, dict) else enumerate(schema)
    for key, part in list(parts):
        if isinstance(part, list):
            _guard_within(part, owner)
        elif isinstance(part, dict) and _is_to_guard(key, part, owner):
            _guard_within(part, owner)
            schema[key] = _guarded(part)


def _is_to_guard(key: Any, part: dict[str, Any], owner: type[BaseModel]) -> bool:
    function = part.get("function")
    is_guarded = isinstance(function, dict) and function.get("function") is _refuse_text_and_truth
    return key not in _NO_SCHEMAS and part.get("cls", owner) is owner and not is_guarded


def _guarded(schema: dict[str, Any]) -> Any:
    match schema.get("type"):
        case "int":  # pydantic's own strictness would refuse 8.0, too
            leaf: Any = schema
            return core_schema.no_info_before_validator_function(_refuse_text_and_truth, leaf)
        case "float":
            return {**schema, "strict": True, "allow_inf_nan": False}
        case "bool":
            return {**schema, "strict": True}
    return schema


class Typed(BaseModel):
    """`true` is not the number 1, `"8"` not the number 8, and 1 not `true`: pydantic would take each for the other.

    8.0 is a whole number, as in JSON Schema; numbers are finite. It holds for every field, however deep in unions,
    lists and mappings, but not within fields that are models: those are `Typed` themselves.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The shape's own schema, its numbers and truth values guarded."""
        schema = handler(source)
        _guard_within(handler.resolve_ref_schema(schema), cls)
        return schema
