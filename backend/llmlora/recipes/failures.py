"""Errors as failures of a job: who has to act, with words for that person. Free of torch."""

import errno

from llmlora.contracts.events import Failure, FailureClass
from llmlora.contracts.failures import failure_of
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
        return failure_of("out_of_memory")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return failure_of("disk_full", path=error.filename)
    return failure_of("recipe_error", error=repr(error))
