"""Ollama's model names: `[host/][namespace/]model[:tag]`, with `registry.ollama.ai/library/…:latest` left out."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

HOST, NAMESPACE, TAG = "registry.ollama.ai", "library", "latest"
_NAME = re.compile(
    r"(?:(?:(?P<host>\w[\w.:-]{0,349})/)?(?P<namespace>\w[\w-]{0,79})/)?(?P<model>\w[\w.-]{0,79})(?::(?P<tag>\w[\w.-]{0,79}))?",
    re.ASCII,
)


class InvalidNameError(ValueError):
    """The text is no model name."""


@dataclass(frozen=True)
class ModelName:
    """A whole name: nothing is left to defaults."""

    host: str
    namespace: str
    model: str
    tag: str

    @classmethod
    def parse(cls, text: object) -> "ModelName":
        """The name that `text` stands for.

        Raises:
            InvalidNameError: it stands for none.
        """
        found = _NAME.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise InvalidNameError("invalid model name")
        return cls(
            found["host"] or HOST, found["namespace"] or NAMESPACE, found["model"], found["tag"] or TAG
        )

    @property
    def path(self) -> PurePosixPath:
        """Where its manifest lies below `manifests/`."""
        return PurePosixPath(self.host, self.namespace, self.model, self.tag)

    @property
    def short(self) -> str:
        """As lists show it: without the default host and namespace, always with its tag."""
        namespace = "" if (self.host, self.namespace) == (HOST, NAMESPACE) else f"{self.namespace}/"
        host = "" if self.host == HOST else f"{self.host}/"
        return f"{host}{namespace}{self.model}:{self.tag}"
