"""Texts and spans turned into ids and a loss mask, proved by decoding.

The mask comes from comparing the ids of prefixes, never from a template's own marks (which may be missing: then a
library answers with zeros and a warning).
"""

import unicodedata
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from llmlora.data.kinds.text.examples import CompletionExample, ConversationExample, TextExample
from llmlora.data.render import Rendered, RowDroppedError, render_chat, render_completion
from llmlora.data.tokenizer import ChatTokenizer

# Most instruction data fits, and memory stays small.
DEFAULT_MAX_LENGTH = 1024


@dataclass(frozen=True)
class Tokenized:
    """One training row. `ids`: (T,) int32; `mask`: (T,) bool, True where the token carries loss."""

    row: int
    ids: npt.NDArray[np.int32]
    mask: npt.NDArray[np.bool_]
    ends_turn: bool
    """Every trained turn's end-of-turn token is inside the mask."""
    end_cut: bool = False
    """The last trained turn is cut short, its end-of-turn token with it."""
    plain: bool = False
    """Text without a question: it teaches no turn."""
    not_rendered: frozenset[str] = frozenset()
    """What the row holds and the template leaves out: `reasoning`, `tool_calls`, `tools`."""

    @property
    def ends(self) -> list[int]:
        """The token that ends each trained turn that is here with its end."""
        last = np.flatnonzero(self.mask & ~np.append(self.mask[1:], False))
        if self.end_cut or not self.ends_turn:
            last = last[:-1]
        return [int(one) for one in self.ids[last]]


def tokenize_example(
    example: TextExample, tokenizer: ChatTokenizer, *, loss_on: str
) -> tuple[Tokenized, ...]:
    """All training rows of an example (more than one only where the template rewrites history).

    `loss_on`: `auto`, `completion` or `everything`, as in the recipe's config.

    Raises:
        RowDroppedError: the example cannot be trained on.
    """
    if isinstance(example, CompletionExample):
        whole = loss_on == "everything" or (loss_on == "auto" and example.prompt is None)
        text = render_completion(example, tokenizer, whole=whole)
        rows: tuple[Tokenized, ...] = (
            replace(mask_of(text, example.row, tokenizer), plain=example.prompt is None),
        )
    else:
        tools = example.tools if isinstance(example, ConversationExample) else None
        rendered = render_chat(example.messages, tools, tokenizer)
        rows = tuple(mask_of(text, example.row, tokenizer) for text in rendered)
    if loss_on == "everything":
        rows = tuple(replace(row, mask=np.ones_like(row.mask)) for row in rows)
    return rows


def row_length(asked: int | None, context: int | None) -> int:
    """Tokens of the longest row: as asked; else 1,024, at most the model's context (None: not known)."""
    return asked or min(DEFAULT_MAX_LENGTH, context or DEFAULT_MAX_LENGTH)


def cut(row: Tokenized, max_length: int) -> Tokenized:
    """The first `max_length` tokens of a row."""
    if len(row.ids) <= max_length:
        return row
    ids, mask = row.ids[:max_length], row.mask[:max_length]
    is_open = bool(row.mask[max_length - 1] and row.mask[max_length])
    return replace(row, ids=ids, mask=mask, ends_turn=row.ends_turn and not is_open, end_cut=is_open)


def mask_of(rendered: Rendered, row: int, tokenizer: ChatTokenizer) -> Tokenized:
    """Tokenize as inference would and mark the spans.

    Raises:
        RowDroppedError: `mask_mismatch` when decoding the marked ids does not give the spans' text back.
    """
    start = list(tokenizer.start_ids) if rendered.plain else []
    ids, ranges = _split_by_prefixes(rendered, tokenizer) or _split_by_pieces(rendered, tokenizer)
    mask = np.zeros(len(ids), dtype=np.bool_)
    for (first, last), span in zip(ranges, rendered.spans, strict=True):
        expected = rendered.text[span.start : span.end]
        if _folded(tokenizer.decode(ids[first:last])) != _folded(expected):
            raise RowDroppedError("mask_mismatch", expected[:80])
        mask[first:last] = True
    return Tokenized(
        row=row,
        ids=np.asarray(start + ids, dtype=np.int32),
        mask=np.concatenate([np.zeros(len(start), dtype=np.bool_), mask]),
        ends_turn=all(span.ends_turn for span in rendered.spans),
        not_rendered=rendered.not_rendered,
    )


def _split_by_prefixes(
    rendered: Rendered, tokenizer: ChatTokenizer
) -> tuple[list[int], list[tuple[int, int]]] | None:
    """Ids of the whole text, cut where the ids of each prefix end; None where a token crosses a cut."""
    ids = tokenizer.encode(rendered.text)
    ranges = []
    for span in rendered.spans:
        cuts = []
        for at in (span.start, span.end):
            prefix = tokenizer.encode(rendered.text[:at])
            if ids[: len(prefix)] != prefix:
                return None
            cuts.append(len(prefix))
        ranges.append((cuts[0], cuts[1]))
    return ids, ranges


def _split_by_pieces(rendered: Rendered, tokenizer: ChatTokenizer) -> tuple[list[int], list[tuple[int, int]]]:
    """Ids of the pieces between the cuts, each encoded alone: what generation after a prompt produces."""
    ids: list[int] = []
    ranges = []
    at = 0
    for span in rendered.spans:
        ids += tokenizer.encode(rendered.text[at : span.start])
        first = len(ids)
        ids += tokenizer.encode(rendered.text[span.start : span.end])
        ranges.append((first, len(ids)))
        at = span.end
    return ids + tokenizer.encode(rendered.text[at:]), ranges


def _folded(text: str) -> str:
    """Text without what tokenizers may normalise: Unicode compatibility forms and white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())
