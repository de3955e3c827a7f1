"""What one registration is made of: which files, in which form, under which seal."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from llmlora.contracts.deployment import planned_route
from llmlora.contracts.run import BaseModelInput, Context, EndpointInput
from llmlora.inference.ollama.names import staging_name
from llmlora.inference.ollama.server import OllamaServer
from llmlora.recipes.blocks.gguf.reader import GgufReader
from llmlora.recipes.blocks.inputs import served_base
from llmlora.recipes.deploy_ollama.blobs import checked_digest
from llmlora.recipes.deploy_ollama.errors import RegistrationInputMissingError
from llmlora.recipes.deploy_ollama.seal import Seal, seal_of
from llmlora.recipes.deploy_ollama.spec import DeployOllamaConfig


@dataclass(frozen=True)
class GgufFile:
    """A file and its sha256."""

    path: Path
    sha256: str


@dataclass(frozen=True)
class Work:
    """One run: what is registered where.

    `adapter` None: `model` is base and adapter in one; `model` None: it is still to be merged here. `shared_tag`: a tag whose weights are `model`, which need not be
    sent. `quantize` None: the files are served as they are. `scratch`: a directory that goes with the run.
    """

    config: DeployOllamaConfig
    ctx: Context
    base: BaseModelInput
    adapter_dir: Path
    server: OllamaServer
    endpoint: EndpointInput
    seal: Seal
    model: GgufFile | None
    adapter: GgufFile | None
    shared_tag: str | None
    quantize: str | None
    scratch: Path

    @property
    def staged(self) -> str:
        """The name under which it is judged. The one that was asked for means what it meant until every gate is green."""
        return staging_name(self.ctx.spec.job_id)

    @property
    def merged(self) -> bool:
        """Whether one model of base and adapter is registered."""
        return self.adapter is None

    @property
    def may_merge(self) -> bool:
        """Whether the other form may be registered where the server does not serve this one."""
        return self.config.route == "auto" and not self.merged

    @property
    def files(self) -> dict[Path, str]:
        """What the server has to hold, with the sha256."""
        sent = None if self.shared_tag else self.model
        model = {sent.path: sent.sha256} if sent else {}
        return model | ({self.adapter.path: self.adapter.sha256} if self.adapter else {})


def gather(config: DeployOllamaConfig, ctx: Context, scratch: Path) -> Work:
    """Look at the inputs, and choose the form as far as that can be known before the server is asked.

    Raises:
        RunInputNotGivenError: base, adapter, GGUF or endpoint is missing.
        RegistrationInputMissingError: the base has no GGUF.
        FileChangedError: a GGUF is not what its job announced.
    """
    inputs = ctx.spec.inputs
    base, adapter, made = served_base(inputs), inputs.file("adapter"), inputs.file("adapter_gguf")
    endpoint = inputs.endpoint()
    exported = GgufFile(made.path, checked_digest(made.path, made.sha256))
    route = _route(config, base, is_model=_is_model(exported.path))
    model, beside = (exported if _is_model(exported.path) else None), None
    if route == "adapter":
        if base.gguf is None:
            raise RegistrationInputMissingError(missing="base_gguf")
        announced = inputs.file("base_gguf").sha256 if "base_gguf" in inputs else None
        model, beside = GgufFile(base.gguf, checked_digest(base.gguf, announced)), exported
    return Work(
        config=config,
        ctx=ctx,
        base=base,
        adapter_dir=adapter.path,
        server=OllamaServer(endpoint.base_url),
        endpoint=endpoint.model_copy(update={"model": staging_name(ctx.spec.job_id)}),
        seal=seal_of(
            config,
            base,
            adapter.path,
            route=route,
            adapter_sha256=adapter.sha256,
            gguf_sha256=exported.sha256,
            base_gguf_sha256=model.sha256 if model and beside else None,
        ),
        model=model,
        adapter=beside,
        shared_tag=None,
        quantize=None if config.quantize == "none" else config.quantize,
        scratch=scratch,
    )


def _route(
    config: DeployOllamaConfig, base: BaseModelInput, *, is_model: bool
) -> Literal["adapter", "merged"]:
    """The form that is tried first. `is_model`: a merged model was exported, and not an adapter."""
    planned = planned_route(config.route, config.quantize)
    if planned == "auto":
        return "merged" if is_model or base.gguf is None else "adapter"
    return planned


def _is_model(path: Path) -> bool:
    try:
        kind = GgufReader(path).get_field("general.type")
    except (ValueError, OSError, IndexError, KeyError):  # the server says what is wrong with it
        return False
    return kind is None or kind.contents() == "model"
