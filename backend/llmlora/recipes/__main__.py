"""`python -m llmlora.recipes RUN_DIR`: the child process of one run.

Reads `spec.json`, runs the recipe, and ends with a `finished` or `failure` event on descriptor 3.
Exit status: 0 completed, 10 cancelled cleanly, 1 failed (the failure event says why).
"""

import importlib
import json
import os
import shutil
import sys
import traceback
from pathlib import Path

from llmlora.contracts.events import Finished
from llmlora.contracts.run import RunCancelledError, RunSpec
from llmlora.kit.processes import EVENTS_FD, die_with_parent, take_secrets
from llmlora.recipes import RECIPES
from llmlora.recipes.context import ChildContext
from llmlora.recipes.failures import classify

EXIT_CANCELLED = 10
# Behind the API and the inference servers, which people wait for.
NICENESS = 5


def main(run_dir: Path) -> int:
    """Run what `run_dir/spec.json` says and return the exit status."""
    die_with_parent()
    os.nice(NICENESS)
    spec = RunSpec.model_validate_json((run_dir / "spec.json").read_bytes())
    ctx = ChildContext(spec, run_dir, EVENTS_FD, json.loads(take_secrets() or b"{}"))
    ctx.watch_signals()
    try:
        config = RECIPES[spec.recipe].config.model_validate(spec.config)
        with ctx.sampled_resources(), ctx.interruptible():
            importlib.import_module(f"llmlora.recipes.{spec.recipe}.run").run(config, ctx)
    except RunCancelledError:
        _drop_unfinished(run_dir)
        ctx.emit(Finished(outcome="cancelled"))
        return EXIT_CANCELLED
    except Exception as error:
        sys.stderr.write(ctx.redacted(traceback.format_exc()))
        ctx.emit(classify(error))
        return 1
    ctx.emit(Finished(outcome="completed"))
    return 0


def _drop_unfinished(run_dir: Path) -> None:
    """What a run has not finished has a name with a dot in front. Most is gone: SIGTERM may have come between the making
    of a directory and the block that would have removed it."""
    for path in run_dir.glob(".*"):
        shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
