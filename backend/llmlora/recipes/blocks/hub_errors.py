"""Why a model cannot be had from the Hugging Face hub. Each leaf has a cure of its own; codes are stable."""

from llmlora.kit.errors import InvalidInputError, NotFoundError, UnavailableError


class HubGatedError(InvalidInputError):
    """The repository wants its licence accepted first, and no token was sent."""

    code = "hub_repository_gated"
    ja = (
        "{repo} を使うには、利用条件への同意が必要です。{endpoint}/{repo} で同意し、同じアカウントのアクセストークンを"
        "モデルのページの「Hugging Face」（または環境変数 HF_TOKEN）で設定して、もう一度取り込んでください。"
    )
    en = (
        "{repo} is gated. Accept its terms at {endpoint}/{repo}, set an access token of that account under "
        "“Hugging Face” on the Models page (or as HF_TOKEN in the environment), and import it again."
    )


class HubNotGrantedError(InvalidInputError):
    """The repository is gated, and the account of the token has no access to it (yet)."""

    code = "hub_access_not_granted"
    ja = (
        "設定されているアクセストークンのアカウントには、{repo} の利用がまだ認められていません。{endpoint}/{repo} で利用条件に同意し、"
        "承認を待ってください。権限を絞ったトークンなら、gated リポジトリの読み取りも許可してください。"
    )
    en = (
        "The account of the configured access token has no access to {repo} yet. Accept its terms at {endpoint}/{repo} and wait "
        "until access is granted; a fine-grained token also needs read access to gated repositories."
    )


class HubRepositoryMissingError(NotFoundError):
    """No such repository, or it is private."""

    code = "hub_repository_missing"
    ja = (
        "{endpoint} に {repo} がありません。つづりを確かめてください。非公開なら、読めるアカウントのアクセストークンを"
        "モデルのページの「Hugging Face」（または環境変数 HF_TOKEN）で設定してください。"
    )
    en = (
        "There is no {repo} at {endpoint}. Check the spelling; if it is private, set an access token of an account that may "
        "read it under “Hugging Face” on the Models page (or as HF_TOKEN in the environment)."
    )


class HubRepositoryClosedError(InvalidInputError):
    """The hub has closed the repository for everybody."""

    code = "hub_repository_closed"
    ja = "{repo} は {endpoint} で公開が停止されています（HTTP {status}）。別のモデルを選んでください。"
    en = "{endpoint} no longer publishes {repo} (HTTP {status}). Choose another model."


class HubTokenRefusedError(InvalidInputError):
    """The token was not accepted."""

    code = "hub_token_refused"
    ja = (
        "{endpoint} がアクセストークンを受け付けませんでした。期限切れや取り消しでないか確かめ、"
        "モデルのページの「Hugging Face」（または環境変数 HF_TOKEN）で設定し直してください。"
    )
    en = (
        "{endpoint} rejected the access token. Check whether it has expired or was revoked, and set it again under "
        "“Hugging Face” on the Models page (or as HF_TOKEN in the environment)."
    )


class HubRevisionMissingError(NotFoundError):
    """The repository exists, the revision does not."""

    code = "hub_revision_missing"
    ja = "{repo} にリビジョン {revision} がありません。ブランチ名、タグ、コミットのいずれかを指定してください。"
    en = "{repo} has no revision {revision}. Specify a branch, a tag or a commit."


class HubFileMissingError(NotFoundError):
    """The repository lists a file that the hub does not have."""

    code = "hub_file_missing"
    ja = "{repo} の一覧にある {file} が {endpoint} にありません（リビジョン {revision}）。別のリビジョンを指定するか、配布元に問い合わせてください。"
    en = "{repo} lists {file}, but {endpoint} does not have it (revision {revision}). Specify another revision, or ask its owners."


class HubFileBrokenError(UnavailableError):
    """What arrived is not the file that the hub lists."""

    code = "hub_file_broken"
    ja = (
        "{repo} の {file} は、届いた内容が一覧に記された大きさやハッシュと一致しません（{reason}）。"
        "通信経路（HF_ENDPOINT、プロキシ）を確かめて、もう一度取り込んでください。"
    )
    en = (
        "{file} of {repo} does not match the size or hash that the repository lists ({reason}). Check the connection (HF_ENDPOINT, proxy) "
        "and import it again."
    )


class HubStalledError(UnavailableError):
    """A transfer brought nothing any more, also when asked again."""

    code = "hub_transfer_stalled"
    ja = (
        "{repo} の {file} のダウンロードが {done_bytes} / {size_bytes} バイトで止まりました（{reason}）。"
        "ネットワークを確かめて、もう一度取り込んでください。受け取った分の続きから始まります。"
    )
    en = (
        "The download of {file} of {repo} stopped at {done_bytes} of {size_bytes} bytes ({reason}). Check the network "
        "and import it again. It continues where it stopped."
    )


class HubBusyError(UnavailableError):
    """The hub limits how often it is asked, for longer than an import waits."""

    code = "hub_rate_limited"
    ja = (
        "{endpoint} のリクエスト数の上限に達しました（HTTP {status}）。{wait_s} 秒以上待って、もう一度取り込んでください。"
        "アクセストークンを設定すると上限が上がります。"
    )
    en = (
        "The request limit of {endpoint} is reached (HTTP {status}). Wait at least {wait_s} s and import it again; with an "
        "access token the limit is higher."
    )


class HubRequestRefusedError(InvalidInputError):
    """The hub answers with an error that is nobody's outage."""

    code = "hub_request_refused"
    ja = "{endpoint} が {repo} へのリクエストを受け付けませんでした（{reason}）。HF_ENDPOINT とリポジトリの名前を確かめてください。"
    en = "{endpoint} rejected the request for {repo} ({reason}). Check HF_ENDPOINT and the name of the repository."


class HubUnreachableError(UnavailableError):
    """No answer from the hub, or none that a hub gives."""

    code = "hub_unreachable"
    ja = (
        "Hugging Face（{endpoint}）に接続できません（{reason}）。ネットワーク、プロキシ、HF_ENDPOINT を確かめるか、"
        "path: でこのマシンにあるモデルを使ってください。"
    )
    en = (
        "Hugging Face ({endpoint}) cannot be reached ({reason}). Check the network, the proxy and HF_ENDPOINT, or use a "
        "model on this machine with path:."
    )


class ImportDiskError(InvalidInputError):
    """The model does not fit on the disk of the data directory."""

    code = "import_disk_short"
    ja = (
        "{repo} の取り込みにはあと {needed} の空きが必要ですが、{path} の空きは {free} です。"
        "空きを作るか、--data-dir で別の場所を指定してください。"
    )
    en = "Importing {repo} needs another {needed}, but {path} has {free} free. Free some space, or choose another --data-dir."
