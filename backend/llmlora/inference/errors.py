"""What can go wrong between us and an inference engine."""

from llmlora.kit.errors import InvalidInputError, UnavailableError


class EngineUnreachableError(UnavailableError):
    """No inference server answers at its address."""

    code = "engine_unreachable"
    ja = "推論サーバー {base_url} に接続できません（{reason}）。サーバーが動いているか確認してください。"
    en = "The inference server at {base_url} cannot be reached ({reason}). Check that it is running."


class EngineTimeoutError(UnavailableError):
    """The server took longer than allowed."""

    code = "engine_timeout"
    ja = "推論サーバー {base_url} が {timeout_s:.0f} 秒以内に応答しません。max_tokens を減らすか、負荷が下がってから、もう一度試してください。"
    en = "The inference server at {base_url} did not answer within {timeout_s:.0f} s. Lower max_tokens, or try again when it is less busy."


class EngineFailedError(UnavailableError):
    """The server answered with an error of its own."""

    code = "engine_failed"
    ja = "推論サーバー {base_url} がエラーを返しました（HTTP {status}: {reason}）。サーバーのログを確認してください。"
    en = "The inference server at {base_url} returned an error (HTTP {status}: {reason}). Check the server log."


class PromptTooLongError(InvalidInputError):
    """The conversation does not fit into the model's context."""

    code = "prompt_too_long"
    ja = "会話が {prompt_tokens} トークンあり、文脈長 {context} を超えています。会話を短くするか、文脈長（n_ctx）を大きくしてください。"
    en = "The conversation has {prompt_tokens} tokens, more than the context of {context}. Shorten it, or raise the context length (n_ctx)."


class RequestRefusedError(InvalidInputError):
    """The server does not accept this request."""

    code = "request_refused"
    ja = "推論サーバーがリクエストを受け付けません（HTTP {status}: {reason}）。内容を確認してください。"
    en = "The inference server rejects the request (HTTP {status}: {reason}). Check what was sent."


class TemplateRefusedError(InvalidInputError):
    """The model's chat template raised: it was trained without such conversations, too."""

    code = "template_refused"
    ja = (
        "このモデルのチャットテンプレートが、この会話を受け付けません（{reason}）。"
        "役割（system など）と順序をテンプレートに合わせてください。学習データでも同じ会話は除外されます。"
    )
    en = (
        "The chat template of the model rejects this conversation ({reason}). "
        "Adapt the roles (such as system) and their order to the template. Training leaves such rows out, too."
    )
