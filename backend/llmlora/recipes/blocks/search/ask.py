"""The sampler's process: `python -m llmlora.recipes.blocks.search.ask FILE [importance]`. Reads an `Ask`, writes one line, an
`Answer`, on descriptor 3."""

import os
import sys
from pathlib import Path

from llmlora.contracts.sweep import Ask
from llmlora.kit.processes import EVENTS_FD, die_with_parent
from llmlora.recipes.blocks.search import sampling


def main(file: str, *what: str) -> None:
    """Answer, and end."""
    die_with_parent()
    wanted = Ask.model_validate_json(Path(file).read_bytes())
    answer = sampling.importance(wanted) if what else sampling.ask(wanted)
    with os.fdopen(EVENTS_FD, "wb", closefd=False) as stream:
        stream.write(answer.model_dump_json().encode() + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
