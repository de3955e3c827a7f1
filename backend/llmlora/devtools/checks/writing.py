"""What `check` says about writing: forms that docs/glossary.md rules out, which can be seen without reading."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from llmlora.devtools.checks.texts import SOURCES, Text, all_texts, unlike_leaves

_JA = "ぁ-んァ-ヶー一-龠々"
_COUNTERS = "件|個|行|回|文字(?!コード)|問|秒|分(?!の|類|割|か)|時間|台|点|番目|項目|バイト|トークン|ステップ|発言|コア|つ"
_ENDS_A_NUMBER = r"(?:[0-9]|\{[\w.]*(?:, number)?\}|(?<=[{ ])#)"


@dataclass(frozen=True)
class Form:
    """How something is not written, and how it is instead."""

    language: str
    pattern: re.Pattern[str]
    instead: str


FORMS = (
    Form("ja", re.compile(f"{_ENDS_A_NUMBER}(?:{_COUNTERS})"), "数と助数詞の間に半角の空白"),
    Form("ja", re.compile(f"[{_JA}][A-Za-z0-9]|[A-Za-z0-9][{_JA}]"), "和文と欧文・数字の間に半角の空白"),
    Form("ja", re.compile(f"[{_JA}][,.;!?()]|[,.;!?()][{_JA}]"), "和文では全角の句読点と括弧"),
    Form("ja", re.compile(r"[０-９Ａ-Ｚａ-ｚ]"), "数字と英字は半角"),
    Form("ja", re.compile(r"[一二三四五六七八九]つ"), "「1 つ」"),
    Form("ja", re.compile(r"(?:する|ること)ことが(?:でき|可能)|ることができ"), "「できます」「使えます」"),
    Form("ja", re.compile(r"[うくぐすつぬぶむる]必要があ(?:り|る)"), "「してください」「が必要です」"),
    Form("ja", re.compile(r"あなた(?:の|が|は)|することによって|を行(?:い|う|って)|において(?:は|、)|に関しては"), "主語や抽象名詞のない文"),
    Form("ja", re.compile(r"お試しください|して下さい|出来(?:ま|な)|下さい|及び|並びに|従って、"), "ひらがな、「試してください」"),
    Form("ja", re.compile(r"[。、][。、]|。 |[（(]、"), "句読点は 1 つ"),
    Form("en", re.compile(r"\b[Pp]lease\b|\b[Ss]uccessfully\b|\b[Ss]orry\b|\b[Oo]ops\b"), "no pleasantries"),
    Form("en", re.compile(r"\b(?:told|wish(?:es)?|anew|mends?|mended|lacks?|judged|proved)\b"), "plain words of the field"),
    Form("en", re.compile(r"\b\w*(?:colour|grey|recognis|behaviour|centre|analys(?:e|ing)d?|organis|favour)\w*\b"), "American spelling"),
    Form("en", re.compile(r"\.\.\.|[^ ]  +[^ ]| [,;:?!](?: |$)"), "… for three dots, one space behind a sentence and none before its sign"),
)  # fmt: skip
"""Texts are those of `devtools/checks/texts.py`: values in them are written `{}` or `{name}`."""

PAGES_FORMS = (Form("en", re.compile(r"\w'\w|\"\w"), "’ and “ ”"),)
"""Of the pages alone: next-intl reads `'` as a mark of its own."""


def ill_written() -> str:
    """Texts in a form that is not written and errors whose languages differ in their facts, one a line; empty without."""
    return "\n".join([*ill_formed(all_texts()), *unlike_leaves(SOURCES)])


def ill_formed(texts: Iterable[Text]) -> list[str]:
    """One line for every text that has a form which is not written."""
    found = []
    for text in texts:
        if "\n" in text.words and text.place.startswith("messages/"):
            continue  # a sample of a file
        forms = (*FORMS, *(PAGES_FORMS if text.place.startswith("messages/") else ()))
        for form in forms:
            if form.language == text.language and (match := form.pattern.search(text.words)):
                found.append(f"{text.place}: “{match[0]}” → {form.instead}: {text.words}")
                break
    return found
