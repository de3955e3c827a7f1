"""A process that owns others, for tests of what becomes of them when it is killed."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def owner(program: str, *arguments: str) -> Iterator[str]:
    """Run the Python program; yields the first line that it says. At the block's end it is killed."""
    argv = [sys.executable, "-c", program, *arguments]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline()
        finally:
            process.kill()
