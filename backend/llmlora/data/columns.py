"""How names of columns are compared, the same for whoever cuts a document into rows and whoever tells what a row is."""

import unicodedata

LONGEST_NAME = 80


def folded(name: str) -> str:
    """A column's name as it is compared: width, case, blanks and hyphens do not matter."""
    text = unicodedata.normalize("NFKC", name[:LONGEST_NAME]).strip().casefold()
    return text.replace(" ", "_").replace("-", "_")
