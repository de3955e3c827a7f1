"""`POST /api/pull`: copies a model from the registry, a second store on disk, piece by piece.

What has arrived of a blob stays as `sha256-<hex>-partial`; the next pull goes on from there.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.with_ollama.standin.faults import Faults
from tests.with_ollama.standin.lines import Line
from tests.with_ollama.standin.names import ModelName
from tests.with_ollama.standin.store import Layer, Store, digest_of

ROUTE = "/api/pull"
PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class Puller:
    """The way from a registry to a store; `delay_s` is slept after each piece of `piece_bytes`."""

    store: Store
    registry: Store
    faults: Faults
    piece_bytes: int = PIECE_BYTES
    delay_s: float = 0.0

    def pull(self, name: ModelName) -> Iterator[Line]:
        """The lines of a pull; leaving the iterator stops it."""
        yield {"status": "pulling manifest"}
        manifest = self.registry.read(name)
        if manifest is None:
            yield {"error": "pull model manifest: file does not exist"}
            return
        blobs = [*manifest.layers, manifest.config]
        full = self.faults.take("disk_full", ROUTE)
        for layer in blobs:
            yield from self._fetch(layer)
            if full:
                yield {"error": f"write {self._partial(layer)}: no space left on device"}
                return
        yield {"status": "verifying sha256 digest"}
        for layer in blobs:
            if wrong := self._misfit(layer):
                yield {"error": wrong}
                return
        yield {"status": "writing manifest"}
        self.store.write(name, manifest)
        yield {"status": "success"}

    def _fetch(self, layer: Layer) -> Iterator[Line]:
        """Zero counts are left out of a line, as Go's encoder leaves them out."""
        line = {"status": f"pulling {layer.digest[7:19]}", "digest": layer.digest, "total": layer.size}
        target, partial = self.store.blob(layer.digest), self._partial(layer)
        if target.exists():
            yield {**line, "completed": layer.size}
            return
        completed = partial.stat().st_size if partial.exists() else 0
        yield {**line, **({"completed": completed} if completed else {})}
        # By position: where a pull that was left writes its last piece, this one writes the same bytes.
        partial.touch()
        with self.registry.blob(layer.digest).open("rb") as source, partial.open("r+b") as sink:
            source.seek(completed)
            sink.seek(completed)
            while piece := source.read(self.piece_bytes):
                completed += sink.write(piece)
                sink.flush()
                time.sleep(self.delay_s)
                yield {**line, "completed": completed}
        partial.replace(target)

    def _misfit(self, layer: Layer) -> str:
        """What is wrong with a blob that arrived; it is thrown away then."""
        path = self.store.blob(layer.digest)
        got = digest_of(path)
        if got == layer.digest:
            return ""
        path.unlink()
        return f"digest mismatch, file must be downloaded again: want {layer.digest}, got {got}"

    def _partial(self, layer: Layer) -> Path:
        target = self.store.blob(layer.digest)
        return target.with_name(f"{target.name}-partial")
