"""`POST /api/create`: a model out of uploaded files or of another model.

Yields the lines of the answer. An error is a line, too, and the last one; `status` in it is the HTTP status it gets where
no line went before it.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from llmlora.recipes.blocks.gguf.quantise import FORMATS, quantise

from tests.with_ollama.standin.character import PUBLISHER, Character
from tests.with_ollama.standin.faults import Faults
from tests.with_ollama.standin.gguf_file import GgufError, GgufFacts, read_facts
from tests.with_ollama.standin.gotree import TemplateError
from tests.with_ollama.standin.lines import Line
from tests.with_ollama.standin.names import InvalidNameError, ModelName
from tests.with_ollama.standin.prompt import ALPACA, guess_template, parse_template
from tests.with_ollama.standin.pull import Puller
from tests.with_ollama.standin.store import DigestError, Kind, Layer, Manifest, Store

ROUTE = "/api/create"
SOURCES = ("F32", "F16", "BF16")
TYPES = "F32, F16, Q4_K_S, Q4_K_M, Q8_0"
# What was rewritten into what: the same file is rewritten to the same bytes.
_rewritten: dict[tuple[Path, str], str] = {}


class CreateError(Exception):
    """Why no model was made."""

    def __init__(self, message: str, status: int = 500) -> None:
        super().__init__(message)
        self.line: Line = {"error": message, "status": status}


def create(
    store: Store, puller: Puller, faults: Faults, request: Mapping[str, Any], character: Character
) -> Iterator[Line]:
    """Make the model that a request describes, as the server of that character does."""
    try:
        yield from _Creation(store, puller, faults, request, character).lines()
    except CreateError as error:
        yield error.line
    except FileNotFoundError as error:
        yield {"error": f"open {error.filename}: no such file or directory"}
    except (GgufError, DigestError) as error:
        yield {"error": str(error), "status": 400}
    except TemplateError as error:
        yield {"error": f"template error: {error}", "status": 400}


class _Creation:
    """One request, and the layers it has gathered so far."""

    def __init__(
        self,
        store: Store,
        puller: Puller,
        faults: Faults,
        request: Mapping[str, Any],
        character: Character,
    ) -> None:
        self.store, self.puller, self.faults, self.request = store, puller, faults, request
        self.character = character
        self.layers: list[Layer] = []
        self.parameters: dict[str, Any] = {}

    def lines(self) -> Iterator[Line]:
        request = self.request
        try:
            name = self.store.find(ModelName.parse(request.get("model") or request.get("name")))
        except InvalidNameError as error:
            raise CreateError(str(error), 400) from error
        self.refuse_what_is_not_done()
        if request.get("from"):
            yield from self.take_model(request["from"])
        elif request.get("files") is not None:
            yield from self.take_files(request["files"])
        else:
            raise CreateError("neither 'from' or 'files' was specified", 400)
        if request.get("adapters") is not None and self.character.adapters == "applies":
            yield from self.take_adapters(request["adapters"])
        if request.get("quantize"):
            yield from self.quantize(str(request["quantize"]).upper())
        if not request.get("from"):
            self.guess_template()
        if self.faults.take("disk_full", ROUTE):
            raise CreateError(f"write {self.store.aside()}: no space left on device")
        self.take_words()
        config = self.store.config(self.facts())
        for layer in self.layers:
            yield {"status": layer.status}
        yield {"status": "writing manifest"}
        self.store.write(name, Manifest(config, tuple(self.layers)))
        yield {"status": "success"}

    def refuse_what_is_not_done(self) -> None:
        if self.request.get("adapters") and self.character.adapters == "refuses":
            raise CreateError("LoRA adapters are no longer supported", 400)
        if self.request.get("quantize") and not self.character.quantises_ggufs:
            raise CreateError(
                "create-time quantization is only supported for safetensors imports; "
                "quantize GGUF models with llama.cpp tools before importing",
                400,
            )

    def take_model(self, text: object) -> Iterator[Line]:
        """All layers of a model that is here; one that is not is pulled first."""
        try:
            name = self.store.find(ModelName.parse(text))
        except InvalidNameError as error:
            raise CreateError(str(error), 400) from error
        if self.store.read(name) is None:
            for line in self.puller.pull(name):
                if "error" in line:
                    raise CreateError(str(line["error"]))
                yield line
        manifest = self.store.read(name)
        assert manifest is not None
        for layer in manifest.layers:
            if layer.kind == "params":
                self.parameters |= json.loads(self.store.text(layer))
            else:
                self.layers.append(replace(layer, origin=name.short))

    def take_files(self, files: Mapping[str, str]) -> Iterator[Line]:
        if not files:
            raise CreateError("no files provided to convert", 400)
        for name, digest in files.items():
            yield {"status": "parsing GGUF"}
            self.take_file(name, digest)
        yield {"status": "verifying conversion"}

    def take_adapters(self, adapters: Mapping[str, str]) -> Iterator[Line]:
        """Nothing is compared with the base: an adapter that does not fit fails when it is loaded."""
        if len(adapters) > 1:
            raise CreateError("only one adapter is currently supported", 400)
        yield from self.take_files(adapters)

    def take_file(self, name: str, digest: str) -> None:
        path = self.store.blob(digest)
        if name.endswith(".safetensors"):
            raise CreateError("the stand-in takes GGUF files only", 400)
        kind: Kind = "adapter" if read_facts(path).kind == "adapter" else "model"
        if kind == "model" and self.character.rewrites_uploads:
            self.layers.append(self.rewritten(path, digest))
        else:
            media_type = f"application/vnd.ollama.image.{kind}"
            status, origin = f"using existing layer {digest}", name if kind == "adapter" else ""
            self.layers.append(Layer(media_type, digest, path.stat().st_size, status, origin))

    def rewritten(self, path: Path, digest: str) -> Layer:
        """The same model in other bytes: some padding at the end. What was sent stays as an orphan."""
        known = _rewritten.get((self.store.root, digest))
        if known is not None and (there := self.store.blob(known)).exists():
            media_type = "application/vnd.ollama.image.model"
            return Layer(media_type, known, there.stat().st_size, f"using existing layer {known}")
        aside = self.store.aside()
        shutil.copyfile(path, aside)
        with aside.open("ab") as end:
            end.write(bytes(32))
        layer = self.store.layer_of_file("model", aside)
        _rewritten[self.store.root, digest] = layer.digest
        return layer

    def quantize(self, wanted: str) -> Iterator[Line]:
        at, layer = next((n, part) for n, part in enumerate(self.layers) if part.kind == "model")
        source = self.store.blob(layer.digest)
        given = read_facts(source).file_type
        found = next((name for name in FORMATS if name.upper() == wanted), None)
        if given not in SOURCES:
            raise CreateError("quantization is only supported for F16, BF16 and F32 models")
        if found is None:
            raise CreateError(f"unsupported quantization type {wanted} - supported types are {TYPES}")
        aside = self.store.aside()
        quantise(source, aside, found, threads=2, on_bytes=lambda _done, _total: None)
        yield {"status": "verifying conversion"}
        self.layers[at] = self.store.layer_of_file("model", aside)

    def guess_template(self) -> None:
        """The server's own template, and its stop strings, after the GGUF's Jinja template."""
        model = next((layer for layer in self.layers if layer.kind == "model"), None)
        if model is None:
            return
        known = guess_template(read_facts(self.store.blob(model.digest)).chat_template)
        if known is not None and self.faults.take("wrong_template", ROUTE):
            known = ALPACA
        if known is None:
            return
        layer = self.store.layer("template", known.source)
        status = f"using autodetected template {known.name}"
        self.layers.append(Layer(layer.media_type, layer.digest, layer.size, status))
        self.parameters["stop"] = list(known.stop)

    def take_words(self) -> None:
        """Template, system prompt, licence and parameters; a given parameter replaces an older one of its name."""
        request = self.request
        if template := request.get("template"):
            parse_template(template)
            self.put("template", template)
        if system := request.get("system"):
            self.put("system", system)
        licences = request.get("license") or []
        for text in [licences] if isinstance(licences, str) else licences:
            self.layers.append(self.store.layer("license", text))
        self.parameters |= request.get("parameters") or {}
        if self.faults.take("drop_stops", ROUTE):
            self.parameters.pop("stop", None)
        if self.parameters:
            self.layers.append(self.store.layer("params", json.dumps(self.parameters)))

    def put(self, kind: Kind, text: str) -> None:
        self.layers = [layer for layer in self.layers if layer.kind != kind]
        self.layers.append(self.store.layer(kind, text))

    def facts(self) -> dict[str, Any]:
        """The config blob. Of several GGUFs the first, the model, gives them."""
        gguf = [layer for layer in self.layers if layer.kind in ("model", "adapter")]
        return config_of(read_facts(self.store.blob(gguf[0].digest)), self.layers)


def config_of(facts: GgufFacts, layers: list[Layer]) -> dict[str, Any]:
    """A model's config blob."""
    return {
        "model_format": "gguf",
        "model_family": facts.architecture,
        "model_families": [facts.architecture],
        "model_type": human_count(facts.parameter_count),
        "file_type": facts.file_type,
        "architecture": "amd64",
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [layer.digest for layer in layers]},
    }


def human_count(count: int) -> str:
    """134515008 → "134.52M"."""
    for unit, size, digits in (("B", 1e9, 1), ("M", 1e6, 2), ("K", 1e3, 0)):
        if count >= size:
            return f"{count / size:.{digits}f}{unit}"
    return str(count)


def seed(store: Store, name: str, gguf: Path, request: Mapping[str, Any]) -> None:
    """Put a model into a store without a server: as `create` would, from a file that stays where it is.

    Raises:
        CreateError: `create` would refuse it.
    """
    aside = store.aside()
    shutil.copyfile(gguf, aside)
    layer = store.layer_of_file("model", aside)
    whole = {**request, "model": name, "files": {"model.gguf": layer.digest}}
    for line in create(store, Puller(store, store, Faults()), Faults(), whole, PUBLISHER):
        if "error" in line:
            raise CreateError(str(line["error"]))
