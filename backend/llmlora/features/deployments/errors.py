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


class DeploymentNotRejectedError(ConflictError):
    """Only a rejected deployment needs a person's word."""

    code = "deployment_not_rejected"
    ja = "{name} の状態は {state} です。この操作は rejected のデプロイにだけ使えます。"
    en = "{name} is {state}. Only a rejected deployment can be used anyway."
