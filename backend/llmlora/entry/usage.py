"""What typer refuses (an option that is not there, a value that is none) in words of ours, in the language that is spoken."""

import re
import sys
from typing import Any

import typer

from llmlora.entry.help import name_of, usage_of
from llmlora.entry.language import localized

# typer's vendored parser words what it refuses in English alone, and gives no other sign of it.
_NO_COMMAND = re.compile(r"No such command '(?P<name>.*?)'(?:\.$|\. Did you mean (?P<close>.+)\?$)")
_EXTRA = re.compile(r"Got unexpected extra argument\(s\) \((?P<given>.*)\)$", re.DOTALL)
_CHOICE = re.compile(r"(?P<given>'.*'|\".*\") is not one of (?P<known>.+)\.$", re.DOTALL)


def report_usage(error: typer.TyperException) -> int:
    """Say on standard error what has to be written otherwise; returns the exit code. A group without a command shows its help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.message)
        return error.exit_code
    ctx: Any = getattr(error, "ctx", None)
    lines = [typer.style(f"✗ {told_by(error)}", fg="red")]
    if ctx is not None:
        see = f"{ctx.command_path} --help"
        lines.append(f"{localized('使い方', 'Usage')}: {usage_of(ctx.command, ctx)}")
        lines.append(localized(f"くわしくは: {see}", f"For details: {see}"))
    typer.echo("\n".join(lines), err=True)
    return error.exit_code


def told_by(error: Any) -> str:
    """The sentence of a refusal."""
    match type(error).__name__:
        case "NoSuchOption":
            near = ", ".join(sorted(error.possibilities or ()))
            ja = f"{error.option_name} というオプションはありません。" + (near and f"近い名前: {near}")
            en = f"There is no option {error.option_name}." + (near and f" Similar: {near}")
            return localized(ja, en)
        case "MissingParameter" if error.param is not None:
            return localized(
                f"{name_of(error.param)} を指定してください。", f"{name_of(error.param)} is required."
            )
        case "BadOptionUsage" if "requires" in error.message:
            return localized(f"{error.option_name} には値が必要です。", f"{error.option_name} needs a value.")
        case "BadOptionUsage":
            return localized(
                f"{error.option_name} に値は指定できません。", f"{error.option_name} does not take a value."
            )
        case "BadParameter" if error.param is not None:
            return _bad_value(error)
    return _by_message(error.message)


def _bad_value(error: Any) -> str:
    """What pydantic, or typer itself, finds wrong with a value."""
    from pydantic import ValidationError

    from llmlora.kit.validation import field_problems

    name = name_of(error.param)
    if isinstance(error.__cause__, ValidationError):
        problem = field_problems(error.__cause__.errors(include_url=False))[0]
        choice = _CHOICE.search(problem.en)
        if choice:
            given, known = choice["given"], choice["known"].replace("'", "").replace(" or ", ", ")
            return localized(
                f"{name} の {given} は使えません。{known} のいずれかにしてください。",
                f"{name} cannot be {given}. Choose one of {known}.",
            )
        return localized(f"{name}: {problem.ja}。", f"{name}: {problem.en}.")
    return localized(
        f"{name} の値が正しくありません（{error.message}）。", f"{name} is not valid: {error.message}"
    )


def _by_message(message: str) -> str:
    if found := _NO_COMMAND.search(message):
        near = (found["close"] or "").replace("'", "")
        ja = f"{found['name']} というコマンドはありません。" + (near and f"近い名前: {near}")
        return localized(ja, f"There is no command {found['name']}." + (near and f" Similar: {near}"))
    if found := _EXTRA.search(message):
        return localized(f"余分な引数があります: {found['given']}", f"Unexpected arguments: {found['given']}")
    if message.startswith("Missing command"):
        return localized("コマンドを指定してください。", "A command is required.")
    return message


def abandoned() -> int:
    """Say that a question was answered with no, or not at all; returns the exit code."""
    sys.stderr.write(localized("取りやめました。\n", "Nothing was changed.\n"))
    return 1
