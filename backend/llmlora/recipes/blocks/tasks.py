"""What base models can learn, and what a sentence calls a model that can. Free of torch."""

from collections.abc import Iterable

GENERATE = "text.generate"
"""The task of a model that goes on with a text."""
ENCODE = "text.encode"
"""The task of a model that reads a whole text at once (the BERT family): with a head, it tells of what class the text is."""
TASK_WORDS: dict[str, tuple[str, str]] = {
    GENERATE: ("文章を生成する言語モデル", "a language model that generates text"),
    ENCODE: ("文章を読むエンコーダー（BERT 系）", "an encoder that reads text (of the BERT family)"),
}


def task_words(tasks: Iterable[str]) -> tuple[str, str]:
    """A model of one of these tasks: Japanese, English."""
    named = [TASK_WORDS.get(task, (task, task)) for task in sorted(tasks)]
    return "、".join(ja for ja, _ in named), " or ".join(en for _, en in named)
