"""Recipes run in this process, where a test is not about processes: a child of its own loads torch for six seconds."""

import importlib
import os
import tempfile

from llmlora.contracts.events import Artifact, Checkpoint, Failure, Report, event_adapter
from llmlora.contracts.recipe import RunCancelledError, RunSpec
from llmlora.contracts.states import JobState
from llmlora.engine.hosts.running import EventSink, Outcome, run_dir_of
from llmlora.recipes import RECIPES
from llmlora.recipes.context import ChildContext
from llmlora.recipes.failures import classify


def run_here(spec: RunSpec, sink: EventSink = lambda _event: None) -> Outcome:
    """What `run_recipe` does, but for the child: the recipe's events and how it ended."""
    run_dir = run_dir_of(spec)
    run_dir.mkdir(parents=True, exist_ok=True)
    (run_dir / "spec.json").write_text(spec.model_dump_json())
    with tempfile.TemporaryFile() as spool:
        context = ChildContext(spec, run_dir, spool.fileno())
        outcome = Outcome(state=JobState.COMPLETED)
        try:
            config = RECIPES[spec.recipe].config.model_validate(spec.config)
            importlib.import_module(f"llmlora.recipes.{spec.recipe}.run").run(config, context)
        except RunCancelledError:
            outcome.state = JobState.CANCELLED
        except Exception as error:
            outcome.state, outcome.failure = JobState.FAILED, classify(error)
        os.lseek(spool.fileno(), 0, os.SEEK_SET)
        for line in spool.read().splitlines():
            event = event_adapter.validate_json(line)
            sink(event)
            match event.body:
                case Artifact():
                    outcome.artifacts.append(event.body)
                case Checkpoint():
                    outcome.checkpoints.append(event.body)
                case Report():
                    outcome.reports[event.body.name] = event.body.body
                case Failure():
                    outcome.failure = event.body
    return outcome
