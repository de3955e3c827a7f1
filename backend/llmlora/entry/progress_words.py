"""What a job does, as people call it: the parts of its run, the units of its progress, the lines of its log."""

import re
from functools import cache

from llmlora.contracts.text import Text
from llmlora.entry.language import localized, localized_text

UNITS = {
    "bytes": Text(ja="バイト", en="bytes"),
    "files": Text(ja="ファイル", en="files"),
    "models": Text(ja="モデル", en="models"),
    "prompts": Text(ja="問", en="prompts"),
    "rows": Text(ja="行", en="rows"),
    "steps": Text(ja="ステップ", en="steps"),
    "tokens": Text(ja="トークン", en="tokens"),
}
_JAPANESE = re.compile("[ぁ-ヿ一-龠]")


@cache
def stage_titles() -> dict[str, Text]:
    """What recipes call the parts of their runs."""
    from llmlora.recipes import RECIPES  # a command that shows no progress does not load them

    return {stage.name: stage.title for spec in RECIPES.values() for stage in spec.stages}


def stage_words(stage: str) -> str:
    """A stage of a progress event, of which the first word names the part of the run."""
    name, _, rest = stage.partition(" ")
    titles = stage_titles()
    told = localized_text(titles[name]) if name in titles else name
    return f"{told} {rest}".rstrip()


def progress_words(stage: str, done: int, total: int | None, unit: str) -> str:
    """How far a job is."""
    named = localized_text(UNITS[unit]) if unit in UNITS else unit
    share = f"{done:,}/{total:,}" if total else f"{done:,}"
    return f"{stage_words(stage)} {share} {named}"


def log_words(line: str) -> str:
    """A line of a job's log, which may say in Japanese and then in English the same (`読みます / reading`)."""
    parts = line.split(" / ")
    for at in range(1, len(parts)):
        ja, en = " / ".join(parts[:at]), " / ".join(parts[at:])
        if _JAPANESE.search(ja) and not _JAPANESE.search(en):
            return localized(ja, en)
    return line
