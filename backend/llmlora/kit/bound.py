"""Runs a program that is not ours so that it dies with us: `python -m llmlora.kit.bound PROGRAM ARGUMENT…`."""

import os
import shutil
import sys

from llmlora.kit.processes import PARENT_VARIABLE, die_with_parent


def main() -> None:
    """Become the program; the wish to die with the parent stays with the process."""
    die_with_parent()
    os.environ.pop(PARENT_VARIABLE, None)
    program = shutil.which(sys.argv[1]) or sys.argv[1]
    os.execv(program, [program, *sys.argv[2:]])  # noqa: S606 - an argument list, no shell


if __name__ == "__main__":
    main()
