"""What can be wrong with the access to the hub."""

from llmlora.kit.errors import InvalidInputError


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
