"""A text's encoding is told right, or not at all."""

import random
from pathlib import Path

import pytest

from llmlora.data.encodings import Utf8Stream, codec_named, encoding_of, encoding_of_file, wide_encoding_of
from llmlora.data.errors import UnknownEncodingError, UnsupportedEncodingError

TEXTS: dict[str, tuple[tuple[str, ...], str]] = {
    "fr": (
        ("cp1252", "iso8859_15"),
        "Le siège de la coopérative se trouve à Québec, où l'équipe a réservé une pièce même après août ; ça coûte 10 € par élève.",
    ),
    "de": (("cp1252",), "Die Gäste möchten wissen, ob das Bad öffnet: größere Beträge kosten übrigens zwölf Euro mehr."),
    "es": (("cp1252",), "¿Cuándo abre la señora García el pequeño almacén? Mañana estará cerrado también según el dueño."),
    "pt": (("cp1252",), "A informação não está disponível amanhã; você receberá então um relatório até às três horas."),
    "it": (("cp1252",), "La città è più bella perché c'è già la libertà, così può succedere ciò che sarà."),
    "sv": (("cp1252",), "På måndag öppnar vi åter för er alla, även för små barn över två år från hela världen."),
    "da": (("cp1252",), "Børnene får blåbærgrød på lørdag, når køkkenet åbner igen efter påske i den lille ø."),
    "fi": (("cp1252",), "Tämä päivä on hyvä, mutta huomenna täällä sää on vielä kylmempää kuin tänään."),
    "pl": (("cp1250", "iso8859_2"), "Proszę powiedzieć, że książka będzie gotowa jutro rano, gdy wróci pani Łucja ze Szczęśliwic."),
    "cs": (("cp1250", "iso8859_2"), "Příliš žluťoučký kůň úpěl ďábelské ódy, když přišel večer a děti už spaly."),
    "hu": (("cp1250",), "Kérjük, hogy a következő órában mindenki hozza el a füzetét és a könyvét, különösen az őszi anyagot."),
    "tr": (("cp1254",), "Sayın müşterimiz, siparişiniz yarın öğleden sonra gönderilecek; lütfen adresinizi doğrulayınız, teşekkürler."),
    "ru": (("cp1251", "koi8_r", "cp866"), "Библиотека открыта каждый день с девяти утра, кроме воскресенья и праздников."),
    "el": (("cp1253",), "Η βιβλιοθήκη είναι ανοιχτή κάθε μέρα εκτός από την Κυριακή και τις γιορτές."),
    "ja": (
        ("cp932", "euc_jp", "iso2022_jp", "utf-16"),
        "図書館は毎朝九時に開きます。日曜日はお休みですが、カードがあれば本を返すことができます。髪を切る店は駅の前です。",
    ),
    "zh": (("gb18030",), "图书馆每天早上九点开门，星期天休息，但是有卡的人可以还书。三十天内可以退货吗？"),
    "zh-Hant": (("big5hkscs",), "圖書館每天早上九點開門，星期天休息，但是有卡的人可以還書。請問三十天內可以退貨嗎？"),
    "ko": (("cp949",), "도서관은 매일 아침 아홉 시에 문을 엽니다. 일요일은 쉬지만 카드가 있으면 책을 반납할 수 있습니다."),
}  # fmt: skip
LANGUAGES = [(name, codec) for name, (codecs, _) in TEXTS.items() for codec in (*codecs, "utf-8")]
# A byte order mark tells UTF-16, however short the text.
UNMARKED = [(name, codec) for name, codec in LANGUAGES if codec != "utf-16"]
CELLS = "question,answer\r\nAsk {},Yes.\r\n"


def pieces_of(text: str, count: int) -> list[str]:
    """Some words of a text, or some characters where it has no words, from one of them on."""
    draw = random.Random(len(text))
    parts = text.split(" ") if " " in text and text.count(" ") > 5 else list(text)
    glue = " " if parts[0] != text[0] else ""
    pieces = []
    for _ in range(count):
        start = draw.randrange(len(parts))
        pieces.append(glue.join(parts[start : start + draw.choice([1, 2, 3, 6, 12])]))
    return pieces


