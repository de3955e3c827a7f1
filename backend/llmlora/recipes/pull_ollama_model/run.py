"""Follows a pull. The layers are Ollama's: a pull that was interrupted goes on where it was."""

import asyncio
import time
from contextlib import aclosing

from llmlora.contracts.events import Progress, Report
from llmlora.contracts.run import Context, RunCancelledError
from llmlora.inference.ollama.names import SHORT_DIGEST
from llmlora.inference.ollama.server import OllamaServer, PullStep
from llmlora.recipes.pull_ollama_model.spec import PullOllamaModelConfig

EVERY_S = 0.5


def run(config: PullOllamaModelConfig, ctx: Context) -> None:
    """Pull, with one stage of progress for each layer.

    Raises:
        RunInputNotGivenError: no endpoint was given.
        RunCancelledError: SIGTERM was seen; Ollama keeps what it has.
        AppError: as `OllamaServer.pull`.
    """
    asyncio.run(_pull(config.name, ctx.spec.inputs.endpoint().base_url, ctx))


async def _pull(name: str, base_url: str, ctx: Context) -> None:
    layers: dict[str, PullStep] = {}
    async with OllamaServer(base_url) as server:
        pulling = asyncio.create_task(_follow(server, name, layers, ctx))
        while not pulling.done():
            await asyncio.wait({pulling}, timeout=EVERY_S)
            if ctx.cancelled:
                pulling.cancel()
                await asyncio.wait({pulling})
                raise RunCancelledError
        pulling.result()
        known = {one.name: one for one in await server.installed()}
    found = known.get(name)
    ctx.emit(
        Report(
            name="pull",
            body={
                "name": name,
                "digest": found.digest if found else None,
                "size_bytes": found.size_bytes if found else None,
                "layers": [{"digest": d, "size_bytes": step.total_bytes} for d, step in layers.items()],
            },
        )
    )


async def _follow(server: OllamaServer, name: str, layers: dict[str, PullStep], ctx: Context) -> None:
    told_at, told = 0.0, ""
    async with aclosing(server.pull(name)) as steps:
        async for step in steps:
            if step.digest is None:
                ctx.log(step.status)
                continue
            layers[step.digest] = step
            ended = step.done_bytes >= step.total_bytes
            if not ended and step.digest == told and time.monotonic() - told_at < EVERY_S:
                continue
            told_at, told = time.monotonic(), step.digest
            ctx.emit(
                Progress(
                    stage=f"layer {step.digest.removeprefix('sha256:')[:SHORT_DIGEST]}",
                    done=min(step.done_bytes, step.total_bytes),
                    total=step.total_bytes,
                    unit="bytes",
                )
            )
