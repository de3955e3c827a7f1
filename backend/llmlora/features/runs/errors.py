"""Why a claimed job cannot run."""

from llmlora.kit.errors import NotFoundError


class DatasetGoneError(NotFoundError):
    """The data set was deleted before the job began."""

    code = "dataset_gone"
    ja = "データ {id} は削除されています。データをもう一度追加して、ジョブを作り直してください。"
    en = "The data set {id} has been deleted. Add it again and create a new job."


class ArtifactGoneError(NotFoundError):
    """A job that this one builds on left nothing of that kind."""

    code = "artifact_gone"
    ja = "ジョブ {job_id} の{kind}がありません。そのジョブをもう一度実行してください。"
    en = "The job {job_id} has no {kind}. Run that job again."
