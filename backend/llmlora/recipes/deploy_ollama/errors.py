"""Why a registration cannot be made."""

from llmlora.kit.errors import InvalidInputError


class RegistrationInputMissingError(InvalidInputError):
    """The registration was started without something it is made of."""

    code = "registration_input_missing"
    ja = "Ollama への登録には {missing} が必要です。先に GGUF へ変換するか、学習からやり直してください。"
    en = "Registering with Ollama needs {missing}. Convert to GGUF first, or train again."


class FileChangedError(InvalidInputError):
    """A file is not what its job announced."""

    code = "registration_file_changed"
    ja = "{file} が作成後に変わったか、途中で切れています。GGUF への変換をやり直してください。"
    en = "{file} has changed since it was made, or is cut off. Convert to GGUF again."
