"""Any text file as a stream of UTF-8 bytes, in one pass and bounded memory.

The encoding is decided at the first byte beyond ASCII, from up to 4 MiB that follow it. Bytes that are no text in that
encoding stay invalid UTF-8, so that a parser refuses the row they stand in.
"""

import codecs
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

from llmlora.data.errors import UnknownEncodingError
from llmlora.data.raw import CHUNK_BYTES

SAMPLE_BYTES = 4 << 20
GUESS_BYTES = 256 << 10
TOLERANT_BYTES = 64 << 10
TOLERATED_BAD_SHARE = 0.001
KANA_SHARE = 0.05  # Japanese prose has far more; Chinese or Korean read as EUC-JP has none
SHORT_CHARACTERS = 200
HALF_WIDTH_SHARE = 0.3

_BAD = "\udc80"
_MARK_BAD = "llmlora.mark_bad"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WIDE_MARKS = tuple(mark for mark, encoding in _BOMS if encoding != "utf-8-sig")
"""Byte order marks of encodings in which ASCII text is full of NULs."""
_KANA = re.compile("[\u3041-\u30ff]")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_NOT_ASCII = re.compile(rb"[^\x00-\x7f]")


def _mark_bad(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _BAD, max(error.end, error.start + 1)


codecs.register_error(_MARK_BAD, _mark_bad)


class Utf8Stream(io.RawIOBase):
    """A file's text as UTF-8 bytes without a byte order mark.

    Raises (while reading):
        UnknownEncodingError: no encoding fits.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self._decoder: codecs.IncrementalDecoder | None = None
        self._decided = False
        self._ended = False
        self._rest = b""
        self.bytes_read = 0
        self.encoding = "utf-8"
        self._take_byte_order_mark()

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

    def _take_byte_order_mark(self) -> None:
        head = os.pread(self._file.fileno(), 4, 0)
        for mark, encoding in _BOMS:
            if head.startswith(mark):
                self.encoding, self._decided = encoding, True
                if encoding == "utf-8-sig":
                    self._file.seek(len(mark))
                else:
                    self._decoder = _decoder_of(encoding)
                return

    def _next_chunk(self) -> bytes:
        while not self._ended:
            chunk = self._file.read(CHUNK_BYTES)
            self._ended = not chunk
            self.bytes_read += len(chunk)
            if not self._decided and not chunk.isascii():
                self._decide(chunk)
            if self._decoder is not None:
                chunk = self._decoder.decode(chunk, self._ended).encode("utf-8", "surrogatepass")
            if chunk:
                return chunk
        return b""

    def _decide(self, chunk: bytes) -> None:
        found = _NOT_ASCII.search(chunk)
        assert found is not None
        position = self.bytes_read - len(chunk) + found.start()
        sample = os.pread(self._file.fileno(), SAMPLE_BYTES, position)
        encoding = encoding_of(sample)
        if encoding is None:
            raise UnknownEncodingError(position=position + 1)
        self.encoding, self._decided = encoding, True
        if encoding != "utf-8":
            self._decoder = _decoder_of(encoding)


def encoding_of(sample: bytes) -> str | None:
    """The codec of a text that starts at a character beyond ASCII; it may end inside one. None: no codec fits."""
    if _decoded(sample, "utf-8") is not None:
        return "utf-8"
    candidates: dict[str, str] = {}
    for codec in ("cp932", "euc_jp", "euc_jis_2004"):
        text = _decoded(sample, codec)
        if text is not None:
            candidates[codec] = text
    japanese = _japanese_of(candidates)
    if (
        japanese is None
        and candidates
        and _count_beyond_ascii(min(candidates.values(), key=len)) < SHORT_CHARACTERS
    ):
        japanese = max(candidates)  # too short for statistics: an EUC codec where one fits
    return japanese or _guessed(sample) or next(iter(candidates), None)


def _japanese_of(candidates: dict[str, str]) -> str | None:
    """CP932 and EUC-JP told apart: EUC-JP read as CP932 is a litter of half-width katakana; kana prove EUC-JP."""
    for codec in ("euc_jp", "euc_jis_2004"):
        if codec in candidates and _share(_KANA, candidates[codec]) >= KANA_SHARE:
            return codec
    text = candidates.get("cp932")
    if text is None:
        return None
    few_half_width = _share(_HALF_WIDTH, text) <= HALF_WIDTH_SHARE
    return "cp932" if few_half_width or _share(_KANA, text) >= KANA_SHARE else None


def _guessed(sample: bytes) -> str | None:
    """What charset-normalizer says, if it is an ASCII superset that really decodes the sample."""
    from charset_normalizer import from_bytes

    best = from_bytes(sample[:GUESS_BYTES]).best()
    if best is None:
        return None
    try:
        if b'a{,"'.decode(best.encoding) != 'a{,"':
            return None
        return best.encoding if _decoded(sample, best.encoding) is not None else None
    except (LookupError, UnicodeError):
        return None


def _decoder_of(encoding: str) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(encoding)(_MARK_BAD)


def _decoded(sample: bytes, encoding: str) -> str | None:
    """The sample's text, or None where more than one character in a thousand is none."""
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(sample, len(sample) < SAMPLE_BYTES)
    except UnicodeDecodeError:
        part = sample[:TOLERANT_BYTES]  # the handler of bad bytes is slow
    text = _decoder_of(encoding).decode(part, len(part) < TOLERANT_BYTES)
    few = text.count(_BAD) <= TOLERATED_BAD_SHARE * _count_beyond_ascii(text)
    return text if few else None


def _count_beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _share(pattern: re.Pattern[str], text: str) -> float:
    return len(pattern.findall(text)) / max(1, _count_beyond_ascii(text))
