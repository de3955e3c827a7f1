"""What can be wrong with the access to the hub."""

from llmlora.kit.errors import InvalidInputError, UnavailableError


class HubTokenMalformedError(InvalidInputError):
    """The text cannot be a token."""

    code = "hub_token_malformed"
    ja = "アクセストークンの形になっていません（空白や日本語は使われません）。Hugging Face の設定画面で「hf_」から始まる文字列をコピーし直してください。"
    en = "This is not an access token (a token has no spaces and only ASCII characters). Copy the text that begins with “hf_” from your Hugging Face settings again."


class HubTokenUnreadableError(InvalidInputError):
    """The stored token cannot be decrypted any more."""

    code = "hub_token_unreadable"
    ja = "保存されているアクセストークンを復号できません（{key_file} が失われたか、別のものに替わっています）。モデルのページの「Hugging Face」で設定し直すか、削除してください。"
    en = "The stored access token cannot be decrypted ({key_file} is missing or was replaced). Set it again under “Hugging Face” on the Models page, or delete it."


class HubSearchUnreachableError(UnavailableError):
    """No answer from the hub, or none that a hub gives."""

    code = "hub_search_unreachable"
    ja = (
        "Hugging Face（{endpoint}）に接続できないため、検索できません（{reason}）。ネットワーク、プロキシ、HF_ENDPOINT を"
        "確かめてください。おすすめの一覧と、取り込み済みのモデルはこのまま使えます。"
    )
    en = (
        "Hugging Face ({endpoint}) cannot be reached, so nothing can be searched there ({reason}). Check the network, the proxy "
        "and HF_ENDPOINT. The recommended models and those already imported can be used as they are."
    )


class HubSearchBusyError(UnavailableError):
    """The hub limits how often it is asked."""

    code = "hub_search_rate_limited"
    ja = (
        "{endpoint} のリクエスト数の上限に達しました。{wait_s} 秒ほど待って、もう一度検索してください。"
        "アクセストークンを設定すると上限が上がります。"
    )
    en = (
        "The request limit of {endpoint} is reached. Wait about {wait_s} s and search again; with an access token the limit "
        "is higher."
    )


class HubSearchRefusedError(InvalidInputError):
    """The hub does not take the question."""

    code = "hub_search_refused"
    ja = "{endpoint} が検索を受け付けませんでした（HTTP {status}）。検索する言葉や条件を変えるか、HF_ENDPOINT を確かめてください。"
    en = "{endpoint} rejected the search (HTTP {status}). Change its words or filters, or check HF_ENDPOINT."
