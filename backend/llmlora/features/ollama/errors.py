"""What can be wrong with a request about Ollama's models."""

from llmlora.kit.errors import ConflictError


class OllamaModelInUseError(ConflictError):
    """A deployment stands for this tag."""

    code = "ollama_model_in_use"
    ja = "{name} は、このスタジオが登録したモデル（{deployment}）です。モデルのページの「学習したモデル」から削除してください。"
    en = "{name} was registered by this studio ({deployment}). Delete it under “Tuned models” on the Models page."


class OllamaModelNeededError(ConflictError):
    """A job is still to read its weights."""

    code = "ollama_model_needed"
    ja = "Ollama の {name} は、使われているため削除できません。{needs_ja}"
    en = "{name} in Ollama is in use and cannot be deleted. {needs_en}"
