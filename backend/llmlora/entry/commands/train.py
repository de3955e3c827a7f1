"""`train`: a data set and a base model in, an adapter out."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from llmlora.contracts.recipe import Resources, RunInputs, RunSpec
from llmlora.contracts.states import JobState
from llmlora.entry.config_flags import with_config_flags
from llmlora.entry.console import AsJson, DataDir, err, load_settings, out, print_json, run_async
from llmlora.features.jobs.service import validate_config
from llmlora.kit.errors import InvalidInputError
from llmlora.kit.settings import Settings
from llmlora.recipes import RECIPES
from llmlora.recipes.text_lora.spec import TextLoraConfig

BUNDLED = "bundled:smollm2-135m-instruct"
FILE_KEYS = frozenset({"dataset", "base_model", "recipe", "config"})


class JobFileInvalidError(InvalidInputError):
    """The file given to `--config` cannot be used."""

    code = "job_file_invalid"
    ja = "設定ファイル {path} を使えません: {reason}。dataset, base_model, recipe, config を書けます。"
    en = "The job file {path} cannot be used: {reason}. It may hold dataset, base_model, recipe and config."


class DatasetMissingError(InvalidInputError):
    """No data set was named."""

    code = "dataset_missing"
    ja = "データセットを指定してください（--dataset ID またはファイル）。"
    en = "Name a data set: --dataset ID, or a file."


@with_config_flags(TextLoraConfig)
def train(
    dataset: Annotated[
        str | None, typer.Option("--dataset", "-d", help="Id of a data set, or a file to add. データ。")
    ] = None,
    base: Annotated[str | None, typer.Option("--base", "-b", help=f"Base model; default {BUNDLED}.")] = None,
    config_file: Annotated[
        Path | None, typer.Option("--config", help="A YAML file with dataset, base_model, config.")
    ] = None,
    resume: Annotated[
        str | None, typer.Option("--resume", help="Continue this job from its last checkpoint. 再開。")
    ] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda", "mps"], typer.Option("--device", help="Where to compute. 装置。")
    ] = "auto",
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="CPU threads.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
    **flags: Any,
) -> None:
    """Train a LoRA adapter. LoRA アダプターを学習させます。

    Ctrl-C saves a checkpoint; `train --resume JOB` continues.
    """
    settings = load_settings(data_dir)
    file = read_job_file(config_file)
    config = validate_config(RECIPES["text_lora"], {**file.get("config", {}), **flags})
    if resume is None and not (dataset or file.get("dataset")):
        raise DatasetMissingError
    resources = Resources.model_validate({"device": device, "threads": threads})
    run_async(
        _train(
            settings,
            dataset or file.get("dataset") or "",
            base or file.get("base_model") or BUNDLED,
            config,
            resources,
            resume=resume,
            as_json=as_json,
        )
    )


def read_job_file(path: Path | None) -> dict[str, Any]:
    """A job file's keys; empty without a file.

    Raises:
        JobFileInvalidError: unreadable, not a mapping, or unknown keys.
    """
    if path is None:
        return {}
    import yaml

    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise JobFileInvalidError(path=path, reason=str(error).splitlines()[0]) from error
    if not isinstance(document, dict) or not isinstance(document.get("config", {}), dict):
        raise JobFileInvalidError(path=path, reason="not a mapping")
    if unknown := set(document) - FILE_KEYS:
        raise JobFileInvalidError(path=path, reason=f"unknown {', '.join(sorted(map(str, unknown)))}")
    if document.get("recipe", "text_lora") != "text_lora":
        raise JobFileInvalidError(path=path, reason=f"recipe {document['recipe']} does not train")
    return document


async def _train(
    settings: Settings,
    dataset: str,
    base: str,
    config: dict[str, Any],
    resources: Resources,
    *,
    resume: str | None,
    as_json: bool,
) -> None:
    from llmlora.entry.event_view import EventView
    from llmlora.features.jobs.service import prepare_run, resume_run, run_job

    if resume is not None:
        spec = resume_run(resume, settings.data_dir)
    else:
        inputs = await _inputs(settings, dataset, base)
        spec = prepare_run("text_lora", config, inputs, settings.data_dir, resources)
    err().print(f"[bold]{spec.job_id}[/]", highlight=False)
    cancel = cancel_on_signals()
    with EventView(err()) as view:
        outcome = await run_job(spec, view.show, cancel=cancel)
    _report(spec, outcome, as_json=as_json)
    if outcome.state is JobState.CANCELLED:
        err().print(f"続き / continue: ./llmlora train --resume {spec.job_id}", highlight=False)
        raise typer.Exit(130)


async def _inputs(settings: Settings, dataset: str, base: str) -> RunInputs:
    from llmlora.engine.embedded.services import open_database
    from llmlora.entry.event_view import EventView
    from llmlora.entry.inputs import base_model_named, dataset_named

    async with open_database(settings) as database:
        chosen = await dataset_named(database, settings, dataset)
        with EventView(err()) as view:
            model = await base_model_named(database, settings, base, view.show)
    return RunInputs(dataset=chosen, base_model=model)


def cancel_on_signals() -> asyncio.Event:
    """An event that the first SIGINT or SIGTERM sets."""
    cancel = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, cancel.set)
    return cancel


def _report(spec: RunSpec, outcome: Any, *, as_json: bool) -> None:
    from llmlora.engine.process_host import run_dir_of

    run_dir = run_dir_of(spec)
    if as_json:
        print_json(
            {
                "job_id": spec.job_id,
                "epoch": spec.epoch,
                "state": outcome.state,
                "run_dir": run_dir,
                "artifacts": [
                    {**a.model_dump(mode="json"), "path": str(run_dir / a.path)} for a in outcome.artifacts
                ],
                "ledger": outcome.reports.get("ledger"),
            }
        )
        return
    for artifact in outcome.artifacts:
        out().print(f"{artifact.kind}: {run_dir / artifact.path}", highlight=False, soft_wrap=True)
    if outcome.state is JobState.COMPLETED:
        out().print(f"話す / talk: ./llmlora chat --job {spec.job_id}", highlight=False, soft_wrap=True)
