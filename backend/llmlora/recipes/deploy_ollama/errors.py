"""Why a registration cannot be made."""

from llmlora.kit.errors import InvalidInputError


class RegistrationInputMissingError(InvalidInputError):
    """The registration was started without something it is made of."""

    code = "registration_input_missing"
    ja = "Ollama への登録には {missing} が必要です。学習からやり直すか、export を先に行ってください。"
    en = "Registering with Ollama needs {missing}. Train anew, or export first."


class FileChangedError(InvalidInputError):
    """A file is not what its job announced."""

    code = "registration_file_changed"
    ja = "{file} が作成後に変わったか、途中で切れています。export をやり直してください。"
    en = "{file} changed since it was made, or is cut off. Export it again."
