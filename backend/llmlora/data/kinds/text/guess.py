"""Which column of a table is the question and which the answer, where their names only contain such a word.

`Customer question` and `承認済み回答` are as plain to a person as `question` and `answer`. A guess is made where just one
column can be meant: with two, a person is asked.
"""

import re
import unicodedata
from collections.abc import Iterable

from llmlora.data.columns import LONGEST_NAME

_QUESTION = frozenset(
    [
        "question",
        "questions",
        "query",
        "queries",
        "prompt",
        "instruction",
        "instructions",
        "inquiry",
        "enquiry",
        "ask",
        "request",
        "problem",
        "issue",
        "frage",
        "anfrage",
        "pregunta",
        "consulta",
        "pergunta",
        "demande",
        "domanda",
    ]
)
_ANSWER = frozenset(
    [
        "answer",
        "answers",
        "reply",
        "response",
        "responses",
        "completion",
        "solution",
        "resolution",
        "antwort",
        "respuesta",
        "resposta",
        "reponse",
        "risposta",
    ]
)
_ASKING = frozenset(["customer", "user", "client", "visitor", "caller", "human", "student"])
_ANSWERING = frozenset(
    ["agent", "support", "bot", "assistant", "operator", "staff", "model", "ai", "gpt", "teacher", "advisor"]
)
_SAYING = frozenset(["message", "text", "utterance", "turn", "comment", "words", "said"])
_WEAK = {"input": "instruction", "入力": "instruction", "output": "output", "出力": "output"}
"""Words that count where no better one is there."""
_ABOUT = frozenset(
    [
        "id",
        "ids",
        "no",
        "nr",
        "num",
        "number",
        "date",
        "time",
        "timestamp",
        "at",
        "by",
        "author",
        "category",
        "type",
        "kind",
        "status",
        "state",
        "count",
        "score",
        "rating",
        "rank",
        "url",
        "link",
        "lang",
        "language",
        "locale",
        "tag",
        "tags",
        "length",
        "len",
        "source",
        "flag",
        "index",
        "idx",
        "key",
        "hash",
        "tokens",
        "embedding",
        "vector",
        "label",
        "name",
        "mail",
        "email",
        "title",
        "subject",
        "topic",
    ]
)
"""A column of one of these tells something about a question or an answer."""
_QUESTION_JA = (
    "質問", "問い合わせ", "問合わせ", "問合せ", "問い", "設問", "問題", "疑問", "相談", "依頼", "要望", "指示",
    "问题", "提问", "问", "질문",
)  # fmt: skip
_ANSWER_JA = (
    "回答", "解答", "返答", "返信", "応答", "答え", "返事", "正解", "対応内容", "対応文", "対応方法", "解決策", "解決方法",
    "答案", "回复", "答复", "답변", "대답",
)  # fmt: skip
_ASKING_JA = re.compile(
    r"(ユーザー?|お?客様|顧客|利用者|質問者|相談者)(の|から)?(発話|発言|メッセージ|文|入力)"
)
_ANSWERING_JA = re.compile(
    r"(ボット|オペレーター?|担当者?|スタッフ|サポート|アシスタント|モデル|AI)(の|から)?(発話|発言|メッセージ|文|出力)",
    re.IGNORECASE,
)
_ABOUT_JA = re.compile(
    r"(ID|番号|日時|日付|年月日|時刻|時間|カテゴリー?|種別|種類|分類|区分|件数|状態|ステータス|評価|点数|URL|言語|タグ|部署|件名|タイトル"
    r"|[者日数率名元])$",
    re.IGNORECASE,
)


def guessed_columns(columns: Iterable[str]) -> dict[str, str]:
    """The columns of `instruction` and of `output`, each where one column alone can be it."""
    found: dict[str, list[str]] = {"instruction": [], "output": []}
    weak: dict[str, list[str]] = {"instruction": [], "output": []}
    for column in columns:
        name = unicodedata.normalize("NFKC", column[:LONGEST_NAME]).strip()
        if role := _role_of(name):
            found[role].append(column)
        elif role := _weak_role_of(name):
            weak[role].append(column)
    found = {role: names or weak[role] for role, names in found.items()}
    return {role: names[0] for role, names in found.items() if len(names) == 1}


def _role_of(name: str) -> str | None:
    words = _words_of(name)
    asks = max((place for place, word in enumerate(words) if word in _QUESTION), default=-1)
    answers = max((place for place, word in enumerate(words) if word in _ANSWER), default=-1)
    if asks < 0 and answers < 0 and set(words) & _SAYING:
        asks, answers = (0 if set(words) & group else -1 for group in (_ASKING, _ANSWERING))
    if (asks >= 0) != (answers >= 0) or asks != answers:
        if set(words) & _ABOUT:
            return None
        # "answer to the question" is an answer, "question answer" too.
        is_answer = answers >= 0 if {"to", "for"} & set(words) and answers < asks else answers > asks
        return "output" if is_answer else "instruction"
    return _role_in_japanese(name)


def _weak_role_of(name: str) -> str | None:
    words = _words_of(name)
    if set(words) & _ABOUT or _ABOUT_JA.search(name):
        return None
    roles = {role for word, role in _WEAK.items() if word in words or (not word.isascii() and word in name)}
    return roles.pop() if len(roles) == 1 else None


def _role_in_japanese(name: str) -> str | None:
    """By the last word that says so, as a noun's head stands last: 質問への回答 is an answer."""
    bare = re.sub(r"[\s（(【\[].*$", "", name) or name
    if _ABOUT_JA.search(bare):
        return None
    if _ASKING_JA.search(bare):
        return "instruction"
    if _ANSWERING_JA.search(bare):
        return "output"
    asks = max(bare.rfind(word) for word in _QUESTION_JA)
    answers = max(bare.rfind(word) for word in _ANSWER_JA)
    if asks == answers:
        return None
    return "output" if answers > asks else "instruction"


def _words_of(name: str) -> list[str]:
    """Words of the Latin alphabet without accents, also out of `camelCase` and `snake_case`."""
    plain = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", plain)
    return [word.casefold() for word in re.findall(r"[A-Za-z]+", parted)]
