"""An `AppError` on its way from another process of ours: its code and its facts, from which its class is found again."""

from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Self

from pydantic import BaseModel, ConfigDict, JsonValue

from llmlora.kit.errors import AppError


class SentError(BaseModel):
    """What travels. The words do not: they are those of the class where it arrives."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    facts: dict[str, JsonValue]

    @classmethod
    def of(cls, error: AppError) -> Self:
        """What an error becomes; facts that are not JSON become text."""
        return cls(code=error.code, facts={name: _sent(value) for name, value in error.facts.items()})

    def error(self, known: Iterable[type[AppError]], **changed: object) -> AppError | None:
        """The error as the one of `known` that it was, some facts `changed`; None where none of them has its code."""
        facts = {name: _received(value) for name, value in self.facts.items()} | changed
        return next((leaf(**facts) for leaf in known if leaf.code == self.code), None)


def errors_in(*modules: ModuleType) -> Iterator[type[AppError]]:
    """The classes of errors that these modules define themselves."""
    for module in modules:
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and issubclass(value, AppError)
                and value.__module__ == module.__name__
            ):
                yield value


def loaded_errors(above: type[AppError] = AppError) -> Iterator[type[AppError]]:
    """Every class of error that this process has loaded, a class before those that are made of it."""
    for one in above.__subclasses__():
        yield one
        yield from loaded_errors(one)


def _sent(value: object) -> JsonValue:
    if isinstance(value, tuple):
        return [_sent(one) for one in value]
    if isinstance(value, str):  # of a file's name: bytes that are no UTF-8, or what no database takes
        return value.encode("utf-8", "replace").decode().replace("\0", "�")
    return value if isinstance(value, int | float | None) else _sent(str(value))


def _received(value: JsonValue) -> object:
    return tuple(value) if isinstance(value, list) else value
