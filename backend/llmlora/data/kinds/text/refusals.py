"""Why a row of texts is refused, beside what can be wrong with any row (`data.refusals`)."""

REFUSALS: dict[str, tuple[str, str]] = {
    "bad_turn": (
        "{turn} 番目の発言が {{role, content}} の形ではありません",
        "turn {turn} is not of the form {{role, content}}",
    ),
    "unknown_role": (
        "{turn} 番目の発言の役割「{found}」は使えません",
        "turn {turn} has the unknown role {found!r}",
    ),
    "bad_role_order": (
        "{turn} 番目の {role} は{place}に置けません",
        "turn {turn} ({role}) cannot {place}",
    ),
    "no_assistant_turn": (
        "学習する assistant の発言がありません",
        "there is no assistant turn to learn",
    ),
    "empty_turn": ("{turn} 番目の発言（{role}）が空です", "turn {turn} ({role}) is empty"),
    "bad_mark": (
        "{turn} 番目の発言の {key} が {found} です。true か false、または 1 か 0 にしてください",
        "the {key} of turn {turn} is {found!r}; use true or false, 1 or 0",
    ),
    "not_text_content": (
        "{turn} 番目の発言に文字以外の内容があります（{found}）",
        "turn {turn} has content that is not text ({found})",
    ),
    "bad_tool_calls": (
        "{turn} 番目の発言の tool_calls を JSON として扱えません",
        "the tool_calls of turn {turn} are not usable JSON",
    ),
    "bad_tools": ("tools が JSON の配列ではありません", "the tools are not a JSON array"),
    "bad_history": (
        "history は質問と応答の組 [user, assistant] の配列にしてください",
        "the history must be a list of [user, assistant] pairs",
    ),
    "bad_answer": ("assistant の応答を取り出せません", "it contains no assistant answer"),
    "different_prompts": (
        "chosen と rejected の前半の会話が一致しません",
        "chosen and rejected do not share one prompt",
    ),
    "prompt_contradicted": (
        "会話の前半が {prompt} の列と一致しません",
        "the conversation before the answer differs from the column {prompt}",
    ),
    "chosen_equals_rejected": ("chosen と rejected が同じです", "chosen and rejected are the same"),
}

REFUSAL_NAMES: dict[str, tuple[str, str]] = {
    "bad_turn": ("発言の形の誤り", "malformed turn"),
    "unknown_role": ("未知の役割", "unknown role"),
    "bad_role_order": ("発言の順の誤り", "wrong order of turns"),
    "no_assistant_turn": ("応答なし", "no answer"),
    "empty_turn": ("空の発言", "empty turn"),
    "bad_mark": ("学習の指定の誤り", "invalid training mark"),
    "not_text_content": ("文字以外の内容", "not only text"),
    "bad_tool_calls": ("tool_calls の誤り", "invalid tool_calls"),
    "bad_tools": ("tools の誤り", "invalid tools"),
    "bad_history": ("history の誤り", "invalid history"),
    "bad_answer": ("応答を取り出せない", "no answer found"),
    "different_prompts": ("前半の会話が不一致", "different prompts"),
    "prompt_contradicted": ("質問の列と会話が不一致", "contradicts its prompt column"),
    "chosen_equals_rejected": ("良い応答と悪い応答が同じ", "good and bad answers are the same"),
}
"""The same in a few words, as the pages count them (`messages/*/dataset.json`)."""
