"""Where base models come from: a GGUF, a path. What is made is published whole or not at all."""

import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from llmlora.contracts.events import Progress
from llmlora.contracts.run import Context
from llmlora.kit.files import published_directory, sha256_of_file
from llmlora.recipes.blocks.base_model import refuse_unsupported
from llmlora.recipes.blocks.base_model_errors import BaseModelPathMissingError
from llmlora.recipes.blocks.base_reference import Reference
from llmlora.recipes.blocks.gguf import source as gguf_source
from llmlora.recipes.blocks.gguf.vocabulary import ORIGIN_FILE
from llmlora.recipes.blocks.model_files import (
    ModelFiles,
    file_facts,
    inspect_directory,
    tree_digest,
    weights_digest,
)
from llmlora.recipes.import_base_model.progress import byte_counter, stop_if_cancelled

CARD_BYTES = 65_536
# Part of a converted model's identity: raise it when the conversion changes, so that no old cache is taken for new.
CONVERSION_VERSION = 2


class OriginFile(BaseModel):
    """`origin.json` of a published directory: what the files alone do not say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reference: str
    licence: str | None
    gguf: str | None
    gguf_sha256: str | None
    weights_digest: str
    papers_digest: str | None = None
    """Of the other files; None for directories from before it was kept."""


@dataclass(frozen=True)
class Origin:
    """A canonical directory and where it came from. `published` is None for a directory used in place."""

    reference: Reference
    directory: Path
    identity: str | None
    licence: str | None = None
    published: OriginFile | None = None


@dataclass(frozen=True)
class Made:
    """What a builder put into a directory."""

    licence: str | None
    gguf: str | None = None
    gguf_sha256: str | None = None


def model_id(identity: str) -> str:
    """The id of a reference to a set of files: importing it again finds what is there."""
    return f"model_{hashlib.sha256(identity.encode()).hexdigest()[:20]}"


def from_path(reference: Reference, models: Path, ctx: Context) -> Origin:
    """A safetensors directory in place, or a GGUF converted.

    Raises:
        BaseModelPathMissingError: nothing is there.
    """
    path = Path(reference.name)
    if path.is_file():
        return from_gguf(reference, path, models, ctx, link=False)
    if not path.is_dir():
        raise BaseModelPathMissingError(path=path)
    return Origin(reference, path, identity=None, licence=_licence_on_card(path / "README.md"))


def publish(
    reference: Reference, identity: str, models: Path, ctx: Context, make: Callable[[Path], Made]
) -> Origin:
    """Make a model's directory, check it, and let it appear; an earlier one with its weights intact is kept.

    Raises:
        AppError: what `make` or the checks refuse; nothing is left.
    """
    target = models / model_id(identity)
    origin = _read_intact(target, ctx)
    if origin is None:
        shutil.rmtree(target, ignore_errors=True)
        with published_directory(target) as temporary:
            made = make(temporary)
            files = inspect_directory(temporary)
            refuse_unsupported(files)
            digest = weights_digest(files.tensors, byte_counter(ctx, "hash", files.weights_bytes))
            origin = OriginFile(
                reference=str(reference),
                licence=made.licence,
                gguf=made.gguf,
                gguf_sha256=made.gguf_sha256,
                weights_digest=digest,
                papers_digest=_papers_digest(files),
            )
            (temporary / ORIGIN_FILE).write_text(origin.model_dump_json(indent=2))
            stop_if_cancelled(ctx)
    return Origin(reference, target, identity, origin.licence, origin)


def _read_intact(target: Path, ctx: Context) -> OriginFile | None:
    """What an earlier import published, unless a file was lost or changed since."""
    if not (target / ORIGIN_FILE).is_file():
        return None
    origin = OriginFile.model_validate_json((target / ORIGIN_FILE).read_bytes())
    files = inspect_directory(target)
    kept = None if origin.gguf is None else target / origin.gguf
    if kept is not None and not kept.is_file():
        return None
    on_bytes = byte_counter(ctx, "check", files.weights_bytes + (kept.stat().st_size if kept else 0))
    digest = weights_digest(files.tensors, on_bytes)
    if digest != origin.weights_digest or origin.papers_digest not in (None, _papers_digest(files)):
        return None
    if kept is not None and sha256_of_file(kept, on_bytes) != origin.gguf_sha256:
        return None
    return origin


def _papers_digest(files: ModelFiles) -> str:
    """Over configuration, vocabulary and templates: what was corrected by hand is not what was published."""
    names = tuple(name for name in files.used if not name.endswith(".safetensors") and name != ORIGIN_FILE)
    return tree_digest(file_facts(files.root, names))


def _licence_on_card(card: Path) -> str | None:
    """`license:` in the front matter of a model card, if there is one."""
    if not card.is_file():
        return None
    head = card.read_bytes()[:CARD_BYTES].decode("utf-8", "replace")
    front = head.removeprefix("---").partition("\n---")[0] if head.startswith("---") else ""
    found = re.search(r"^license:[ \t]*[\"']?([\w.+-]+)", front, re.MULTILINE)
    return found.group(1) if found else None


def from_gguf(
    reference: Reference,
    gguf: Path,
    models: Path,
    ctx: Context,
    *,
    link: bool,
    name: str | None = None,
    sha256: str | None = None,
) -> Origin:
    """A GGUF converted, with the file itself beside it as `name`; `link`: by a link where that can be.

    `sha256`: of the file, where it was just found.

    Raises:
        AppError: a leaf of `base_model_errors`.
    """
    kept = name or gguf.name
    digest = sha256 or sha256_of_file(gguf, byte_counter(ctx, "hash", gguf.stat().st_size))

    def make(temporary: Path) -> Made:
        return convert_gguf(gguf, temporary, kept, digest, ctx, link=link)

    return publish(reference, gguf_identity(reference, digest), models, ctx, make)


def gguf_identity(reference: Reference, sha256: str) -> str:
    """What a converted GGUF is called by: itself, and how it was converted."""
    return f"{reference}\0{sha256}\0{CONVERSION_VERSION}"


def convert_gguf(gguf: Path, temporary: Path, kept: str, sha256: str, ctx: Context, *, link: bool) -> Made:
    """Put a GGUF into a model's directory, converted, and itself beside it as `kept`."""
    size = gguf.stat().st_size
    ctx.emit(Progress(stage="convert", done=0, total=2 * size, unit="bytes"))
    # Read once to find the narrowest number format, and once to write it.
    licence = gguf_source.convert(gguf, temporary, byte_counter(ctx, "convert", 2 * size))
    gguf_source.keep_original(gguf, temporary / kept, link=link)
    stop_if_cancelled(ctx)
    ctx.emit(Progress(stage="convert", done=2 * size, total=2 * size, unit="bytes"))
    return Made(licence, kept, sha256)
