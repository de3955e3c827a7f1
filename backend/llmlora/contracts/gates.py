"""The gates that a served model passes, and what a sentence calls them: Japanese, English."""

GATE_WORDS: dict[str, tuple[str, str]] = {
    "parity": ("学習したモデルと同じ答え", "Answers as trained"),
    "stop": ("正しく止まる", "Stops as trained"),
    "identity": ("送ったファイルと同じ", "Same files as sent"),
}
