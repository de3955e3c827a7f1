"""Why a model cannot be served."""

from llmlora.kit.errors import InvalidInputError, UnavailableError


class GgufMissingError(InvalidInputError):
    """There is no such model file."""

    code = "gguf_missing"
    ja = "GGUF ファイル {path} がありません。GGUF への変換をやり直してください。"
    en = "The GGUF file {path} does not exist. Convert to GGUF again."


class GgufBrokenError(InvalidInputError):
    """llama.cpp cannot read a model, an adapter or a template it was given."""

    code = "gguf_broken"
    ja = "llama.cpp が {path} を読み込めません（{reason}）。ファイルが壊れているか、種類が違います。削除して、GGUF への変換をやり直してください。"
    en = "llama.cpp cannot load {path} ({reason}). The file is broken or of another kind. Delete it and convert to GGUF again."


class MemoryLimitTooSmallError(InvalidInputError):
    """The limit is below the model's own size."""

    code = "memory_limit_too_small"
    ja = "メモリの上限 {limit_bytes} バイトが、モデルの大きさ {model_bytes} バイトより小さくなっています。上限を大きくしてください。"
    en = "The memory limit of {limit_bytes} bytes is less than the {model_bytes} bytes of the model. Raise the limit."


class PortTakenError(UnavailableError):
    """Another program listens on the port."""

    code = "port_taken"
    ja = "ポート {port} は別のプログラムが使っています。それを終了するか、別のポートを指定してください。"
    en = "Port {port} is used by another program. Stop that program or choose another port."


class ServerStartError(UnavailableError):
    """The server's process did not come up, and the model is not to blame."""

    code = "server_start_failed"
    ja = "推論サーバーを起動できません（{reason}）。ログ {log} を確認してください。"
    en = "The inference server cannot be started ({reason}). Check the log {log}."
