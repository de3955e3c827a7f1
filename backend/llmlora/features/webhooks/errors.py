"""What can be wrong with a webhook."""

from llmlora.kit.errors import ConflictError, InvalidInputError, NotFoundError


class WebhookNotFoundError(NotFoundError):
    """There is no such webhook."""

    code = "webhook_not_found"
    ja = "Webhook「{id}」はありません。GET /api/webhooks で一覧を確認してください。"
    en = "There is no webhook “{id}”. See GET /api/webhooks for the list."


class WebhookUrlError(InvalidInputError):
    """Nothing can be posted to such an address."""

    code = "webhook_url_invalid"
    ja = "「{url}」には送れません。http:// か https:// で始まり、ユーザー名とパスワードを含まないアドレスにしてください。"
    en = "Nothing can be sent to “{url}”. Use an address that begins with http:// or https:// and holds no user name or password."


class WebhookSecretError(InvalidInputError):
    """The text cannot sign."""

    code = "webhook_secret_invalid"
    ja = "「whsec_」で始まる秘密鍵の続きは Base64 にしてください。ほかの文字列はそのまま使えます。"
    en = "A secret that begins with “whsec_” must go on in Base64. Any other text is used as it is."


class TooManyWebhooksError(ConflictError):
    """There are as many as can be kept."""

    code = "too_many_webhooks"
    ja = "Webhook は {limit} 件まで登録できます。使わないものを削除してください。"
    en = "At most {limit} webhooks can be registered. Delete one that is not used."


class WebhookOfSettingsError(ConflictError):
    """It is changed where it stands."""

    code = "webhook_of_settings"
    ja = "この Webhook は LLMLORA_WEBHOOK_URLS で設定されています。環境変数または .env を変えて、./llmlora up を起動し直してください。"
    en = "This webhook is set by LLMLORA_WEBHOOK_URLS. Change the environment or .env, and restart ./llmlora up."
