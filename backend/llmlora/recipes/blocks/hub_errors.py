"""Why a model cannot be had from the Hugging Face hub. Each leaf has a cure of its own; codes are stable."""

from llmlora.kit.errors import InvalidInputError, NotFoundError, UnavailableError


class HubGatedError(InvalidInputError):
    """The repository wants its licence accepted first, and no token was sent."""

    code = "hub_repository_gated"
    ja = (
        "{repo} は利用条件への同意が必要です。{endpoint}/{repo} で同意し、同じアカウントのアクセストークンを"
        "モデル画面の「Hugging Face」（または環境変数 HF_TOKEN）で設定して、もう一度取り込んでください。"
    )
    en = (
        "{repo} is gated. Accept its terms at {endpoint}/{repo}, set an access token of that account under "
        "“Hugging Face” on the page of models (or as HF_TOKEN in the environment), and import it again."
    )


class HubNotGrantedError(InvalidInputError):
    """The repository is gated, and the account of the token has no access to it (yet)."""

    code = "hub_access_not_granted"
    ja = (
        "設定されているトークンのアカウントには {repo} の利用がまだ認められていません。{endpoint}/{repo} で利用条件に同意し、"
        "承認を待ってください。権限を絞ったトークンなら、gated リポジトリの読み取りも許可してください。"
    )
    en = (
        "The account of the token that is set has no access to {repo} yet. Accept its terms at {endpoint}/{repo} and wait "
        "until access is granted; a fine-grained token also needs read access to gated repositories."
    )


class HubRepositoryMissingError(NotFoundError):
    """No such repository, or it is private."""

    code = "hub_repository_missing"
    ja = (
        "{endpoint} に {repo} がありません。綴りを確かめてください。非公開なら、読めるアカウントのアクセストークンを"
        "モデル画面の「Hugging Face」（または環境変数 HF_TOKEN）で設定してください。"
    )
    en = (
        "There is no {repo} at {endpoint}. Check the spelling; if it is private, set an access token of an account that may "
        "read it under “Hugging Face” on the page of models (or as HF_TOKEN in the environment)."
    )


class HubRepositoryClosedError(InvalidInputError):
    """The hub has closed the repository for everybody."""

    code = "hub_repository_closed"
    ja = "{repo} は {endpoint} で公開が停止されています（HTTP {status}）。別のモデルを選んでください。"
    en = "{endpoint} has closed {repo} (HTTP {status}). Choose another model."


class HubTokenRefusedError(InvalidInputError):
    """The token was not accepted."""

    code = "hub_token_refused"
    ja = (
        "{endpoint} がアクセストークンを受け付けませんでした。期限切れや取り消しでないか確かめ、"
        "モデル画面の「Hugging Face」（または環境変数 HF_TOKEN）で設定し直してください。"
    )
    en = (
        "{endpoint} refused the access token. See whether it has expired or was revoked, and set another under "
        "“Hugging Face” on the page of models (or as HF_TOKEN in the environment)."
    )


class HubRevisionMissingError(NotFoundError):
    """The repository exists, the revision does not."""

    code = "hub_revision_missing"
    ja = "{repo} に版 {revision} がありません。ブランチ名、タグ、コミットのいずれかを指定してください。"
    en = "{repo} has no revision {revision}. Name a branch, a tag or a commit."


class HubFileMissingError(NotFoundError):
    """The repository lists a file that the hub does not have."""

    code = "hub_file_missing"
    ja = "{repo} の一覧にある {file} が {endpoint} にありません（版 {revision}）。別の版を指定するか、配布元に問い合わせてください。"
    en = "{repo} lists {file}, but {endpoint} does not have it (revision {revision}). Name another revision, or ask its owners."


class HubFileBrokenError(UnavailableError):
    """What arrived is not the file that the hub lists."""

    code = "hub_file_broken"
    ja = (
        "{repo} の {file} は、届いた内容が一覧の大きさやハッシュと一致しません（{reason}）。"
        "中継（HF_ENDPOINT、プロキシ）を確かめて、もう一度取り込んでください。"
    )
    en = (
        "{file} of {repo} is not what the repository lists ({reason}). Check what stands in between (HF_ENDPOINT, a proxy) "
        "and import it again."
    )


class HubStalledError(UnavailableError):
    """A transfer brought nothing any more, also when asked again."""

    code = "hub_transfer_stalled"
    ja = (
        "{repo} の {file} の転送が {done_bytes} / {size_bytes} バイトで止まりました（{reason}）。"
        "ネットワークを確かめて、もう一度取り込んでください。受け取った分の続きから始まります。"
    )
    en = (
        "The transfer of {file} of {repo} stands still at {done_bytes} of {size_bytes} bytes ({reason}). Check the network "
        "and import it again: it goes on with what has arrived."
    )


class HubBusyError(UnavailableError):
    """The hub limits how often it is asked, for longer than an import waits."""

    code = "hub_rate_limited"
    ja = (
        "{endpoint} の利用回数の上限に達しました（HTTP {status}）。{wait_s} 秒以上待って、もう一度取り込んでください。"
        "アクセストークンを設定すると上限が上がります。"
    )
    en = (
        "{endpoint} limits how often it is asked (HTTP {status}). Wait {wait_s} seconds or more and import it again; with an "
        "access token the limit is higher."
    )


class HubRequestRefusedError(InvalidInputError):
    """The hub answers with an error that is nobody's outage."""

    code = "hub_request_refused"
    ja = "{endpoint} が {repo} の要求を受け付けませんでした（{reason}）。HF_ENDPOINT とリポジトリ名を確かめてください。"
    en = "{endpoint} does not take the request for {repo} ({reason}). Check HF_ENDPOINT and the repository's name."


class HubUnreachableError(UnavailableError):
    """No answer from the hub, or none that a hub gives."""

    code = "hub_unreachable"
    ja = (
        "Hugging Face（{endpoint}）に接続できません（{reason}）。ネットワーク、プロキシ、HF_ENDPOINT を確かめるか、"
        "path: で手元のモデルを使ってください。"
    )
    en = (
        "Hugging Face ({endpoint}) cannot be reached ({reason}). Check the network, the proxy and HF_ENDPOINT, or use a "
        "model on this machine by path:."
    )


class ImportDiskError(InvalidInputError):
    """The model does not fit on the disk of the data directory."""

    code = "import_disk_short"
    ja = (
        "{repo} の取り込みにはあと {needed} の空きが必要ですが、{path} の空きは {free} です。"
        "空きを作るか --data-dir を変えてください。"
    )
    en = (
        "{repo} needs another {needed}, {path} has {free} free. Free some space or choose another --data-dir."
    )
