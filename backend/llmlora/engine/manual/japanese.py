"""A line that ends between two Japanese letters is no space: browsers would draw one there (a Markdown extension)."""

import re

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor

_WIDE = "\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
# Tags may stand between, such as the end of a link; code is not touched: its lines end in letters of commands or hold spans.
_BROKEN = re.compile(
    rf"([{_WIDE}](?:</(?:a|em|strong|code)>)?)\n[ ]*((?:<(?:a|em|strong)\b[^>]*>)?[{_WIDE}])"
)
_ENDED = re.compile(r"([。、」）])\n[ ]*(?=[^\s<])")
_CODE = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)


class _Joined(Postprocessor):
    def run(self, text: str) -> str:
        parts = _CODE.split(text)
        return "".join(
            one if at % 2 else _ENDED.sub(r"\1", _BROKEN.sub(r"\1\2", one)) for at, one in enumerate(parts)
        )


class JapaneseLines(Extension):
    """Joins the lines of Japanese paragraphs."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name that Python-Markdown calls
        """Register the step, behind all that make HTML."""
        md.postprocessors.register(_Joined(md), "japanese-lines", 1)


def makeExtension(**_: object) -> JapaneseLines:  # noqa: N802 - the name that Python-Markdown calls
    """What Python-Markdown asks a module for."""
    return JapaneseLines()
