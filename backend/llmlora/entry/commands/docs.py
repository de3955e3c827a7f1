"""`docs`: the manual as a site that opens from the disk."""

import time
from typing import Annotated

import typer

from llmlora.entry.console import err, say, show
from llmlora.entry.language import words


def docs(
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help=words(
                ja="作り直し、リンク切れがあれば失敗します。",
                en="Build again, and fail where a link leads nowhere.",
            ),
        ),
    ] = False,
) -> None:
    """Build the manual in both languages.

    Raises:
        ManualNotBuiltError: a page cannot be built, or (--strict) a link leads nowhere.
    """
    from llmlora.engine.manual.build import built_manual

    started = time.monotonic()
    site = built_manual(say, strict=strict)
    for language in ("ja", "en"):
        show(str(site / language / "index.html"))
    err().print(f"{time.monotonic() - started:.1f} s", highlight=False)
