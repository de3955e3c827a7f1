"""What llama.cpp's scripts do otherwise here than by themselves. Runs in their process, before they begin."""

import importlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmlora.recipes.blocks.gguf.reader import GgufReader

_OUTLINE, _VOCABULARY = "--outline", "--vocabulary="
_OWN = "tokenizer."
_MODEL, _TOKENS, _END, _TEMPLATE, _SPACES = (
    f"{_OWN}{key}"
    for key in ("ggml.model", "ggml.tokens", "ggml.eos_token_id", "chat_template", "ggml.add_space_prefix")
)
_FLAGS = {"add_bos_token": f"{_OWN}ggml.add_bos_token", "add_eos_token": f"{_OWN}ggml.add_eos_token"}


@dataclass(frozen=True)
class Ways:
    """How a script is run.

    `outline`: all is done and written but the numbers, which take the time. The file has its whole length, with a hole
    where they would be. `vocabulary`: a GGUF whose vocabulary is written again as it stands; what the model's directory
    says of its end of turn, its template and its start counts.
    """

    outline: bool = False
    vocabulary: Path | None = None

    def options(self) -> list[str]:
        """As arguments of a program."""
        return [_OUTLINE] * self.outline + ([f"{_VOCABULARY}{self.vocabulary}"] if self.vocabulary else [])

    @classmethod
    def of(cls, arguments: list[str]) -> tuple["Ways", list[str]]:
        """What stands in front of a program's arguments, and the rest of them."""
        outline, vocabulary, rest = False, None, list(arguments)
        while rest[:1] == [_OUTLINE] or (rest[:1] and rest[0].startswith(_VOCABULARY)):
            option = rest.pop(0)
            outline = outline or option == _OUTLINE
            vocabulary = vocabulary if option == _OUTLINE else Path(option.removeprefix(_VOCABULARY))
        return cls(outline, vocabulary), rest


def prepare(scripts: Path, ways: Ways) -> None:
    """Make the scripts in the directory `scripts` run in these ways."""
    use_own_gguf(scripts)
    if ways.outline:
        _leave_numbers_out()
    _settle_vocabulary(ways.vocabulary)


def use_own_gguf(scripts: Path) -> None:
    """Let the scripts in the directory `scripts` import the `gguf` that was released with them.

    PyPI's may be older under the same version: a third of the converters then fails as it is imported. It may be loaded
    already, in a fork or by transformers.
    """
    for name in [name for name in sys.modules if name.partition(".")[0] == "gguf"]:
        del sys.modules[name]
    sys.path[:0] = [str(scripts), str(scripts / "gguf-py")]


def _leave_numbers_out() -> None:
    """Let the scripts' GGUF writer describe every tensor, and leave a hole in the file for their numbers."""
    writer = importlib.import_module("gguf").GGUFWriter

    def write_outline(self: Any, *, progress: bool = False) -> None:
        del progress
        self.write_ti_data_to_file()
        for stream, tensors in zip(self.fout, self.tensors, strict=True):
            self.write_padding(stream, stream.tell())
            numbers = sum(self.ggml_pad(one.nbytes, self.data_alignment) for one in tensors.values())
            stream.truncate(stream.tell() + numbers)

    writer.write_tensors_to_file = write_outline


def _settle_vocabulary(source: Path | None) -> None:
    """Let every converter of a text model take its vocabulary from `source`, if given, and say how spaces are put.

    Without a file to take it from, a converter guesses a byte-level vocabulary by how it splits one text, and takes a
    SentencePiece vocabulary without its own file for a byte-level one: neither finds what a GGUF has become.
    """
    model = importlib.import_module("conversion.base").TextModel
    prepare_metadata = model.prepare_metadata

    def prepare_with_vocabulary(self: Any, vocab_only: bool) -> None:
        if source is not None:
            self.set_vocab = lambda: _copy_vocabulary(self, source)
        prepare_metadata(self, vocab_only)
        _say_spaces(self)

    model.prepare_metadata = prepare_with_vocabulary


def _copy_vocabulary(model: Any, source: Path) -> None:
    gguf = importlib.import_module("gguf")
    reader, writer, directory = GgufReader(source), model.gguf_writer, model.dir_model
    for name, field in reader.fields.items():
        if name.startswith(_OWN) and not name.startswith(_TEMPLATE):
            kinds = [gguf.GGUFValueType(int(kind)) for kind in field.types]
            writer.add_key_value(name, field.contents(), *kinds[:2])
    said = _said(directory)
    for key, name in _FLAGS.items():
        if isinstance(said.get(key), bool):
            writer.add_key_value(name, said[key], gguf.GGUFValueType.BOOL)
    end = said.get("eos_token")
    text = end.get("content") if isinstance(end, dict) else end
    tokens = reader.get_field(_TOKENS).contents()
    if text in tokens:
        writer.add_key_value(_END, tokens.index(text), gguf.GGUFValueType.UINT32)
    template = gguf.SpecialVocab(directory, n_vocab=len(tokens)).chat_template
    writer.add_chat_template(template)


def _say_spaces(model: Any) -> None:
    """Not every converter of a SentencePiece vocabulary hands on what `add_prefix_space` says."""
    puts = _said(model.dir_model).get("add_prefix_space")
    known = model.gguf_writer.kv_data[0].get(_MODEL)
    if isinstance(puts, bool) and known is not None and known.value == "llama":
        bool_type = importlib.import_module("gguf").GGUFValueType.BOOL
        model.gguf_writer.add_key_value(_SPACES, puts, bool_type)


def _said(directory: Path) -> dict[str, Any]:
    path = directory / "tokenizer_config.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}
