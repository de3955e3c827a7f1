"""Files on their way to Ollama: checked against what their job announced, sent once, with progress."""

import time
from pathlib import Path

from llmlora.contracts.events import Progress
from llmlora.contracts.run import Context, RunCancelledError
from llmlora.inference.ollama.server import OllamaServer
from llmlora.kit.files import sha256_of_file
from llmlora.recipes.deploy_ollama.errors import FileChangedError

EVERY_S = 0.5


def checked_digest(path: Path, announced: str | None) -> str:
    """The sha256 of a file.

    Raises:
        FileChangedError: it is not what was announced.
    """
    digest = sha256_of_file(path)
    if announced is not None and digest != announced:
        raise FileChangedError(file=path.name)
    return digest


async def send(server: OllamaServer, files: dict[Path, str], ctx: Context) -> None:
    """Send the files (with their sha256) that the server does not hold yet.

    Raises:
        RunCancelledError: SIGTERM was seen.
        AppError: as `OllamaServer.upload_blob`.
    """
    total = sum(path.stat().st_size for path in files)
    done, told_at = 0, 0.0

    def on_bytes(sent: int) -> None:
        nonlocal told_at
        if ctx.cancelled:
            raise RunCancelledError
        if time.monotonic() - told_at >= EVERY_S:
            told_at = time.monotonic()
            ctx.emit(Progress(stage="upload", done=done + sent, total=total, unit="bytes"))

    for path, digest in files.items():
        on_bytes(0)
        if not await server.has_blob(digest):
            await server.upload_blob(path, digest, on_bytes)
        done += path.stat().st_size
    ctx.emit(Progress(stage="upload", done=total, total=total, unit="bytes"))
