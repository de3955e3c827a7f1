"""How likely bytes are to be a text in an encoding: by its languages' letters, not because the bytes decode.

A score is the logarithm of a likelihood. All readings explain the same bytes, so that their scores compare: what has no
letter of a language (ASCII outside of its words) costs every reading the same.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

UNLISTED = -14.0  # a letter that the language hardly has
UNLIKELY = -20.0  # control, private and unassigned characters
PUNCTUATION = -5.0
ODD_SYMBOL = -11.0
ENCLOSED = -8.0  # circled numbers, full-width letters and digits
ASCII = -3.0
PLAIN_WEIGHT = 0.25
BYTE = -4.56  # ln(1/96): one byte beyond ASCII, if bytes were drawn blindly
FOREIGN_LETTER = -5.0  # beside its own score in the other language
CAPITAL = -1.5
HALF_WIDTH = -4.6
KATAKANA_PAIR = 1.2  # a tenth of Japanese letters, but most of those behind another one

_WESTERN = ("fr", "de", "es", "pt", "it", "nl", "sv", "da", "nb", "fi", "is", "ca", "en")
_CENTRAL = ("pl", "cs", "hu", "sk", "sl", "sh", "ro", "de", "en")


@dataclass(frozen=True)
class Reading:
    """A codec, the languages that were written in it, and how much rarer than others it is met (a logarithm)."""

    codec: str
    languages: tuple[str, ...]
    prior: float = 0.0

    @property
    def is_alphabetic(self) -> bool:
        """One byte a letter."""
        return not _IDEOGRAPHIC & set(self.languages)


_IDEOGRAPHIC = frozenset({"ja", "zh", "zh-Hant", "ko"})
READINGS = (
    Reading("cp932", ("ja",), 1.0),
    Reading("euc_jp", ("ja",)),
    Reading("euc_jis_2004", ("ja",), -1.0),
    Reading("gb18030", ("zh",)),
    Reading("big5hkscs", ("zh-Hant",), -0.5),
    Reading("cp949", ("ko",)),
    Reading("cp1252", _WESTERN),
    Reading("iso8859_15", _WESTERN, -2.0),
    Reading("cp1250", _CENTRAL),
    Reading("iso8859_2", _CENTRAL, -2.0),
    Reading("cp1251", ("ru", "uk", "bg", "mk")),
    Reading("koi8_r", ("ru", "bg"), -2.0),
    Reading("cp866", ("ru", "bg"), -6.0),
    Reading("cp1253", ("el",), -1.0),
    Reading("cp1254", ("tr", "en"), -1.0),
    Reading("cp1255", ("he",), -1.0),
    Reading("cp1256", ("ar", "fa"), -1.0),
    Reading("cp1257", ("lt", "lv", "en"), -2.0),
    Reading("cp850", _WESTERN, -7.0),
    Reading("mac_roman", _WESTERN, -7.0),
)
UTF8 = Reading("utf-8", (), 3.0)
"""Almost every file of today, in any language."""

_LATIN = "A-Za-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_WORD = re.compile(r"[^\W\d_]+")
_MIXED_WORD = re.compile(f"(?<=[{_LATIN}])(?=[\u0370-\u06ff])|(?<=[\u0370-\u06ff])(?=[{_LATIN}])")
_IDEOGRAPH = (
    "\u3041-\u3096\u30a1-\u30fa\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\uff21-\uff3a\uff41-\uff5a"
)
_GLUED = re.compile(f"(?<=[a-z])(?=[{_IDEOGRAPH}])|(?<=[{_IDEOGRAPH}])(?=[a-z])")
_LONE_LETTER = re.compile("(?<![\\w])[^\\W\\d_\x00-\x7f](?![\\w])")
_SYMBOL_IN_WORD = re.compile("(?<=[A-Za-z])[^\\w\x00-\x7f’‘·–—](?=[a-z])")
_STRAY_SYMBOL = re.compile(
    '(?<=[A-Za-z])(?:[‚„‹¿¡€£§±×÷¼½¾µ´¨¶†‡ˆ˜¤¦¬¯¸¢¥•]|[–—](?![\\w"])|…(?= [a-z]))'
    '|(?:[”›…™®©°²³]|(?<![\\w"])[–—]|[€£§±×÷¼½¾µ´¨¶†‡ˆ˜¤¦¬¯¸¢¥•])(?=[A-Za-z])'
)
_AMBIGUOUS_SYMBOL = re.compile("(?<=[A-Za-z])…|(?<=[a-z])[–—](?=[a-z])")  # letters of DOS
_KATAKANA_PAIR = re.compile("(?<=[\u30a1-\u30fc])[\u30a1-\u30fc]")
_HALF_WIDTH_RUN = re.compile("[\uff66-\uff9f]+")
_LONE_LETTERS = frozenset("àéèòóôåøæöíáùúêÀÉÖÅØÓÍ")
_TYPOGRAPHIC = frozenset("’‘“”„«»‹›–—…€£§°·•©®™¿¡ªº½¼¾²³±×÷µ´¨¶†№\xa0\xad‚¥₩")
_CJK_PUNCTUATION = frozenset(
    "、。・「」『』（）！？：；，．…―—～〜〈〉《》【】〔〕［］｛｝“”‘’ー％＆＋－＝／＊＃＠＿\u3000￥＞＜→←↑↓○●◎◇◆□■△▲▽▼☆★※×÷±°℃§々〆〇￣｡｢｣､･"
)
_ENCLOSED = re.compile(
    "[\u2150-\u218f\u2460-\u24ff\u2500-\u257f\u3200-\u33ff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]"
)


def score_of(text: str, reading: Reading) -> float:
    """The score of a text as a codec reads it, in the best of its languages."""
    if reading is UTF8:
        return reading.prior + max(
            _score_of_utf8(text), _score_in_languages(text, reading, tuple(_letters()))
        )
    return reading.prior + _score_in_languages(text, reading, reading.languages)


def _score_of_utf8(text: str) -> float:
    """Of a text in an unknown language: each character beyond ASCII is one of some thousands."""
    plain = sum(1 for c in text if c.isascii())
    return plain * ASCII + (len(text) - plain) * UNLISTED


def _score_in_languages(text: str, reading: Reading, languages: tuple[str, ...]) -> float:
    shared = _cost_of_shapes(text, alphabetic=reading.is_alphabetic)
    words, plain, others = _counted(text)
    return shared + max(
        _score_of_words(words, language, languages)
        + _score_of_others(others, language)
        + _score_of_plain(plain, language)
        for language in languages
    )


def beats_chance(text: str, score: float, reading: Reading, byte_count: int) -> bool:
    """Whether a score is better than that of bytes beyond ASCII drawn blindly.

    A text of few ideographs needs them to be common ones; one of letters, that all are a language's own.
    """
    plain = sum(1 for c in text if c.isascii())
    blind = byte_count * BYTE + plain * ASCII + reading.prior
    beyond = len(text) - plain
    return score > blind + 2.5 if not reading.is_alphabetic else score > blind - 2.0 * beyond - 3.0


def _counted(text: str) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Letters of words that are not all ASCII, those of words that are, and all other characters."""
    words: Counter[str] = Counter()
    plain: Counter[str] = Counter()
    for word in _WORD.findall(text):
        (plain if word.isascii() else words).update(word)
    others = Counter(text)
    others.subtract(words)
    others.subtract(plain)
    return words, plain, +others


