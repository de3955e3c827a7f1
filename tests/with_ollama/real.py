"""A real Ollama in the stand-in's place, when `LLMLORA_TEST_OLLAMA` names one: the same tests have to pass on both.

What only a stand-in can do (fail on purpose, be a registry) skips its test, and says so.
"""

import asyncio
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

import pytest

from llmlora.inference.ollama.names import base_url_of
from llmlora.inference.ollama.server import OllamaServer, Registration
from llmlora.kit.files import sha256_of_file

VARIABLE = "LLMLORA_TEST_OLLAMA"


def real_server() -> "RealServer | None":
    """The server that the environment names; None: the stand-in is used."""
    named = os.environ.get(VARIABLE)
    return RealServer(base_url_of(named)) if named else None


@dataclass(frozen=True)
class RealServer:
    """A server that runs already, and keeps running."""

    url: str

    @property
    def models(self) -> Path:
        """Its store, on this machine."""
        return Path(os.environ.get("OLLAMA_MODELS", "~/.ollama/models")).expanduser()

    @property
    def registry(self) -> Path:
        """Only a stand-in has one of its own."""
        self._only_a_standin("is a registry on this machine")

    def seed(
        self,
        name: str,
        gguf: Path,
        *,
        template: str | None = None,
        system: str | None = None,
        params: Mapping[str, Any] | None = None,
        into: Literal["registry", "store"] = "registry",
    ) -> None:
        """Make a model on the server."""
        if into == "registry":
            self._only_a_standin("serves models for a pull that no registry has")
        wanted = Registration(
            name=name,
            files={"base.gguf": f"sha256:{sha256_of_file(gguf)}"},
            template=template,
            system=system,
            parameters=params or {},
        )
        with ThreadPoolExecutor(max_workers=1) as apart:  # the test may run in a loop of its own
            apart.submit(asyncio.run, self._create(wanted, gguf)).result()

    def fault(self, mode: str, route: str | None = None, times: int | None = None) -> NoReturn:
        """Real servers do not fail on purpose."""
        self._only_a_standin(f"can do wrong on purpose ({mode})")

    def play(self, character: str) -> NoReturn:
        """Real servers are the release they are."""
        self._only_a_standin(f"plays {character}")

    def heal(self) -> None:
        """Nothing was broken."""

    def asked(self) -> list[str]:
        """Real servers do not tell what they were asked."""
        self._only_a_standin("tells what it was asked")

    async def _create(self, wanted: Registration, gguf: Path) -> None:
        digest = sha256_of_file(gguf)
        async with OllamaServer(self.url) as server:
            if not await server.has_blob(digest):
                await server.upload_blob(gguf, digest, lambda _sent: None)
            async with aclosing(server.create(wanted)) as steps:
                async for _ in steps:
                    pass

    def _only_a_standin(self, does: str) -> NoReturn:
        pytest.skip(f"{VARIABLE} names a real server ({self.url}), and only the stand-in {does}")
