"""What can be wrong with a request about datasets. What is wrong with a file stands in `data.errors`."""

from llmlora.kit.errors import AppError, ConflictError, NotFoundError


class DatasetNotFoundError(NotFoundError):
    """No dataset has that id."""

    code = "dataset_not_found"
    ja = "データセット {id} はありません。./llmlora datasets list で確認してください。"
    en = "There is no dataset {id}. See ./llmlora datasets list."


class DatasetAmbiguousError(ConflictError):
    """An id's beginning fits several datasets."""

    code = "dataset_ambiguous"
    ja = "{id} で始まるデータセットが複数あります: {known}"
    en = "Several datasets begin with {id}: {known}"


class ImporterDiedError(AppError):
    """The process that read the file ended without a word."""

    code = "dataset_importer_died"
    ja = "ファイルの読み込みプロセスが途中で終了しました（{how}）。もう一度実行してください。メモリ不足でないかも確認してください。"
    en = "The process that read the file died ({how}). Try again; check that memory is left."
