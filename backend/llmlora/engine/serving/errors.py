"""Why a model cannot be served."""

from llmlora.kit.errors import InvalidInputError, UnavailableError


class GgufMissingError(InvalidInputError):
    """There is no such model file."""

    code = "gguf_missing"
    ja = "GGUF ファイル {path} がありません。export をやり直してください。"
    en = "The GGUF file {path} does not exist. Export it again."


class GgufBrokenError(InvalidInputError):
    """llama.cpp cannot read a model, an adapter or a template it was given."""

    code = "gguf_broken"
    ja = "{path} を llama.cpp が読み込めません（{reason}）。ファイルが壊れているか種類が違います。削除して export をやり直してください。"
    en = "llama.cpp cannot load {path} ({reason}). The file is broken or of another kind. Delete it and export again."


class MemoryLimitTooSmallError(InvalidInputError):
    """The limit is below the model's own size."""

    code = "memory_limit_too_small"
    ja = "メモリ上限 {limit_bytes} バイトは、モデルの大きさ {model_bytes} バイトより小さいです。上限を大きくしてください。"
    en = "The memory limit of {limit_bytes} bytes is below the model's {model_bytes} bytes. Raise it."


class PortTakenError(UnavailableError):
    """Another program listens on the port."""

    code = "port_taken"
    ja = "ポート {port} は別のプログラムが使っています。それを終了するか、別のポートを指定してください。"
    en = "Port {port} is used by another program. Stop that program or choose another port."


class ServerStartError(UnavailableError):
    """The server's process did not come up, and the model is not to blame."""

    code = "server_start_failed"
    ja = "推論サーバーを起動できません（{reason}）。記録: {log}"
    en = "The inference server does not start ({reason}). Log: {log}"
