"""What can be wrong with a base model, here and in the import's own process."""

from llmlora.contracts.errors import JobFailedError
from llmlora.contracts.events import Failure
from llmlora.kit.errors import AppError, ConflictError, InvalidInputError
from llmlora.kit.sent_errors import errors_in
from llmlora.recipes.blocks import base_model_errors, hub_errors


class BaseModelFilesGoneError(ConflictError):
    """A file that was registered is no longer on the disk."""

    code = "base_model_files_gone"
    ja = (
        "ベースモデル {reference} のファイル {file} がディスクにありません。元の場所に戻すか、"
        "./llmlora models add {reference} で登録し直してください。"
    )
    en = (
        "The file {file} of the base model {reference} is missing on the disk. Put it back, or register the model "
        "again with ./llmlora models add {reference}."
    )


class BaseModelChangedError(InvalidInputError):
    """The files are not those that were registered."""

    code = "base_model_changed"
    ja = (
        "{reference} のファイル {file} が登録後に変わりました。登録したときのファイルに戻すか、"
        "./llmlora models add {reference} で新しい重みとして登録し直してください。"
    )
    en = (
        "The file {file} of {reference} has changed since it was registered. Restore it, or register the new "
        "weights with ./llmlora models add {reference}."
    )


class AmbiguousBaseModelError(ConflictError):
    """A reference without a commit means several registered models."""

    code = "base_model_ambiguous"
    ja = "{reference} に当てはまるモデルが複数あります。次のいずれかを指定してください: {known}"
    en = "{reference} matches several registered models. Specify one of them: {known}"


class BaseModelInUseError(ConflictError):
    """Something still needs the model."""

    code = "base_model_in_use"
    ja = "ベースモデル {reference} は、使われているため削除できません。{needs_ja}"
    en = "The base model {reference} is in use and cannot be deleted. {needs_en}"


class ImportCancelledError(ConflictError):
    """The import was cancelled before the model was there."""

    code = "base_model_import_cancelled"
    ja = "{reference} の取り込みを中止したため、モデルは登録されていません。もう一度取り込むと、受け取った分の続きから始まります。"
    en = "The import of {reference} was cancelled and no model was registered. Import it again to continue the download where it stopped."


def told_by(failure: Failure) -> AppError:
    """The import's failure as the leaf that was raised there, in the words it had there."""
    leaf = _LEAVES.get(failure.code)
    if leaf is None:
        return JobFailedError(failure_code=failure.code, ja_text=failure.ja, en_text=failure.en)
    words = {"ja": _verbatim(failure.ja), "en": _verbatim(failure.en)}
    relayed: AppError = type(leaf.__name__, (leaf,), words)()
    return relayed


def _verbatim(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


_LEAVES = {leaf.code: leaf for leaf in errors_in(base_model_errors, hub_errors)}
