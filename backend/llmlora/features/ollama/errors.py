"""What can be wrong with a request about Ollama's models."""

from llmlora.kit.errors import ConflictError


class OllamaModelInUseError(ConflictError):
    """A deployment stands for this tag."""

    code = "ollama_model_in_use"
    ja = "{name} はこの studio が登録したモデル（{deployment}）です。モデルのページで学習済みモデルとして削除してください。"
    en = "{name} was registered by this studio ({deployment}). Delete it as a tuned model on the models page."
