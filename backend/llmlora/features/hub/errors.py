"""What can be wrong with the access to the hub."""

from llmlora.kit.errors import InvalidInputError


class HubTokenMalformedError(InvalidInputError):
    """The text cannot be a token."""

    code = "hub_token_malformed"
    ja = "アクセストークンの形ではありません（空白や日本語は含まれません）。Hugging Face の設定画面で「hf_」から始まる文字列をコピーし直してください。"
    en = "This is no access token (they hold no spaces and only ASCII). Copy the text that begins with “hf_” from your settings at Hugging Face again."


class HubTokenUnreadableError(InvalidInputError):
    """The stored token cannot be decrypted any more."""

    code = "hub_token_unreadable"
    ja = "保存されているアクセストークンを復号できません（{key_file} が失われたか、別のものに替わっています）。モデル画面の「Hugging Face」で設定し直すか、削除してください。"
    en = "The stored access token cannot be decrypted ({key_file} is gone or is another one). Set it again under “Hugging Face” on the page of models, or delete it."
