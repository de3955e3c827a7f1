"""What a training costs of what the model could do before: the perplexity of two fixed texts, before and after.

The texts lie in `forgetting/`, one a language, and are the same for every job, so that jobs can be compared. Perplexity
is the exponential of the mean negative log-likelihood of a token (Jelinek et al. 1977); that it rises on text which has
nothing to do with the data is how catastrophic forgetting (McCloskey and Cohen 1989) is measured in language models.
"""

import math
from collections.abc import Callable
from pathlib import Path

import torch
from pydantic import JsonValue
from torch import Tensor

from llmlora.recipes.blocks.tokenizer import HfChatTokenizer

TEXTS = Path(__file__).parent / "forgetting"
LANGUAGES = ("ja", "en")

LossOf = Callable[[Tensor], tuple[float, int]]
"""Of token ids (T,) int64: the summed negative log-likelihood, and of how many tokens."""


def perplexities(tokenizer: HfChatTokenizer, context: int | None, loss_of: LossOf) -> dict[str, float]:
    """The perplexity of each fixed text, by language. `context`: the most tokens that the model sees."""
    found = {}
    for language in LANGUAGES:
        text = (TEXTS / f"{language}.txt").read_text(encoding="utf-8").strip()
        ids = tokenizer.inner(text, add_special_tokens=False)["input_ids"][:context]
        loss, count = loss_of(torch.tensor(ids, dtype=torch.int64))
        found[language] = math.exp(min(loss / max(count, 1), 80.0))
    return found


def forgetting_report(before: dict[str, float], after: dict[str, float]) -> dict[str, JsonValue]:
    """Body of the report `forgetting`: per language before, after and after / before (1: nothing was lost)."""
    return {
        "texts": [
            {
                "language": language,
                "before": round(before[language], 4),
                "after": round(after[language], 4),
                "ratio": round(after[language] / before[language], 4),
            }
            for language in LANGUAGES
        ]
    }
