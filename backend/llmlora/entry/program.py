"""How the programs of `up` and of containers begin: with their parent's life, a data directory, and a log."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from llmlora.kit.errors import AppError
from llmlora.kit.log import configure_logging
from llmlora.kit.processes import die_with_parent
from llmlora.kit.settings import Settings, read_settings


def run_program(serve: Callable[[Settings], Coroutine[Any, Any, None]]) -> int:
    """Begin as asked and serve; the exit status. What cannot work is said in words on standard error."""
    try:
        asyncio.run(serve(program_settings()))
    except AppError as error:
        tell_error(error)
        return error.exit_code
    return 0


def tell_error(error: AppError) -> None:
    """An error on standard error, in both languages."""
    print(f"{error.code}: {error.detail('ja')} / {error.detail('en')}", file=sys.stderr)  # noqa: T201


def program_settings() -> Settings:
    """The settings, with `--data-dir DIR`, which `up` gives, in place of the environment's.

    Raises:
        SettingsInvalidError: names every variable that is wrong.
    """
    die_with_parent()
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", type=Path)
    given = parser.parse_args()
    settings = read_settings()
    data_dir = (given.data_dir or settings.data_dir).expanduser().resolve()
    configure_logging(settings.log_level)
    return settings.model_copy(update={"data_dir": data_dir})
