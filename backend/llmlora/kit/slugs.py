"""Words as a part of a name that programs write."""

import re
import unicodedata


def slug(words: str, *, longest: int, nameless: str, dots: bool = False) -> str:
    """Lower case ASCII letters and digits with hyphens (and `dots`) between them; `nameless` where nothing is left."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    other = r"[^a-z0-9.]+" if dots else r"[^a-z0-9]+"
    return re.sub(other, "-", plain)[:longest].strip("-.") or nameless
