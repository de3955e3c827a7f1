"""Runs the importer child: foreign bytes are parsed in a process with bounds, never here."""

import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from llmlora.data import archive_errors, errors  # noqa: F401  both are looked up by code
from llmlora.data.importer_protocol import Identified, Progress, Refused, Request, Result
from llmlora.data.refusals import storable_text
from llmlora.engine.hosts.process import child_environment
from llmlora.features.datasets.errors import ImporterDiedError
from llmlora.kit.errors import AppError
from llmlora.kit.processes import how_ended, reporting_child
from llmlora.kit.sent_errors import loaded_errors

GRACE_S = 5.0
MAX_LINE_BYTES = 256 << 20

ProgressSink = Callable[[Progress], None]
Recognition = Callable[[Identified], Awaitable[bool]]
_Answer = Annotated[Progress | Identified | Result | Refused, Field(discriminator="type")]
_answers: TypeAdapter[Progress | Identified | Result | Refused] = TypeAdapter(_Answer)


def ignore_progress(_progress: Progress) -> None:
    """For those who only want the result."""


async def recognise_nothing(_identified: Identified) -> bool:
    """For those who read a file whether it is known or not."""
    return False


async def run_importer(
    request: Request,
    *,
    shown_name: str,
    on_progress: ProgressSink = ignore_progress,
    is_known: Recognition = recognise_nothing,
) -> Result | None:
    """Read a file in a child; None when `is_known` said, before parsing, that it is there already.

    Refusals call the file `shown_name`.

    Raises:
        FileRefusedError: a leaf of `data.errors`: the file has to change.
        UnavailableError: the file cannot be read or the disk is full.
        ImporterDiedError: the child was killed.
    """
    with tempfile.TemporaryDirectory(prefix="llmlora-import-") as scratch:
        order = Path(scratch) / "request.json"
        order.write_text(request.model_dump_json())
        argv = [sys.executable, "-m", "llmlora.data.importer", str(order)]
        output = order.with_name("output.log")
        async with reporting_child(
            argv, env=child_environment(), output=output, longest_bytes=MAX_LINE_BYTES, grace_s=GRACE_S
        ) as child:
            async for line in child.lines:
                try:
                    answer = _answers.validate_json(line)
                except ValidationError:  # cut short by a kill
                    continue
                match answer:
                    case Progress():
                        on_progress(answer)
                    case Identified():
                        if await is_known(answer):
                            return None
                    case Result():
                        return answer
                    case Refused():
                        raise _error_of(answer, request.source.name, shown_name)
            status = await child.ended()
    raise ImporterDiedError(how=how_ended(status))


def _error_of(refused: Refused, source_name: str, shown_name: str) -> AppError:
    """The child's error as the class it was, the file named as its user knows it."""
    is_named = refused.facts.get("name") == storable_text(source_name)
    changed = {"name": storable_text(shown_name)} if is_named else {}
    return refused.error(loaded_errors(), **changed) or ImporterDiedError(how=refused.code)
