"""The gates that a served model passes, and what a sentence calls them: Japanese, English."""

GATE_WORDS: dict[str, tuple[str, str]] = {
    "parity": ("一致", "Parity"),
    "stop": ("停止", "Stop"),
    "identity": ("同一", "Identity"),
}
