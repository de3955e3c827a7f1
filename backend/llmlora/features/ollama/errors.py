"""What can be wrong with a request about Ollama's models."""

from llmlora.kit.errors import ConflictError


class OllamaModelInUseError(ConflictError):
    """A deployment stands for this tag."""

    code = "ollama_model_in_use"
    ja = "{name} はこの studio が登録したモデル（{deployment}）です。モデルのページで学習済みモデルとして削除してください。"
    en = "{name} was registered by this studio ({deployment}). Delete it as a tuned model on the models page."


class OllamaModelNeededError(ConflictError):
    """A job is still to read its weights."""

    code = "ollama_model_needed"
    ja = "Ollama の {name} は、使われているため削除できません。{needs_ja}"
    en = "{name} in Ollama is needed and cannot be deleted. {needs_en}"
