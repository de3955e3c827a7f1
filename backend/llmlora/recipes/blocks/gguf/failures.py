"""What a converter's last words mean: known failures by their own code, each with what to do."""

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path

from llmlora.recipes.blocks.gguf.errors import (
    ConversionFailedError,
    GgufNeedsPackageError,
    GgufTokenizerFileMissingError,
    GgufUnknownArchitectureError,
    GgufUnknownPreTokenizerError,
    GgufUnknownTensorError,
)

LONGEST_REASON = 300
_BARE_ERROR = re.compile(r"[\w.]+(Error|Exception):?")
_CHECKSUM = re.compile(r"chkhsh:\s+([0-9a-f]{12})")


def told_by(output: str, status: int, *, script: str, log: Path) -> Exception:
    """The error that a converter's `output` and exit `status` tell of.

    `status` is negative for a signal. A full disk and missing memory stay the errors of Python that they were.
    """
    if "No space left on device" in output:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(log.parent))
    if "MemoryError" in output or "not enough memory" in output:
        return MemoryError()
    for pattern, error_of in _KNOWN:
        if found := pattern.search(output):
            return error_of(found, output)
    reason = f"signal {-status}" if status < 0 else _last_words(output) or f"exit status {status}"
    return ConversionFailedError(script=script, reason=reason, log=log)


def _architecture(found: re.Match[str], _output: str) -> Exception:
    return GgufUnknownArchitectureError(architecture=found[1])


def _pre_tokenizer(_found: re.Match[str], output: str) -> Exception:
    checksum = _CHECKSUM.search(output)
    return GgufUnknownPreTokenizerError(fingerprint=checksum[1] if checksum else "?")


def _tensor(found: re.Match[str], _output: str) -> Exception:
    return GgufUnknownTensorError(tensor=found[1])


def _file(found: re.Match[str], _output: str) -> Exception:
    return GgufTokenizerFileMissingError(file=found[1])


def _package(found: re.Match[str], _output: str) -> Exception:
    return GgufNeedsPackageError(package=found[1])


_KNOWN: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], Exception]], ...] = (
    (re.compile(r"^(?:ERROR:[^:\n]*:)?Model (\S+) is not supported", re.MULTILINE), _architecture),
    (re.compile(r"Architecture '([^']+)' not supported"), _architecture),
    (re.compile(r"BPE pre-tokenizer was not recognized"), _pre_tokenizer),
    (re.compile(r"Can ?not map tensor '([^']+)'"), _tensor),
    (re.compile(r"Unexpected name '([^']+)': Not a lora_A or lora_B tensor"), _tensor),
    (re.compile(r"^(?:ValueError: )(lm_head) is present in adapter, but is ignored", re.MULTILINE), _tensor),
    (
        re.compile(
            r"FileNotFoundError: (?:PLaMo tokenizer file|File) not found: (?:.*/)?([^/\n]+)$", re.MULTILINE
        ),
        _file,
    ),
    (re.compile(r"ModuleNotFoundError: .* needs the package (\w+)"), _package),
    (re.compile(r"ModuleNotFoundError: No module named '(\w+)'"), _package),
)


def _last_words(output: str) -> str:
    """The last line; with the line of code above it where it names a kind of error and nothing more."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if len(lines) > 1 and _BARE_ERROR.fullmatch(lines[-1]):
        code = next((line for line in reversed(lines[:-1]) if set(line) - set("^~ ")), "")
        return f"{lines[-1].rstrip(':')}: {code}"[:LONGEST_REASON]
    return lines[-1][:LONGEST_REASON] if lines else ""
