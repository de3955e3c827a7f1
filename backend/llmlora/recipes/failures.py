"""Errors as failures of a job: who has to act, with words for that person. Free of torch."""

import errno

from llmlora.contracts.events import Failure, FailureClass
from llmlora.kit.errors import AppError, InvalidInputError, NotFoundError, UnavailableError
from llmlora.recipes.blocks.divergence import DivergedError


def classify(error: BaseException) -> Failure:
    """Name who has to act on an error; only `infrastructure` is ever tried again."""
    if isinstance(error, AppError):
        kind = FailureClass.RECIPE
        if isinstance(error, DivergedError):
            kind = FailureClass.DIVERGED
        elif isinstance(error, InvalidInputError | NotFoundError):
            kind = FailureClass.INPUT
        elif isinstance(error, UnavailableError):
            kind = FailureClass.INFRASTRUCTURE
        return Failure(failure_class=kind, code=error.code, ja=error.detail("ja"), en=error.detail("en"))
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return out_of_memory()
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Failure(
            failure_class=FailureClass.DISK_FULL,
            code="disk_full",
            ja=f"ディスクの空きがありません（{error.filename}）。空きを作るか、--data-dir で別の場所を指定してください。",
            en=f"The disk is full ({error.filename}). Free some space, or choose another --data-dir.",
        )
    return Failure(
        failure_class=FailureClass.RECIPE,
        code="recipe_error",
        ja=f"実行中に予期しないエラーが起きました（{error!r}）。ログを確認してください。",
        en=f"The run failed with an unexpected error ({error!r}). Check the log.",
    )


def out_of_memory() -> Failure:
    """The run asked for more memory than there is; the same run would do so again."""
    return Failure(
        failure_class=FailureClass.OUT_OF_MEMORY,
        code="out_of_memory",
        ja="メモリが足りません。batch_size か max_length を小さくするか、gradient_checkpointing を on にしてください。",
        en="There is not enough memory. Lower batch_size or max_length, or set gradient_checkpointing to on.",
    )
