"""What can go wrong between us and an inference engine."""

from llmlora.kit.errors import InvalidInputError, UnavailableError


class EngineUnreachableError(UnavailableError):
    """No inference server answers at its address."""

    code = "engine_unreachable"
    ja = "推論サーバー {base_url} に接続できません（{reason}）。起動しているか確認してください。"
    en = "The inference server at {base_url} cannot be reached ({reason}). Check that it runs."


class EngineTimeoutError(UnavailableError):
    """The server took longer than allowed."""

    code = "engine_timeout"
    ja = "推論サーバー {base_url} が {timeout_s:.0f} 秒以内に応答しません。max_tokens を減らすか、負荷が下がってからやり直してください。"
    en = "The inference server at {base_url} did not answer within {timeout_s:.0f} s. Lower max_tokens or retry when it is less busy."


class EngineFailedError(UnavailableError):
    """The server answered with an error of its own."""

    code = "engine_failed"
    ja = "推論サーバー {base_url} がエラーを返しました（HTTP {status}: {reason}）。"
    en = "The inference server at {base_url} failed (HTTP {status}: {reason})."


class PromptTooLongError(InvalidInputError):
    """The conversation does not fit into the model's context."""

    code = "prompt_too_long"
    ja = "会話が {prompt_tokens} トークンあり、文脈長 {context} を超えています。会話を短くするか、n_ctx を大きくしてください。"
    en = "The conversation has {prompt_tokens} tokens and the context holds {context}. Shorten it or raise n_ctx."


class RequestRefusedError(InvalidInputError):
    """The server does not accept this request."""

    code = "request_refused"
    ja = "推論サーバーが要求を受け付けません（HTTP {status}: {reason}）。"
    en = "The inference server refuses the request (HTTP {status}: {reason})."


class TemplateRefusedError(InvalidInputError):
    """The model's chat template raised: it was trained without such conversations, too."""

    code = "template_refused"
    ja = (
        "このモデルのチャットテンプレートが、この会話を受け付けません（{reason}）。"
        "役割（system など）と順序をテンプレートに合わせてください。学習データでも同じ会話は除外されます。"
    )
    en = (
        "The model's chat template refuses this conversation ({reason}). "
        "Change the roles (such as system) or their order to what it takes; training leaves such rows out, too."
    )
