"""What can be wrong with a request for a batch."""

from llmlora.kit.errors import ConflictError, NotFoundError


class BatchNotFoundError(NotFoundError):
    """No batch has that id."""

    code = "batch_not_found"
    ja = "バッチ {id} はありません。一覧で確認してください。"
    en = "There is no batch {id}. Check the list of batches."


class NothingToRetryError(ConflictError):
    """Nothing of a batch has failed."""

    code = "nothing_to_retry"
    ja = "バッチ「{name}」に、やり直す失敗したジョブはありません。"
    en = "The batch “{name}” has no failed job to run again."
