"""Any text file as a stream of UTF-8 bytes, in bounded memory, and which encoding it is in.

The encoding is told by up to 4 MiB from the first byte beyond ASCII on: the one in which the text is plausible, if no
other is nearly as plausible. Bytes that are no text in that encoding stay invalid UTF-8, so that a parser refuses the
row they stand in.
"""

import codecs
import io
import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from llmlora.data.errors import UnknownEncodingError, UnsupportedEncodingError
from llmlora.data.plausible import READINGS, UTF8, Reading, beats_chance, score_of
from llmlora.data.raw import CHUNK_BYTES
from llmlora.data.refusals import shown_text

SAMPLE_BYTES = 4 << 20
SCORED_BYTES = 32 << 10
CONTEXT_BYTES = 64
TOLERANT_BYTES = 64 << 10
TOLERATED_BAD_SHARE = 0.001
CLEAR_LEAD = 6.5
"""A reading is taken when it is e^6.5 = 665 times as likely as the next one that gives another text."""
SURE_SEQUENCES = 8
CANDIDATES_SHOWN = 6
UTF8_BEATEN = 3.0
"""Bytes that decode as UTF-8 are UTF-8 unless another reading is e^3 times as likely, which few characters can be."""
SHOWN_AROUND = 24

_BAD = "\udc80"
_MARK_BAD = "llmlora.mark_bad"
_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ESCAPED = ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2004", "iso2022_kr")
NAMED_ENCODINGS = (
    "utf-8", "cp932", "euc_jp", "euc_jis_2004", "iso2022_jp", "gb18030", "big5hkscs", "cp949", "cp1252",
    "iso8859_15", "cp1250", "iso8859_2", "cp1251", "koi8_r", "cp866", "cp1253", "cp1254", "cp1255", "cp1256",
    "cp1257", "cp1258", "cp874", "cp850", "cp437", "mac_roman", "utf-16", "utf-16-le", "utf-16-be",
)  # fmt: skip
"""What a user may name; other names of the same codecs are understood."""
_ALIASES = {
    "shift_jis": "cp932", "sjis": "cp932", "ms932": "cp932", "windows-31j": "cp932", "gbk": "gb18030",
    "gb2312": "gb18030", "euc_kr": "cp949", "ks_c_5601-1987": "cp949", "uhc": "cp949", "big5": "big5hkscs",
    "cp950": "big5hkscs", "latin-1": "cp1252", "iso8859-1": "cp1252", "ascii": "utf-8", "utf-8-sig": "utf-8-sig",
    "tis-620": "cp874", "iso2022_jp_2004": "iso2022_jp_2004", "iso2022_jp_ext": "iso2022_jp_ext",
    "iso2022_kr": "iso2022_kr", "utf-32": "utf-32",
}  # fmt: skip
_NOT_ASCII = re.compile(rb"[^\x00-\x7f]")
_TELLING = re.compile(rb"[^\x00-\x7f]|\x1b(?:\$[@BA(]|\([JI]|\$\)C)")
_LONGEST_ESCAPE = 4
_THREE_BYTES = re.compile(rb"[\xe0-\xf4][\x80-\xbf]{2}")
_TWO_BYTES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ue000-\uf8ff\ufffe\uffff]")


