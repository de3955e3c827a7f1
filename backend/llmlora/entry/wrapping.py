"""Lines of a terminal: Japanese and Latin text broken where a reader expects it, never within a word or a number."""

import re
from collections.abc import Iterator

from rich.cells import cell_len

# Marks that begin no line, and those that end none (JIS X 4051).
_NOT_FIRST = ":,;、。，．・：；？！ー々ゝゞ）」』】〕〉》”’ぁぃぅぇぉっゃゅょァィゥェォッャュョ…‥〜"
_NOT_LAST = "（「『【〔〈《“‘"
_PIECE = re.compile(
    "[0-9.,]+〜[0-9.,]+"  # a range
    "|[0-9.,]+ (?=[ぁ-ヿ一-龠])"  # a number stays with its counter
    "|[ァ-ヺー]+"  # a word of katakana
    "|(?:[まで]す|ました|ません|でした|ください|する|した|して|ない|から|まで|だけ)"  # what words end in
    "|[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’]"
    "|[^\\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’]+"
)


def cells(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return cell_len(text)


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a text, at most so many cells wide each; what has no place to break stays whole and is wider."""
    return [line for part in text.split("\n") for line in _lines_of(part, width)]


def longest_piece(text: str) -> int:
    """The fewest cells in which a text can be wrapped."""
    return max((cells(piece) for part in text.split("\n") for _, piece in _pieces(part)), default=0)


def padded(text: str, width: int) -> str:
    """The text with spaces behind it, up to so many cells."""
    return text + " " * (width - cells(text))


def _lines_of(text: str, width: int) -> list[str]:
    lines = [""]
    for space, piece in _pieces(text):
        if not lines[-1]:
            lines[-1] = piece
        elif cells(lines[-1]) + cells(space) + cells(piece) <= width:
            lines[-1] += space + piece
        else:
            lines.append(piece)
    return [line.rstrip() for line in lines]


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """What is never broken, each with the space before it."""
    space, piece, end = "", "", 0
    for found in _PIECE.finditer(text):
        gap, part = text[end : found.start()], found[0]
        joins = not gap and piece and (part[0] in _NOT_FIRST or piece[-1] in _NOT_LAST or piece[-1] == " ")
        if joins:
            piece += part
        else:
            if piece:
                yield space, piece
            space, piece = gap, part
        end = found.end()
    if piece:
        yield space, piece