class TestTextsOfAllLanguages:
    @pytest.mark.parametrize(("language", "codec"), LANGUAGES)
    def test_a_sentence_is_told(self, language: str, codec: str) -> None:
        text = TEXTS[language][1]
        try:
            data = text.encode(codec)
        except UnicodeEncodeError:
            data = text.replace("€", "e").encode(codec)
        told = wide_encoding_of(data) or encoding_of(data)
        assert told is not None
        assert data.decode(told) == data.decode(codec)

    @pytest.mark.parametrize(("language", "codec"), UNMARKED)
    def test_a_few_words_are_told_right_or_not_at_all(self, language: str, codec: str) -> None:
        right = 0
        pieces = [p for p in pieces_of(TEXTS[language][1].replace("€", "e"), 12) if not p.isascii()]
        for piece in pieces:
            for text in (piece, CELLS.format(piece)):
                data = text.encode(codec)
                told = encoding_of(data)
                assert told is None or data.decode(told) == text
                right += told is not None
        if codec in ("utf-8", "iso2022_jp"):
            assert right == 2 * len(pieces)
        elif codec == TEXTS[language][0][0]:
            assert right * 4 >= len(pieces)


class TestSmallTexts:
    @pytest.mark.parametrize(
        ("text", "codec"),
        [
            ("10 € a day", "cp1252"),
            ("Quel délai?,Un an.", "cp1252"),
            ("Müller & Söhne", "cp1252"),
            ("“Don’t,” she said – twice…", "cp1252"),
            ("東京", "euc_jp"),
            ("髙橋と山﨑です。", "cp932"),
            ("9時～17時", "cp932"),
            ("ﾊｲ、｢ﾃｽﾄ｣です。", "cp932"),
            ("①②③、ⅠⅡⅢ㎝です", "cp932"),
            ("iPhoneを買う", "cp932"),
            ("AIの技術", "euc_jp"),
        ],
    )
    def test_is_told(self, text: str, codec: str) -> None:
        data = text.encode(codec)
        told = encoding_of(data)
        assert told is not None
        assert data.decode(told) == text

    @pytest.mark.parametrize(
        ("text", "codec"), [("ภาษาไทย", "cp874"), ("\x8d\x9d", "latin-1"), ("ｶﾅ", "cp932"), ("日", "big5")]
    )
    def test_is_refused_where_nothing_tells(self, text: str, codec: str) -> None:
        assert encoding_of(text.encode(codec)) is None

    def test_the_refusal_shows_what_each_candidate_reads(self, tmp_path: Path) -> None:
        path = tmp_path / "t.csv"
        path.write_bytes("text\nภาษาไทย\n".encode("cp874"))
        with pytest.raises(UnknownEncodingError) as caught:
            encoding_of_file(path)
        pointers = {one.pointer: one.ja for one in caught.value.fields}
        assert "/encoding/cp1251" in pointers
        assert pointers["/encoding/cp1251"] in caught.value.detail("ja")
        again = UnknownEncodingError(**caught.value.facts)
        assert again.fields == caught.value.fields

    def test_escapes_of_a_terminal_are_no_iso_2022(self, tmp_path: Path) -> None:
        path = tmp_path / "t.txt"
        path.write_bytes(b"\x1b[31mred\x1b[0m " * 100_000 + "緑".encode())
        assert encoding_of_file(path) == "utf-8"

    def test_utf_16_without_a_mark_is_read(self) -> None:
        for codec in ("utf-16-le", "utf-16-be"):
            assert wide_encoding_of("質問,回答\r\nはい,いいえ\r\n".encode(codec)) == codec
        assert wide_encoding_of(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00") is None


class TestNames:
    @pytest.mark.parametrize(
        ("name", "codec"),
        [
            ("Shift_JIS", "cp932"), ("SJIS", "cp932"), ("windows-1252", "cp1252"), ("Latin-1", "cp1252"),
            ("EUC-JP", "euc_jp"), ("GBK", "gb18030"), ("big5", "big5hkscs"), ("EUC-KR", "cp949"),
            ("UTF8", "utf-8"), ("Windows-874", "cp874"), ("windows-31j", "cp932"), ("UTF-16LE", "utf-16-le"), ("ISO-2022-JP", "iso2022_jp"),
        ],
    )  # fmt: skip
    def test_usual_names_are_understood(self, name: str, codec: str) -> None:
        assert codec_named(name) == codec

    @pytest.mark.parametrize("name", ["", "utf-9", "base64", "rot13", "punycode", "idna", "a\0b", "zlib"])
    def test_others_are_refused_with_the_list(self, name: str) -> None:
        with pytest.raises(UnsupportedEncodingError, match="cp932"):
            codec_named(name)

    def test_what_is_named_is_read_whatever_it_looks_like(self, tmp_path: Path) -> None:
        path = tmp_path / "t.csv"
        path.write_bytes("délai".encode("mac_roman"))
        assert b"".join(Utf8Stream(path, "mac_roman").chunks()).decode() == "délai"
