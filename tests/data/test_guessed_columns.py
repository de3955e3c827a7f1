"""Headers of ordinary question-and-answer tables are understood, and what could be two things is asked."""

import pytest

from llmlora.data.errors import MissingColumnError
from llmlora.data.kinds.detection import Detection, detect
from llmlora.data.kinds.text.names import COMPLETION, INSTRUCTION
from llmlora.data.raw import RawRow


def of_header(*columns: str, kind: str | None = None, overrides: dict[str, str] | None = None) -> Detection:
    rows = [RawRow(1, {name: "text" for name in columns})]
    return detect(rows, columns, kind=kind, overrides=overrides)


PAIRS = [
    ("Customer question", "Approved answer"),
    ("お客様の質問", "承認済み回答"),
    ("Question text", "Answer text"),
    ("FAQ Question", "FAQ Answer"),
    ("user_query", "bot_response"),
    ("userPrompt", "assistantReply"),
    ("Inquiry", "Resolution"),
    ("Customer message", "Agent message"),
    ("Model input", "Expected output"),
    ("問い合わせ内容", "回答内容"),
    ("お問い合わせ", "返信文"),
    ("質問内容", "模範解答"),
    ("ご質問", "ご回答"),
    ("設問文", "正解"),
    ("想定質問", "質問への回答"),
    ("ユーザー発話", "ボット応答"),
    ("相談内容", "対応内容"),
    ("質問（日本語）", "回答（日本語）"),
    ("入力文", "出力文"),
    ("Pregunta", "Respuesta aprobada"),
    ("Frage des Kunden", "Antwort"),
    ("Question du client", "Réponse validée"),
    ("用户问题", "标准答案"),
    ("Question", "Answer to the question"),
]


class TestGuess:
    @pytest.mark.parametrize(("question", "answer"), PAIRS)
    def test_ordinary_headers_are_question_and_answer(self, question: str, answer: str) -> None:
        for columns in ((question, answer), (answer, question)):
            found = of_header(*columns)
            assert found.kind == INSTRUCTION
            assert (found.mapping["instruction"], found.mapping["output"]) == (question, answer)

    @pytest.mark.parametrize(("question", "answer"), PAIRS)
    @pytest.mark.parametrize(
        "beside",
        [
            ("No.", "Question ID", "Category", "Answer date", "Answered by", "URL"),
            ("質問番号", "質問カテゴリ", "回答日時", "回答者", "問い合わせ件数", "回答ステータス"),
        ],
    )
    def test_what_is_told_about_them_is_not_read(
        self, question: str, answer: str, beside: tuple[str, ...]
    ) -> None:
        found = of_header(*beside[:3], question, answer, *beside[3:])
        assert (found.mapping["instruction"], found.mapping["output"]) == (question, answer)
        assert set(found.mapping.values()) == {question, answer}

    def test_guess_says_that_it_is_one_and_names_in_full_do_not(self) -> None:
        assert of_header("Customer question", "Approved answer").by == "guess"
        assert of_header("question", "answer").by == "synonym"
        assert of_header("instruction", "output").by == "exact"

    def test_question_beside_a_body_is_no_text_to_go_on_with(self) -> None:
        assert of_header("本文", "お客様の質問", "承認済み回答").kind == INSTRUCTION
        assert of_header("text", "score").kind == COMPLETION
        assert of_header("text", "question_id", "answer_count").kind == COMPLETION

    def test_column_that_a_person_gave_stays_and_the_other_is_guessed(self) -> None:
        found = of_header("memo", "Customer question", "Approved answer", overrides={"output": "memo"})
        assert (found.mapping, found.kind) == (
            {"instruction": "Customer question", "output": "memo"},
            INSTRUCTION,
        )

    def test_input_beside_a_question_is_its_context(self) -> None:
        found = of_header("Customer question", "input", "Approved answer")
        assert found.mapping == {
            "instruction": "Customer question", "output": "Approved answer", "input": "input",
        }  # fmt: skip


class TestAsked:
    @pytest.mark.parametrize(
        "columns",
        [
            ("Question (EN)", "Question (JA)", "Approved answer"),
            ("お客様の質問", "社内の回答", "公開する回答"),
            ("Ticket", "Notes"),
            ("件名", "対応者"),
            ("Customer question", "Reviewer"),
            ("foo", "bar"),
        ],
    )
    def test_what_could_be_two_things_is_not_guessed(self, columns: tuple[str, ...]) -> None:
        with pytest.raises(MissingColumnError):
            of_header(*columns)
