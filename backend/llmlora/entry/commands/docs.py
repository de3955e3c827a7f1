"""`docs`: the manual as a site that opens from the disk."""

import time
from typing import Annotated

import typer

from llmlora.entry.console import err, out


def docs(
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Build anew, and fail where a link leads nowhere. リンク切れがあれば失敗します。"
        ),
    ] = False,
) -> None:
    """Build the manual, Japanese and English, into site/. マニュアルを site/ に作ります。

    Raises:
        ManualNotBuiltError: a page cannot be built, or (--strict) a link leads nowhere.
    """
    from llmlora.engine.manual.build import built_manual

    def say(ja: str, en: str) -> None:
        err().print(f"{ja} / {en}", highlight=False, soft_wrap=True)

    started = time.monotonic()
    site = built_manual(say, strict=strict)
    for language in ("ja", "en"):
        out().print(f"{site / language / 'index.html'}", highlight=False, soft_wrap=True)
    err().print(f"{time.monotonic() - started:.1f} s", highlight=False)
