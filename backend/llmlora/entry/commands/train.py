"""`train`: a data set and a base model in, an adapter out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from llmlora.contracts.events import ARTIFACT_WORDS, ArtifactKind
from llmlora.contracts.states import JobState
from llmlora.entry.config_flags import with_config_flags
from llmlora.entry.console import (
    AsJson,
    DataDir,
    err,
    load_settings,
    print_json,
    refuse_ignored,
    run_async,
    show,
)
from llmlora.entry.job_file import checked_config, read_job_file
from llmlora.entry.language import localized, words
from llmlora.entry.lazy import more_help
from llmlora.kit.errors import InvalidInputError
from llmlora.kit.settings import Settings
from llmlora.recipes import DEFAULT
from llmlora.recipes.blocks.base_reference import BUNDLED

Device = Literal["auto", "cpu", "cuda", "mps"]
# Why nothing can be set where a job is resumed.
GOES_ON = (
    "再開すると、元のジョブのデータ、ベースモデル、設定のまま続きます。変えるには、--resume を外して新しく学習してください。",
    "A resumed job continues with its own data, base model and settings. To change them, start a new training without --resume.",
)


class DatasetMissingError(InvalidInputError):
    """No data set was named."""

    code = "dataset_missing"
    ja = "--dataset に、データの番号かファイルを指定してください。"
    en = "Specify a data set with --dataset: an id or a file."


@more_help(
    ja="Ctrl-C を押すとチェックポイントを保存して止まり、train --resume JOB で再開できます。",
    en="Ctrl-C saves a checkpoint and stops; train --resume JOB resumes from it.",
)
@with_config_flags(DEFAULT.config)
def train(
    dataset: Annotated[
        str | None,
        typer.Option(
            "--dataset",
            "-d",
            help=words(
                ja="学習するデータの番号か、取り込むファイルです。",
                en="The id of a data set, or a file to import.",
            ),
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            "-b",
            help=words(
                ja=f"ベースモデルです。省略すると付属のモデルを使います（LoRA では {BUNDLED}）。",
                en=f"The base model; by default a bundled one, {BUNDLED} for LoRA.",
            ),
        ),
    ] = None,
    config_file: Annotated[
        Path | None,
        typer.Option(
            "--config",
            help=words(
                ja="設定ファイル（YAML）です。dataset、base_model、recipe、config を書けます。",
                en="A YAML file with dataset, base_model, recipe and config.",
            ),
        ),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(
            "--resume",
            help=words(
                ja="このジョブを、最後のチェックポイントから再開します。",
                en="Resume this job from its last checkpoint.",
            ),
        ),
    ] = None,
    device: Annotated[
        Device | None,
        typer.Option(
            "--device",
            help=words(
                ja="計算に使うデバイスです。省略すると auto です。",
                en="The device that computes; by default auto.",
            ),
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(
            "--threads",
            min=1,
            max=1024,
            help=words(
                ja="CPU のスレッド数です。省略すると計測して決めます。",
                en="The number of CPU threads; by default it is measured.",
            ),
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
    **flags: Any,
) -> None:
    """Train as a job, or go on with one."""
    settings = load_settings(data_dir)
    if resume is not None:
        own = {"dataset": dataset, "base": base, "config": config_file, "device": device, "threads": threads}
        refuse_ignored("--resume", {**own, **flags}, GOES_ON)
    file = read_job_file(config_file)
    config = checked_config(file, flags)
    dataset = dataset or file.dataset or ""
    if resume is None and not dataset:
        raise DatasetMissingError
    chosen = base or file.base_model
    wanted = Wanted(file.recipe, dataset, chosen, config, device or "auto", threads, resume)
    run_async(_train(settings, wanted, as_json))


@dataclass(frozen=True)
class Wanted:
    """What the flags and the file ask for. `base` None: the recipe's own. `resume`: a job to go on with; then the rest is its own."""

    recipe: str
    dataset: str
    base: str | None
    config: dict[str, Any]
    device: Device
    threads: int | None
    resume: str | None


async def _train(settings: Settings, wanted: Wanted, as_json: bool) -> None:
    """As a job: on the worker of a running `up`, or on one of this command."""
    from llmlora.entry.inputs import dataset_named, shaped
    from llmlora.entry.workplace import refuse_failed, workplace
    from llmlora.features.jobs.schemas import JobCreate

    async with workplace(settings) as place:
        if wanted.resume is not None:
            job_ids = await place.resume(wanted.resume)
        else:
            dataset = await dataset_named(place.database, settings, wanted.dataset)
            request = shaped(
                JobCreate,
                recipe=wanted.recipe,
                dataset_id=dataset.id,
                base_model=wanted.base,
                config=wanted.config,
                device=wanted.device,
                threads=wanted.threads,
            )
            job_ids = await place.create(request)
        err().print(f"[bold]{job_ids[0]}[/]", highlight=False)
        jobs = await place.run_shown(job_ids)
    refuse_failed(jobs)
    job = jobs[0]
    result = Result(
        job_id=job.id,
        epoch=job.epoch,
        state=job.state,
        run_dir=settings.data_dir / "jobs" / job.id / str(job.epoch),
        artifacts=[
            {**a.model_dump(mode="json", include={"kind", "name", "sha256", "size_bytes", "facts"}),
             "path": str(settings.data_dir / a.path)}
            for a in job.artifacts if a.kind != "checkpoint"
        ],
        ledger=job.reports.get("ledger"),
    )  # fmt: skip
    _report(result, as_json=as_json)


@dataclass(frozen=True)
class Result:
    """What a training left."""

    job_id: str
    epoch: int
    state: JobState
    run_dir: Path
    artifacts: list[dict[str, Any]]
    ledger: Mapping[str, Any] | None


def _report(result: Result, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(result))
    else:
        for artifact in result.artifacts:
            kind = localized(*ARTIFACT_WORDS[ArtifactKind(artifact["kind"])])
            show(f"{kind}: {artifact['path']}")
        talks = any(artifact["kind"] == ArtifactKind.ADAPTER for artifact in result.artifacts)
        if result.state is JobState.COMPLETED and talks:
            call = f"./llmlora chat --job {result.job_id}"
            show(localized(f"会話するには: {call}", f"To chat: {call}"))
    if result.state is JobState.CANCELLED:
        call = f"./llmlora train --resume {result.job_id}"
        told = localized(f"再開するには: {call}", f"To resume: {call}")
        err().print(told, markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(130)
