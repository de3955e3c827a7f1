"""Why something cannot be exported or served."""

from llmlora.kit.errors import ConflictError, InvalidInputError, JobFailedError, NotFoundError


class AdapterNotFoundError(NotFoundError):
    """No finished adapter lies there."""

    code = "adapter_not_found"
    ja = "{where} に完成したアダプター（final_model）がありません。学習を終えてから、ジョブ番号か final_model のフォルダーを指定してください。"
    en = "There is no finished adapter (final_model) at {where}. Finish the training, then name the job or the final_model directory."


class BaseUnknownError(InvalidInputError):
    """An adapter directory alone does not say which base model it belongs to."""

    code = "base_unknown"
    ja = "アダプター {path} のベースモデルが分かりません。--base で指定してください。"
    en = "The base model of the adapter {path} is not known. Name it with --base."


class ExportCancelledError(JobFailedError):
    """An export was stopped before it had a file."""

    code = "export_cancelled"
    ja = "GGUF への変換は中止されました。"
    en = "The export to GGUF was cancelled."


class DeploymentNotFoundError(NotFoundError):
    """No deployment has this id, or came from this job."""

    code = "deployment_not_found"
    ja = "デプロイ {id} はありません。GET /api/deployments の一覧で id を確認してください。"
    en = "There is no deployment {id}. See GET /api/deployments for those that exist."


class DeploymentCheckingError(ConflictError):
    """Its gates run now."""

    code = "deployment_checking"
    ja = "{name} は検査中です。検査のジョブが終わるか中止されてから削除してください。"
    en = "{name} is being checked. Delete it when its job has ended or was cancelled."


class DeploymentFileGoneError(ConflictError):
    """A file that is served from does not exist any more."""

    code = "deployment_file_gone"
    ja = "{name} の配信に使うファイル {file} がなくなっています。元の場所に戻すか、モデルのページで「もう一度デプロイ」を選んでください。"
    en = "The file {file} that {name} is served from is gone. Put it back, or choose “Deploy again” on the models page."


class DeploymentFileChangedError(ConflictError):
    """A file that is served from is not what the gates asked."""

    code = "deployment_file_changed"
    ja = "{name} の配信に使うファイル {file} が、検査のあとに変更されています。元に戻すか、モデルのページで「もう一度デプロイ」を選んでください。"
    en = "The file {file} that {name} is served from was changed after it was proved. Restore it, or choose “Deploy again” on the models page."


class DeploymentReplacedError(ConflictError):
    """Another model takes the name in this moment."""

    code = "deployment_being_replaced"
    ja = "{name} はいま新しいモデルに置き換えている途中です。少し待ってから、もう一度試してください。"
    en = "{name} is being replaced by a new model right now. Try again in a moment."


class DeploymentAsProvedError(ConflictError):
    """Nothing has happened to it, so there is nothing to mend."""

    code = "deployment_as_proved"
    ja = "{name} の状態は {state} です。もう一度デプロイできるのは、検査のあとに変更または削除されたモデルだけです。"
    en = "{name} is {state}. Only one that was changed or deleted after it was proved can be deployed again."


class DeploymentSourceGoneError(ConflictError):
    """The job that made it is not known any more, so nobody can tell how it was made."""

    code = "deployment_source_gone"
    ja = "{name} をデプロイしたジョブの記録がありません。学習のページから、もう一度デプロイしてください。"
    en = "The record of the job that deployed {name} is gone. Deploy it anew from the page of its training."


class DeploymentNotRejectedError(ConflictError):
    """Only a rejected deployment needs a person's word."""

    code = "deployment_not_rejected"
    ja = "{name} の状態は {state} です。この操作は rejected のデプロイにだけ使えます。"
    en = "{name} is {state}. Only a rejected deployment can be used anyway."
