"""The server that a spec means, whatever its engine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from llmlora.engine.serving.llama_cpp import LlamaCppProgram
from llmlora.engine.serving.onnx import OnnxProgram
from llmlora.engine.serving.running import RunningServer, ServerProgram, serving
from llmlora.engine.serving.spec import LlamaCppSpec, OnnxSpec, ServerSpec

_PROGRAMS: dict[type[ServerSpec], ServerProgram[Any, Any]] = {
    LlamaCppSpec: LlamaCppProgram(),
    OnnxSpec: OnnxProgram(),
}


@asynccontextmanager
async def running_server(spec: ServerSpec, work_dir: Path) -> AsyncIterator[RunningServer[Any, Any]]:
    """Serve a model while the block runs.

    Raises:
        AppError: as `running.serving` with the program of its engine.
    """
    async with serving(_PROGRAMS[type(spec)], spec, work_dir) as server:
        yield server
