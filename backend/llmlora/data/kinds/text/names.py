"""What the kinds of texts are called in tables, addresses and settings."""

INSTRUCTION = "text.instruction"
CHAT = "text.chat"
COMPLETION = "text.completion"
PREFERENCE = "text.preference"
