"""Asks a process that has nothing in memory: what it answers is in the files alone. Free of torch."""

import os
import subprocess
import sys
import time

from llmlora.contracts.run import Context
from llmlora.kit.errors import AppError
from llmlora.recipes.blocks.cancelling import stop_if_cancelled

LIMIT_S, POLL_S = 600.0, 0.1


class ReloadFailedError(AppError):
    """A new process cannot load the saved model at all."""

    code = "reloaded_model_fails"
    ja = "保存したモデルを別のプロセスで読み込めません: {reason}"
    en = "A new process cannot load the saved model: {reason}"


def ask_new_process(module: str, order: str, ctx: Context) -> bytes:
    """The last line that `python -m MODULE ORDER_FILE` writes. `order`: JSON text.

    Raises:
        ReloadFailedError: it failed, or took longer than `LIMIT_S`.
        RunCancelledError: SIGTERM was seen.
    """
    asked, answer = ctx.run_dir / "reload.json", ctx.run_dir / "reload.log"
    asked.write_text(order, encoding="utf-8")
    program = [sys.executable, "-m", module, str(asked)]
    with answer.open("wb") as log:
        child = subprocess.Popen(
            program, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=dict(os.environ)
        )
        try:
            out = _waited_for(child, ctx)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
    if child.returncode != 0:
        lines = answer.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise ReloadFailedError(reason=(lines or [f"exit {child.returncode}"])[-1][:300])
    asked.unlink(missing_ok=True)
    answer.unlink(missing_ok=True)
    return out.splitlines()[-1]


def _waited_for(child: "subprocess.Popen[bytes]", ctx: Context) -> bytes:
    end = time.monotonic() + LIMIT_S
    while True:
        stop_if_cancelled(ctx)
        try:
            return child.communicate(timeout=POLL_S)[0]
        except subprocess.TimeoutExpired as error:
            if time.monotonic() > end:
                raise ReloadFailedError(reason=f"> {LIMIT_S:.0f} s") from error
