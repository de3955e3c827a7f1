"""Recipes run in this process, where a test is not about processes: a child of its own loads torch for six seconds."""

import importlib
import os
import tempfile

from llmlora.contracts.events import Artifact, Checkpoint, Failure, Finished, Report, event_adapter
from llmlora.contracts.run import RunCancelledError, RunSpec
from llmlora.contracts.states import JobState
from llmlora.engine.hosts.running import EventSink, Outcome, run_dir_of
from llmlora.recipes import RECIPES
from llmlora.recipes.context import ChildContext
from llmlora.recipes.failures import classify


def run_here(spec: RunSpec, sink: EventSink = lambda _event: None) -> Outcome:
    """What `run_recipe` does, but for the child: the recipe's events and how it ended."""
    *lines, last = map(event_adapter.validate_json, lines_here(spec))
    outcome = Outcome(state=JobState.FAILED)
    match last.body:
        case Finished():
            outcome.state = JobState(last.body.outcome)
        case Failure():
            outcome.failure = last.body
    for event in lines:
        sink(event)
        match event.body:
            case Artifact():
                outcome.artifacts.append(event.body)
            case Checkpoint():
                outcome.checkpoints.append(event.body)
            case Report():
                outcome.reports[event.body.name] = event.body.body
    return outcome


def lines_here(spec: RunSpec) -> list[bytes]:
    """Every event of a run, as its child would write it: the last one says how it ended."""
    run_dir = run_dir_of(spec)
    run_dir.mkdir(parents=True, exist_ok=True)
    (run_dir / "spec.json").write_text(spec.model_dump_json())
    with tempfile.TemporaryFile() as spool:
        context = ChildContext(spec, run_dir, spool.fileno())
        try:
            config = RECIPES[spec.recipe].config.model_validate(spec.config)
            importlib.import_module(f"llmlora.recipes.{spec.recipe}.run").run(config, context)
        except RunCancelledError:
            context.emit(Finished(outcome="cancelled"))
        except Exception as error:
            context.emit(classify(error))
        else:
            context.emit(Finished(outcome="completed"))
        os.lseek(spool.fileno(), 0, os.SEEK_SET)
        return spool.read().splitlines()