def _score_of_words(counts: Mapping[str, int], language: str, languages: tuple[str, ...]) -> float:
    table = _letters()[language]
    ascii_counts = language not in _IDEOGRAPHIC
    total = 0.0
    for char, count in counts.items():
        small = char.lower()
        if char.isascii() and not (ascii_counts and small in table):
            each = ASCII
        elif not ascii_counts and _ENCLOSED.match(char):
            each = ENCLOSED
        elif small in table:
            each = table[small] + (CAPITAL if small != char and not char.isascii() else 0.0)
        else:
            each = max(UNLISTED, _elsewhere(small, languages) + FOREIGN_LETTER)
        total += each * count
    return total


def _score_of_plain(counts: Mapping[str, int], language: str) -> float:
    """Words of ASCII tell a language too, but less: a table's header or a key may be in another one."""
    total = ASCII * sum(counts.values())
    if language not in _latin_languages():
        return total
    fits = {one: _fit(counts, one) for one in _latin_languages()}
    return total + PLAIN_WEIGHT * (fits[language] - max(fits.values()))


def _fit(counts: Mapping[str, int], language: str) -> float:
    table = _letters()[language]
    return sum(table.get(char.lower(), UNLISTED) * count for char, count in counts.items())


@cache
def _latin_languages() -> tuple[str, ...]:
    return tuple(language for language, table in _letters().items() if "e" in table)


