"""Why something cannot be exported or served."""

from llmlora.kit.errors import InvalidInputError, JobFailedError, NotFoundError


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
