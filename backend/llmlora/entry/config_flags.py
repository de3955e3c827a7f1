"""Every field of a recipe's config as a flag of a command, drawn from the config model itself."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, Literal, Optional, get_args, get_origin

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from llmlora.entry.language import words


def with_config_flags(config: type[BaseModel]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorate a command that ends in `**flags`: it receives only the flags that were given."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [
            p
            for p in inspect.signature(command, eval_str=True).parameters.values()
            if p.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        flags = [_parameter(name, field) for name, field in config.model_fields.items()]

        def wrapper(**values: Any) -> None:
            given = {f.name: values.pop(f.name) for f in flags}
            command(**values, **{name: value for name, value in given.items() if value not in (None, [])})

        ordered = sorted([*own, *flags], key=lambda p: p.default is not inspect.Parameter.empty)
        wrapper.__signature__ = inspect.Signature(ordered)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {p.name: p.annotation for p in ordered}
        wrapper.__doc__ = command.__doc__
        wrapper.__name__ = command.__name__
        return wrapper

    return decorate


def _parameter(name: str, field: FieldInfo) -> inspect.Parameter:
    default = field.get_default(call_default_factory=False)
    flag = name.replace("_", "-")
    reading = _number_or_word(field.annotation)
    taken = str if reading else _without_none(field.annotation)
    option = typer.Option(
        f"--{flag}/--no-{flag}" if field.annotation is bool else f"--{flag}",
        help=words(ja=_extra(field).get("description_ja", ""), en=field.description or ""),
        **reading,
        show_default=_shown(default),
        rich_help_panel=words(ja="レシピの設定", en="Settings of the recipe"),
    )
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[Optional[taken], option],  # noqa: UP045
    )


def _shown(default: object) -> str | bool:
    """What the help says of a default; False where nothing has to be said, as of a switch that is off."""
    if default is None or default is False:
        return False
    return ", ".join(map(str, default)) if isinstance(default, list) else str(default)


def _extra(field: FieldInfo) -> dict[str, Any]:
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


def _number_or_word(annotation: Any) -> dict[str, Any]:
    """How a setting that is a whole number or one of a few words is read: what is neither, the recipe refuses in words."""
    options = get_args(annotation)
    words = [word for one in options if get_origin(one) is Literal for word in get_args(one)]
    if int not in options or not words:
        return {}
    return {"parser": _number_if_it_is_one, "metavar": "|".join(("INTEGER", *words))}


def _number_if_it_is_one(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return text


def _without_none(annotation: Any) -> Any:
    options = [a for a in get_args(annotation) if a is not type(None)]
    return options[0] if type(None) in get_args(annotation) and len(options) == 1 else annotation