def _elsewhere(char: str, languages: tuple[str, ...]) -> float:
    return max(_letters()[language].get(char, UNLISTED) for language in languages)


def _score_of_others(counts: Mapping[str, int], language: str) -> float:
    ideographic = language in _IDEOGRAPHIC
    return sum(_score_of_symbol(char, ideographic=ideographic) * count for char, count in counts.items())


def _score_of_symbol(char: str, *, ideographic: bool) -> float:
    if char.isascii():
        return ASCII
    if ideographic and char in _CJK_PUNCTUATION:
        return PUNCTUATION
    if ideographic and _ENCLOSED.match(char):
        return ENCLOSED
    if not ideographic and char in _TYPOGRAPHIC:
        return PUNCTUATION
    if char == "¤":
        return UNLISTED
    return UNLIKELY if unicodedata.category(char) in ("Cc", "Co", "Cn", "Cs") else ODD_SYMBOL


def _cost_of_shapes(text: str, *, alphabetic: bool) -> float:
    """What no language writes: two scripts in a word, capitals behind small letters, symbols inside of words."""
    cost = -8.0 * len(_MIXED_WORD.findall(text)) - 6.0 * len(_SYMBOL_IN_WORD.findall(text))
    cost -= 6.0 * len(_STRAY_SYMBOL.findall(text)) if alphabetic else 0.0
    cost -= 3.0 * len(_AMBIGUOUS_SYMBOL.findall(text)) if alphabetic else 0.0
    if "„" in text and "“" not in text and "”" not in text:
        cost -= 4.0 * text.count("„")
    for word in _WORD.findall(text):
        if not word.isascii():
            cost -= 6.0 * sum(a.islower() and b.isupper() for a, b in pairwise(word))
            cost -= 5.0 * (alphabetic and len(word) > 2 and word[:2].isupper() and not word.isupper())
    if alphabetic:
        lone: list[str] = _LONE_LETTER.findall(text)
        strange = sum(c < "\u0370" and c not in _LONE_LETTERS for c in lone)
        return cost - 4.0 * strange - 4.0 * sum(c >= "\u0370" for c in lone)
    cost += KATAKANA_PAIR * len(_KATAKANA_PAIR.findall(text)) - 2.0 * len(_GLUED.findall(text))
    for run in _HALF_WIDTH_RUN.findall(text):
        cost -= 6.0 * (len(run) == 1) + 8.0 * (run[0] in "\uff9e\uff9f\uff70")
    return cost


@cache
def _letters() -> dict[str, dict[str, float]]:
    """Logarithms of the shares of letters, by language."""
    tables = {}
    for line in Path(__file__).with_name("letters.txt").read_text("utf-8").splitlines():
        language, found, groups = line.partition("\t")
        if not found:
            continue
        pairs = (group.partition(":") for group in groups.split(" "))
        tables[language] = {char: int(value) / -2 for value, _, chars in pairs for char in chars}
    tables["ja"].update({chr(code): HALF_WIDTH for code in range(0xFF66, 0xFFA0)})
    return tables
