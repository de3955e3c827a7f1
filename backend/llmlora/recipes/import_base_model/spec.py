"""Config of `import_base_model`."""

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import RecipeConfig, RecipeSpec, Stage, Step, setting
from llmlora.contracts.text import Text
from llmlora.recipes.blocks import stages
from llmlora.recipes.import_base_model.needs import discard, needs

# Where the child looks for Ollama's models; unset: in the usual places.
STORE_VARIABLE = "OLLAMA_MODELS"
# Where the child finds the Python package index, as pip is told.
INDEX_VARIABLE, PACKAGE_INDEX = "PIP_INDEX_URL", "https://pypi.org/simple"
# Where the child finds the hub, and the name of its token among the secrets it is handed.
ENDPOINT_VARIABLE, HUB_ENDPOINT = "HF_ENDPOINT", "https://huggingface.co"
TOKEN_SECRET = "HF_TOKEN"  # noqa: S105 - a name


class ImportBaseModelConfig(RecipeConfig):
    """Which model to bring in."""

    reference: str = setting(
        ...,
        min_length=4,
        max_length=4096,
        ja="ベースモデル。bundled:名前、path:/ディレクトリ（または .gguf）、hf:所有者/名前[@リビジョン]、ollama:名前:タグ。",
        en="The base model: bundled:NAME, path:/DIRECTORY (or a .gguf file), hf:OWNER/NAME[@REVISION], ollama:NAME:TAG.",
    )


SPEC = RecipeSpec(
    name="import_base_model",
    title=Text(ja="ベースモデルの取り込み", en="Import a base model"),
    summary=Text(
        ja="ベースモデルを調べ、必要なら変換し、重みのハッシュとともに登録します。",
        en="Checks a base model, converts it if needed, and registers it with the digest of its weights.",
    ),
    config=ImportBaseModelConfig,
    family="text",
    artifacts=(ArtifactKind.BASE_MODEL,),
    steps=(
        Step(
            "import",
            Text(ja="取り込み", en="Import"),
            Text(ja="ベースモデルを登録", en="Registers the base model"),
        ),
    ),
    stages=(
        Stage("download", Text(ja="ダウンロード", en="Downloading")),
        stages.HASH,
        stages.CONVERT,
        stages.CHECK,
        Stage("inspect", Text(ja="内容の確認", en="Inspecting")),
        Stage("describe", Text(ja="登録", en="Registering")),
    ),
    needs=needs,
    discard=discard,
)
