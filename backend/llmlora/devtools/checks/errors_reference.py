"""docs/{ja,en}/reference/errors.md: every code with its words, and the page that treats it."""

import re
from collections.abc import Iterator

from llmlora.devtools.checks.blanks import readable
from llmlora.devtools.checks.error_leaves import ErrorEntry, error_entries
from llmlora.devtools.checks.fault_pages import fault_pages

_HEAD = {
    "ja": (
        """# エラーコード""",
        """エラーには、文のほかに、変わらないコードがあります。端末では ✗ の後に、API では応答の `code` に、失敗したジョブではジョブの
ページとイベントに出ます。このページにはすべてのコードと、その文があります。文の中の ⟨ ⟩ には、そのときの値が入ります。""",
        """コマンドの終了コードは、0 が成功、130 が中断、そのほかは下の見出しのとおりです。API は、エラーを RFC 9457 の形
（`application/problem+json`）で返し、その `type` がこのマニュアルのページを指します。プログラムでは、文ではなくコードで判断してください。""",
        """<!-- ./llmlora check --write が作るページなので、直接は編集しません -->""",
    ),
    "en": (
        """# Error codes""",
        """Beside its sentence, every error has a code that does not change. A terminal shows it after ✗, an answer of the API has it as `code`,
and a failed job shows it on its page and in its events. This page lists every code with its words. What stands in ⟨ ⟩ is
filled in when the error occurs.""",
        """A command ends with 0 when it succeeds, with 130 when it was interrupted, and otherwise as the headings below say. The API answers
with problems of RFC 9457 (`application/problem+json`), whose `type` is the address of a page of this manual. Programs should look at the
code, not at the sentence.""",
        """<!-- Drawn from the code by ./llmlora check --write. Do not edit. -->""",
    ),
}
# In the order in which they are shown: which errors, and what they are called.
_GROUPS: tuple[tuple[str, str, str], ...] = (
    ("2", "入力を直す（終了コード 2）", "The input has to change (exit code 2)"),
    ("3", "見つからない（終了コード 3）", "Not found (exit code 3)"),
    ("4", "今の状態ではできない（終了コード 4）", "Not possible in this state (exit code 4)"),
    ("5", "サービスやマシンの問題（終了コード 5）", "Services and the machine (exit code 5)"),
    ("jobs", "失敗したジョブと検査（終了コード 6、7）", "Failed jobs and checks (exit codes 6 and 7)"),
    ("1", "そのほか（終了コード 1）", "Others (exit code 1)"),
    ("developers", "開発用のコマンド", "Commands for developers"),
)
_OF_JOBS = (None, 6, 7)


def errors_reference(language: str) -> str:
    """The page in one language. Each code is a heading of its own, and so an anchor."""
    treated = {
        code: (page.slug, page.title) for page in fault_pages(language) for code in page.listed("codes")
    }
    entries = error_entries()
    text = "\n\n".join(_HEAD[language]) + "\n"
    for group, ja, en in _GROUPS:
        text += f"\n## {ja if language == 'ja' else en}\n"
        for one in entries:
            if _group_of(one) == group:
                text += "".join(_section(one, language, treated.get(one.code)))
    return text


def _group_of(one: ErrorEntry) -> str:
    if one.is_of_developers:
        return "developers"
    return "jobs" if one.exit_code in _OF_JOBS else str(one.exit_code)


def _section(one: ErrorEntry, language: str, page: tuple[str, str] | None) -> Iterator[str]:
    yield f"\n### `{one.code}`\n\n"
    for ja, en in one.words:
        yield f"> {_shown(ja if language == 'ja' else en, language)}\n\n"
    facts = [_where(one, language)]
    if page:
        facts.append(
            f"{'対処法' if language == 'ja' else 'How to fix'}: [{page[1]}](../troubleshooting/{page[0]}.md)"
        )
    yield " · ".join(facts) + "\n"


def _where(one: ErrorEntry, language: str) -> str:
    if one.status is None:
        return "失敗したジョブ" if language == "ja" else "Failed jobs"
    exit_words = "終了コード" if language == "ja" else "exit code"
    return f"HTTP {one.status} · {exit_words} {one.exit_code}"


def _shown(template: str, language: str) -> str:
    """A template as one reads it: names for its blanks, and nothing in it that Markdown would take for a mark."""
    if not re.sub(r"\{\w+\}", "", template).strip():
        return "起きたことに応じた文です。" if language == "ja" else "The words depend on what happened."
    parts = re.split(r"(\{\{|\}\}|\{\w+[^{}]*\})", template)
    return "".join(_part(one, language) for one in parts)


def _part(part: str, language: str) -> str:
    if part in ("{{", "}}"):
        return part[0]
    if part.startswith("{"):
        return f"⟨{readable(part, language)}⟩"
    return re.sub(r"([*_<\\`|])", r"\\\1", part)
