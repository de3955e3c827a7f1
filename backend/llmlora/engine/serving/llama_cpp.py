"""llama.cpp as a server of ours: what it refuses, and what its log says."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from llmlora.contracts.run import EndpointInput
from llmlora.data.chat_files import ends_of
from llmlora.engine.serving import running
from llmlora.engine.serving.errors import (
    GgufBrokenError,
    GgufMissingError,
    MemoryLimitTooSmallError,
    PortTakenError,
    ServerStartError,
)
from llmlora.engine.serving.spec import AdapterFile, LlamaCppSpec
from llmlora.inference.llama_cpp import LlamaCppBackend
from llmlora.kit.errors import AppError

__all__ = ["AdapterFile", "LlamaCppSpec", "RunningServer", "llama_cpp_server"]

RunningServer = running.RunningServer[LlamaCppSpec, LlamaCppBackend]


class LlamaCppProgram:
    """A base model with its adapters."""

    module = "llmlora.engine.serving.server_main"

    def check(self, spec: LlamaCppSpec) -> None:
        """Files are GGUFs, and the limit is above the model.

        Raises:
            GgufMissingError, GgufBrokenError, MemoryLimitTooSmallError: they are not, or it is not.
        """
        for path in (spec.gguf, *(a.path for a in spec.adapters)):
            if not path.is_file():
                raise GgufMissingError(path=path)
            try:
                with path.open("rb") as stream:
                    header = stream.read(4)
            except OSError as error:
                raise GgufBrokenError(path=path, reason=error.strerror) from error
            if header != b"GGUF":
                raise GgufBrokenError(path=path, reason=("GGUF のヘッダーがない", "no GGUF header"))
        if spec.chat_template is not None and not spec.chat_template.is_file():
            raise GgufMissingError(path=spec.chat_template)
        model_bytes = spec.gguf.stat().st_size
        if spec.memory_limit_bytes is not None and spec.memory_limit_bytes < model_bytes:
            raise MemoryLimitTooSmallError(limit_bytes=spec.memory_limit_bytes, model_bytes=model_bytes)

    def explain(self, spec: LlamaCppSpec, _report: Mapping[str, Any], log: Path, status: int) -> AppError:
        """Turn llama.cpp's own words into an error a person can act on."""
        text = log.read_text(errors="replace") if log.exists() else ""
        errors = [line.split(": ", 1)[-1].strip() for line in text.splitlines() if " E " in line]
        reason = errors[0] if errors else f"exit status {status}"
        if "couldn't bind HTTP server socket" in text:
            return PortTakenError(port=spec.port)
        if "load lora adapter" in text or "lora adapter" in reason:
            broken = next((a.path for a in spec.adapters if f"adapter '{a.path}'" in text), spec.gguf)
            return GgufBrokenError(path=broken, reason=reason)
        if "chat template" in text:
            return GgufBrokenError(path=spec.chat_template or spec.gguf, reason=reason)
        if "failed to load model" in text:
            return GgufBrokenError(path=spec.gguf, reason=reason)
        return ServerStartError(reason=reason, log=log)

    def endpoint(self, spec: LlamaCppSpec, address: str, api_key: str) -> EndpointInput:
        """With the texts that end an answer."""
        return EndpointInput(
            engine="llama_cpp",
            base_url=address,
            api_key=api_key,
            model=spec.model_name,
            adapter_index=0 if spec.adapters else None,
            ends=() if spec.tokenizer is None else ends_of(spec.tokenizer),
        )

    def client(self, endpoint: EndpointInput) -> LlamaCppBackend:
        """For conversations."""
        return LlamaCppBackend(endpoint)


@asynccontextmanager
async def llama_cpp_server(spec: LlamaCppSpec, work_dir: Path) -> AsyncIterator[RunningServer]:
    """Serve a model while the block runs, see `running.serving`.

    Raises:
        GgufMissingError: a file is not there.
        GgufBrokenError: llama.cpp refuses the model, an adapter or the template.
        MemoryLimitTooSmallError: the limit is below the model's size.
        PortTakenError: another program has the port.
        ServerStartError: the process does not come up for another reason.
    """
    async with running.serving(LlamaCppProgram(), spec, work_dir) as server:
        yield server
