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


class QuantiserMissingError(InvalidInputError):
    """ggml's quantising function was not found in the installed packages."""

    code = "quantiser_missing"
    ja = "Ollama が量子化に対応しておらず、こちらの量子化機能（xllamacpp）も見つかりません。quantize を none にするか、pip install xllamacpp を実行してください。"
    en = "Ollama does not quantize, and no quantizer (xllamacpp) was found here. Set quantize to none, or run: pip install xllamacpp"