def _mark_bad(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _BAD, max(error.end, error.start + 1)


codecs.register_error(_MARK_BAD, _mark_bad)


def is_wide(encoding: str) -> bool:
    """Whether ASCII text in it is full of NULs."""
    return encoding.startswith(("utf-16", "utf-32"))


class Utf8Stream(io.RawIOBase):
    """A file's text, read in `encoding`, as UTF-8 bytes without a byte order mark."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._file = path.open("rb", buffering=0)
        self._decoder = None if encoding in ("utf-8", "utf-8-sig") else _decoder_of(encoding)
        self._ended = False
        self._rest = b""
        self.bytes_read = 0
        self.encoding = encoding
        if self._decoder is None and os.pread(self._file.fileno(), 3, 0) == codecs.BOM_UTF8:
            self._file.seek(len(codecs.BOM_UTF8))

    def chunks(self) -> Iterator[bytes]:
        """UTF-8 bytes until the file ends."""
        while chunk := self._next_chunk():
            yield chunk

    def readable(self) -> bool:
        """True: this is an input."""
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Fill `buffer` for `io.BufferedReader`."""
        if not self._rest:
            self._rest = self._next_chunk()
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

    def _next_chunk(self) -> bytes:
        while not self._ended:
            chunk = self._file.read(CHUNK_BYTES)
            self._ended = not chunk
            self.bytes_read += len(chunk)
            if self._decoder is not None:
                text = self._decoder.decode(chunk, self._ended)
                chunk = text.removeprefix("\ufeff").encode("utf-8", "surrogatepass")
            if chunk:
                return chunk
        return b""


def codec_named(name: str) -> str:
    """The codec that a user means.

    Raises:
        UnsupportedEncodingError: there is none, or none for text files.
    """
    given = name.strip().lower()
    if given.startswith("windows-") and given not in _ALIASES:
        given = "cp" + given.removeprefix("windows-")
    try:
        known = codecs.lookup(given).name
    except (LookupError, ValueError):
        known = given
    by_codec = {codecs.lookup(one).name: one for one in NAMED_ENCODINGS}
    by_codec |= {_codec_name(alias): one for alias, one in _ALIASES.items()}
    found = _ALIASES.get(given) or by_codec.get(known)
    if found is None:
        raise UnsupportedEncodingError(given=shown_text(name), known=", ".join(NAMED_ENCODINGS))
    return found


def _codec_name(alias: str) -> str:
    try:
        return codecs.lookup(alias).name
    except LookupError:
        return alias


def encoding_of_file(path: Path) -> str:
    """The encoding of a file's text that is not wide, `utf-8` where all of it is ASCII.

    Raises:
        UnknownEncodingError: no encoding is plausible, or several are.
    """
    with path.open("rb", buffering=0) as file:
        descriptor = file.fileno()
        if os.pread(descriptor, len(codecs.BOM_UTF8), 0) == codecs.BOM_UTF8:
            return "utf-8-sig"
        position = _first_telling_byte(descriptor)
        if position is None:
            return "utf-8"
        start = max(0, position - CONTEXT_BYTES)
        sample = os.pread(descriptor, SAMPLE_BYTES, start)
    encoding, candidates = told(sample)
    if encoding is None:
        raise UnknownEncodingError(position=position + 1, candidates=_shown(candidates))
    return encoding


def encoding_of(sample: bytes) -> str | None:
    """The codec of a text; it may end inside a character. None: it cannot be told."""
    return told(sample)[0]


def told(sample: bytes) -> tuple[str | None, list[tuple[Reading, str]]]:
    """The codec of a text, or None; and the readings that are possible, the most plausible first."""
    if _escape_begins(sample):
        fitting = [codec for codec in _ESCAPED if _decoded(sample, codec) is not None]
        return (fitting[0] if fitting else None), []
    window = sample[:SCORED_BYTES]
    is_utf8 = _decoded(sample, "utf-8") is not None
    if is_utf8 and (_THREE_BYTES.search(window) or len(_TWO_BYTES.findall(window)) >= SURE_SEQUENCES):
        return "utf-8", []
    ranked = _ranked(window, [UTF8, *READINGS] if is_utf8 else READINGS)
    while ranked and _decoded(sample, ranked[0][0].codec) is None:
        ranked.pop(0)
    candidates = [(reading, text) for reading, text, _ in ranked]
    if not ranked:
        return None, candidates
    best, text, score = ranked[0]
    rivals = [other for _, read, other in ranked[1:] if read != text]
    as_utf8 = next((other for reading, _, other in ranked if reading is UTF8), None)
    if as_utf8 is not None:
        return ("utf-8" if score - as_utf8 < UTF8_BEATEN else None), candidates
    clear = not rivals or score - rivals[0] >= CLEAR_LEAD
    byte_count = len(window) - sum(1 for c in text if c.isascii())
    return (best.codec if clear and beats_chance(text, score, best, byte_count) else None), candidates


def _ranked(window: bytes, readings: Iterable[Reading]) -> list[tuple[Reading, str, float]]:
    found = []
    for reading in readings:
        text = _decoded(window, reading.codec, cut=True)
        if text is not None:
            found.append((reading, text, score_of(text, reading)))
    return sorted(found, key=lambda one: -one[2])


def _first_telling_byte(descriptor: int) -> int | None:
    """Where the first byte beyond ASCII stands, or the first escape that begins a Japanese or Korean character set."""
    position = 0
    while chunk := os.pread(descriptor, CHUNK_BYTES + _LONGEST_ESCAPE, position):
        if not chunk.isascii() or b"\x1b" in chunk:
            found = _TELLING.search(chunk)
            if found is not None:
                return position + found.start()
        position += CHUNK_BYTES
    return None


def _escape_begins(sample: bytes) -> bool:
    found = _TELLING.search(sample)
    return found is not None and found.group().startswith(b"\x1b")


def wide_encoding_of(head: bytes) -> str | None:
    """UTF-16 or UTF-32 by its byte order mark.

    Without one, UTF-16 where NULs stand at even or at odd places only and the text has no control characters.
    """
    for mark, encoding in _WIDE_MARKS:
        if head.startswith(mark):
            return encoding
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < 2 or min(even, odd) > 0:
        return None
    encoding = "utf-16-le" if odd else "utf-16-be"
    text = _decoded(head[: len(head) & ~1], encoding, cut=True)
    return None if text is None or _BAD in text or _CONTROLS.search(text) else encoding


def _shown(candidates: Iterable[tuple[Reading, str]]) -> str:
    """The most plausible readings that differ where they are shown."""
    shown: dict[str, str] = {}
    for reading, text in candidates:
        shown.setdefault(_shown_around(text), reading.codec)
    pairs = [(codec, sample) for sample, codec in shown.items()]
    return json.dumps(pairs[:CANDIDATES_SHOWN], ensure_ascii=False)


def _shown_around(text: str) -> str:
    """The first characters beyond ASCII with their neighbours."""
    at = next((i for i, c in enumerate(text) if not c.isascii()), 0)
    return shown_text(" ".join(text[max(0, at - SHOWN_AROUND // 2) : at + SHOWN_AROUND].split()))


def _decoder_of(encoding: str) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(encoding)(_MARK_BAD)


def _decoded(sample: bytes, encoding: str, *, cut: bool = False) -> str | None:
    """The sample's text, or None where more than one character in a thousand is none. `cut`: it may end anywhere."""
    is_whole = len(sample) < (SCORED_BYTES if cut else SAMPLE_BYTES)
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(sample, is_whole)
    except UnicodeDecodeError:
        part = sample[:TOLERANT_BYTES]  # the handler of bad bytes is slow
    text = _decoder_of(encoding).decode(part, is_whole and len(part) == len(sample))
    few = text.count(_BAD) <= TOLERATED_BAD_SHARE * _count_beyond_ascii(text)
    return text if few else None


def _count_beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))
