"""Why a training leaves a row out: every code that a ledger can hold, in words, and what helps."""

from typing import Literal, NamedTuple

DropReason = Literal[
    "answer_beyond_max_length",
    "empty_completion",
    "mask_mismatch",
    "no_assistant_turn",
    "no_supervised_token",
    "reserved_token_in_text",
    "template_changes_prompt",
    "template_hides_answer",
    "template_ignores_tool_calls",
    "template_refused",
]


class Words(NamedTuple):
    """What became of the rows, and what to do, in both languages."""

    ja: str
    en: str
    cure_ja: str
    cure_en: str


_LONGER = ("最大長（max_length）を大きくしてください。", "Raise max_length.")
_ANSWERS = ("データの応答を確認してください。", "Check the answers in the data.")
_TEMPLATE = (
    "データの会話をこのモデルのチャットテンプレートに合わせるか、別のベースモデルを選んでください。",
    "Adapt the conversations to this model's chat template, or choose another base model.",
)
DROP_REASONS: dict[DropReason, Words] = {
    "answer_beyond_max_length": Words("応答が最大長より後ろ", "the answer lies beyond max_length", *_LONGER),
    "empty_completion": Words("応答が空", "the answer is empty", *_ANSWERS),
    "mask_mismatch": Words("学習する範囲が不明", "the part to learn is unclear", *_TEMPLATE),
    "no_assistant_turn": Words("応答がない", "there is no answer", *_ANSWERS),
    "no_supervised_token": Words("学習する部分がない", "there is nothing to learn", *_ANSWERS),
    "reserved_token_in_text": Words(
        "モデルの予約トークンが本文にある",
        "the text contains a reserved token of the model",
        "データから予約トークンの文字列を取り除いてください。",
        "Remove the reserved tokens from the data.",
    ),
    "template_changes_prompt": Words(
        "テンプレートが質問を書き換える", "the template changes the prompt", *_TEMPLATE
    ),
    "template_hides_answer": Words("テンプレートが応答を隠す", "the template hides the answer", *_TEMPLATE),
    "template_ignores_tool_calls": Words(
        "テンプレートがツール呼び出しを出力しない", "the template omits tool calls", *_TEMPLATE
    ),
    "template_refused": Words(
        "テンプレートが受け付けない", "the template rejects the conversation", *_TEMPLATE
    ),
}
