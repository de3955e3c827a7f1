"""How many tokens a text has, from its characters, where no tokenizer is at hand.

Measured with SmolLM2's tokenizer (vocabulary 49,152): 3.5 ASCII characters a token (English prose 3.3–3.6, Python 3.4).
"""

ASCII_PER_TOKEN = 3.5


def tokens_of(text: str, per_other: float) -> int:
    """Tokens of a text. `per_other`: of a character beyond ASCII."""
    plain = len(text.encode("ascii", "ignore"))
    return round(plain / ASCII_PER_TOKEN + (len(text) - plain) * per_other)
