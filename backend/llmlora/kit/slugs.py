"""Words as a part of a name that programs write."""

import re
import unicodedata


def slug(words: str, *, longest: int, nameless: str, dots: bool = False, any_script: bool = False) -> str:
    """Lower case ASCII letters and digits with hyphens (and `dots`) between them; `nameless` where nothing is left.

    `any_script`: letters of every script stay.
    """
    if any_script:
        kept = unicodedata.normalize("NFKC", words).lower()
        between = r"[^\w.]+|_+" if dots else r"[\W_]+"
        return re.sub(between, "-", kept)[:longest].strip("-.") or nameless
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    other = r"[^a-z0-9.]+" if dots else r"[^a-z0-9]+"
    return re.sub(other, "-", plain)[:longest].strip("-.") or nameless
