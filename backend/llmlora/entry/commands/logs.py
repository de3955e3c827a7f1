"""`logs`: what the programs of `up` have written."""

import os
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from llmlora.entry.console import DataDir, load_settings
from llmlora.entry.language import words


def logs(
    name: Annotated[
        str | None,
        typer.Argument(
            help=words(
                ja="プログラムの名前です（api、worker、inference、pages、up、postgres、valkey）。省略すると up が動かすすべてを表示します。",
                en="One program: api, worker, inference, pages, up, postgres or valkey; by default all that up runs.",
            )
        ),
    ] = None,
    follow: Annotated[
        bool,
        typer.Option(
            "-f", "--follow", help=words(ja="新しい行を表示し続けます。", en="Keep printing new lines.")
        ),
    ] = False,
    lines: Annotated[
        int,
        typer.Option(
            "-n",
            "--lines",
            min=0,
            max=100_000,
            help=words(
                ja="それぞれのログの末尾から表示する行数です。",
                en="How many of the last lines of each log to show.",
            ),
        ),
    ] = 100,
    data_dir: DataDir = None,
) -> None:
    """The last lines of the logs, and those that follow.

    Raises:
        LogNotFoundError: there is no log of that name.
    """
    from llmlora.engine.platform import log_files

    root = load_settings(data_dir).data_dir
    find = partial(_chosen, root, name)
    # Opened before anything is shown: a rotation in between loses nothing.
    ends = {one: log_files.Follower(path, log_files.size_of(path)) for one, path in find().items()}
    try:
        for one, path in find().items():
            for line in log_files.last_lines(path, lines):
                _print(one, line)
        if follow:
            for one, line in log_files.follow(find, ends):
                _print(one, line)
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _chosen(data_dir: Path, name: str | None) -> dict[str, Path]:
    """The logs to show: one, or those of all programs."""
    from llmlora.engine.platform.errors import LogNotFoundError
    from llmlora.engine.platform.log_files import logs_of

    programs = logs_of(data_dir)
    if name is None:
        return programs
    servers = {"postgres": data_dir / "postgres" / "log", "valkey": data_dir / "valkey" / "valkey.log"}
    known = programs | {one: path for one, path in servers.items() if path.exists()}
    if name not in known:
        raise LogNotFoundError(name=name, known=", ".join(sorted(known)) or "–")
    return {name: known[name]}


def _print(name: str, line: str) -> None:
    sys.stdout.write(f"{name:<10}| {line}\n")
    sys.stdout.flush()
