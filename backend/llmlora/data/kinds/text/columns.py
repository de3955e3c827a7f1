"""The names that columns of texts go by."""

SYNONYMS: dict[str, tuple[str, ...]] = {
    "instruction": (
        "instruction", "instructions", "question", "query", "q", "指示", "質問", "質問文", "問い", "問題", "問", "命令",
        "user", "human", "prompt", "プロンプト", "input", "入力",
    ),
    "input": ("input", "context", "入力", "補足", "文脈", "コンテキスト"),
    "output": (
        "output", "response", "answer", "answers", "a", "回答", "回答文", "応答", "答え", "答", "解答", "返答", "出力",
        "assistant", "reply", "completion", "target",
    ),
    "system": ("system", "system_prompt", "システム", "システムプロンプト"),
    "history": ("history", "履歴"),
    "messages": (
        "messages", "conversations", "conversation", "dialogue", "dialog", "dialogues", "dialogs", "turns", "chat",
        "chats", "会話", "対話", "発言", "やりとり", "メッセージ",
    ),
    "tools": ("tools", "functions", "ツール"),
    "text": ("text", "content", "body", "本文", "テキスト", "文章"),
    "prompt": ("prompt", "プロンプト"),
    "completion": ("completion", "続き", "補完"),
    "chosen": ("chosen", "preferred", "選択", "良い回答"),
    "rejected": ("rejected", "dispreferred", "却下", "悪い回答"),
}  # fmt: skip
PREFERENCE_PROMPTS = (*SYNONYMS["prompt"], *SYNONYMS["messages"], *SYNONYMS["instruction"])
CONVERSATIONS = frozenset(SYNONYMS["messages"])
SURE_CONVERSATIONS = SYNONYMS["messages"][:2]
"""These hold turns by their name; the others only where turns are inside."""
LISTS = frozenset(
    name
    for field in ("messages", "tools", "history", "prompt", "completion", "chosen", "rejected")
    for name in SYNONYMS[field]
)
"""Lists under these names are a cell of a row, not the rows of a file."""
KNOWN = frozenset(name for names in SYNONYMS.values() for name in names)
