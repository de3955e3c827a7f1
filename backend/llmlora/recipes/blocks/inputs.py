"""Inputs that several recipes take, declared once. Free of torch."""

from llmlora.contracts.dataset import DatasetKind
from llmlora.contracts.events import PRODUCTS, ArtifactKind
from llmlora.contracts.recipe import Accepts
from llmlora.contracts.run import BaseModelInput, RunInputs
from llmlora.contracts.text import Text
from llmlora.recipes.blocks.tasks import ENCODE, GENERATE


def text_model() -> Accepts:
    """A language model; where none is named, that of the training that another input names, else the bundled one."""
    title = Text(ja="ベースモデル", en="Base model")
    return Accepts(title=title, base_model_tasks=frozenset({GENERATE}), required=False)


def text_encoder() -> Accepts:
    """An encoder of texts; where none is named, the bundled one."""
    title = Text(ja="ベースモデル", en="Base model")
    return Accepts(title=title, base_model_tasks=frozenset({ENCODE}), required=False)


def text_data(*kinds: DatasetKind) -> Accepts:
    """A data set of one of these kinds."""
    return Accepts(title=Text(ja="データ", en="Data"), dataset_kinds=frozenset(kinds))


def adapter(**only_where: frozenset[str]) -> Accepts:
    """The adapter of a training."""
    title = Text(ja="アダプター", en="Adapter")
    return Accepts(title=title, artifacts=frozenset({ArtifactKind.ADAPTER}), only_where=only_where)


def trained_model() -> Accepts:
    """A model that predicts, whole."""
    title = Text(ja="学習した予測モデル", en="Trained prediction model")
    return Accepts(title=title, artifacts=frozenset({ArtifactKind.MODEL}))


def trained() -> Accepts:
    """Whatever a training has left: an adapter, or a model that predicts."""
    return Accepts(title=Text(ja="学習したモデル", en="Trained model"), artifacts=PRODUCTS)


def onnx() -> Accepts:
    """A model that predicts, exported."""
    title = Text(ja="書き出した ONNX", en="Exported ONNX")
    return Accepts(title=title, artifacts=frozenset({ArtifactKind.ONNX}))


def gguf(ja: str, en: str, *, required: bool = True) -> Accepts:
    """A GGUF that an export made."""
    return Accepts(title=Text(ja=ja, en=en), artifacts=frozenset({ArtifactKind.GGUF}), required=required)


def server() -> Accepts:
    """A server that answers, or takes models."""
    return Accepts(title=Text(ja="推論サーバー", en="Inference server"), endpoint=True)


def served() -> dict[str, Accepts]:
    """What a recipe needs that deploys an adapter and asks it."""
    return {
        "base_model": text_model(),
        "adapter": adapter(),
        "adapter_gguf": gguf("変換したアダプターまたは結合したモデル", "Exported adapter or merged model"),
        "base_gguf": gguf("変換したベースモデル", "Exported base model", required=False),
        "endpoint": server(),
    }


def served_base(inputs: RunInputs) -> BaseModelInput:
    """The base that is served, with the GGUF that was exported for it where it has none of its own.

    Raises:
        RunInputNotGivenError: there is no base model.
    """
    base = inputs.base_model()
    if base.gguf is not None or "base_gguf" not in inputs:
        return base
    return base.model_copy(update={"gguf": inputs.file("base_gguf").path})
