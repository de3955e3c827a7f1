"""`python -m llmlora.recipes RUN_DIR`: the child process of one run.

Reads `spec.json`, runs the recipe, and ends with a `finished` or `failure` event on descriptor 3.
Exit status: 0 completed, 10 cancelled cleanly, 1 failed (the failure event says why).
"""

import errno
import importlib
import sys
import traceback
from pathlib import Path

from llmlora.contracts.events import Failure, FailureClass, Finished
from llmlora.contracts.recipe import RunCancelledError, RunSpec
from llmlora.kit.errors import AppError, InvalidInputError, UnavailableError
from llmlora.kit.processes import EVENTS_FD, die_with_parent
from llmlora.recipes import RECIPES
from llmlora.recipes.context import ChildContext

EXIT_CANCELLED = 10


def classify(error: BaseException) -> Failure:
    """Name who has to act on an error, with words for that person."""
    if isinstance(error, AppError):
        kind = FailureClass.RECIPE
        if isinstance(error, InvalidInputError):
            kind = FailureClass.INPUT
        elif isinstance(error, UnavailableError):
            kind = FailureClass.INFRASTRUCTURE
        return Failure(failure_class=kind, code=error.code, ja=error.detail("ja"), en=error.detail("en"))
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return Failure(
            failure_class=FailureClass.OUT_OF_MEMORY,
            code="out_of_memory",
            ja="メモリが足りません。batch_size か max_length を小さくするか、gradient_checkpointing を on にしてください。",
            en="Out of memory. Lower batch_size or max_length, or set gradient_checkpointing to on.",
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Failure(
            failure_class=FailureClass.DISK_FULL,
            code="disk_full",
            ja=f"ディスクの空きがありません（{error.filename}）。空きを作るか --data-dir を変えてください。",
            en=f"The disk is full ({error.filename}). Free some space or choose another --data-dir.",
        )
    return Failure(
        failure_class=FailureClass.RECIPE,
        code="recipe_error",
        ja=f"レシピの実行中にエラーが起きました: {error!r}",
        en=f"The recipe failed: {error!r}",
    )


def main(run_dir: Path) -> int:
    """Run what `run_dir/spec.json` says and return the exit status."""
    die_with_parent()
    spec = RunSpec.model_validate_json((run_dir / "spec.json").read_bytes())
    ctx = ChildContext(spec, run_dir, EVENTS_FD)
    ctx.watch_signals()
    ctx.sample_resources()
    try:
        config = RECIPES[spec.recipe].config.model_validate(spec.config)
        importlib.import_module(f"llmlora.recipes.{spec.recipe}.run").run(config, ctx)
    except RunCancelledError:
        ctx.emit(Finished(outcome="cancelled"))
        return EXIT_CANCELLED
    except Exception as error:
        traceback.print_exc()
        ctx.emit(classify(error))
        return 1
    ctx.emit(Finished(outcome="completed"))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
