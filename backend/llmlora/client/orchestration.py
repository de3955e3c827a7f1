"""Trainings from a script: submitted, waited for, compared. Every one is an ordinary job of the platform."""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypedDict

from pydantic import JsonValue

from llmlora.client.calls import Call
from llmlora.client.errors import ClientError, JobNotCompletedError, WaitTimeoutError, said
from llmlora.client.figures import Direction, Found, figure_of, figures_of
from llmlora.client.following import completed
from llmlora.client.generated.models import ArtifactOut, EvaluationDetail, JobDetail, RecipeOut
from llmlora.client.job_configs import (
    Config,
    Machine,
    Training,
    duration,
    machine_of,
    recipe_of,
    takes,
    training_of,
)
from llmlora.client.searching import SWEEPS, find_sweep, objective_of, share_of, space_of, wait_for_sweep
from llmlora.client.synchronous import Client
from llmlora.contracts.states import JobState

_log = logging.getLogger("llmlora.client")
_NOT_FOUND = 404
_CHECKPOINT_KINDS = ("checkpoint",)


@dataclass(frozen=True)
class SubmittedJob:
    """A job that was asked for. `notes`: what was asked for and is not there, and what it runs with instead."""

    id: str
    name: str
    notes: tuple[str, ...] = field(default=())


class JobStatus(TypedDict):
    """How far a job is. `progress`: of its current stage, from 0 to 1; `eta`: such as `10min`, None while nobody knows."""

    status: str
    progress: float
    eta: str | None


class JobResults(TypedDict):
    """What a job leaves. `metrics`: its figures by their names and by scikit-learn's."""

    status: str
    metrics: dict[str, float]
    evaluation: EvaluationDetail | None
    artifacts: list[ArtifactOut]
    config: dict[str, JsonValue]


@dataclass(frozen=True)
class BestModel:
    """The job whose metric is best. `values`: of all jobs that have it."""

    job_id: str
    name: str
    metric: str
    value: float
    direction: Direction
    values: dict[str, float]


JobLike = SubmittedJob | str


class TrainingOrchestrator:
    """Submits trainings to a running platform, and waits for what becomes of them.

    `data_path` (a file on this machine), `dataset` (an id) and `target` (a column) hold for every training that names none.
    `checkpoint_dir`: a directory on this machine that receives copies of checkpoints when one waits for a job.
    `auto_resume`: submitting a training again goes on from its last checkpoint, as `resume_from_checkpoint=True` does.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        token: str | None = None,
        data_path: str | Path | None = None,
        dataset: str | None = None,
        target: str | None = None,
        checkpoint_dir: str | Path | None = None,
        checkpoint_interval: int | None = None,
        auto_resume: bool = False,
        client: Client | None = None,
    ) -> None:
        self.client = client or Client(base_url, token=token)
        self._data_path = None if data_path is None else str(data_path)
        self._dataset, self._target = dataset, target
        self._checkpoint_dir = None if checkpoint_dir is None else Path(checkpoint_dir)
        self._checkpoint_interval, self._auto_resume = checkpoint_interval, auto_resume
        self._last_dataset: str | None = None
        self._recipes: list[RecipeOut] = []

    def submit_training_job(
        self,
        name: str,
        config: Config,
        resources: Config | None = None,
        resume_from_checkpoint: bool | None = None,
        *,
        data_path: str | Path | None = None,
        dataset: str | None = None,
    ) -> SubmittedJob:
        """Ask for one training.

        `config`: `model` (one that a recipe learns) or `recipe`, `data_path` or `dataset`, `hyperparameters`; see `training_of`.
        `resources`: `cpu` in cores, `memory` as in 8GB, `gpu` how many. What is not there is left out, said in `notes` and logged.
        `resume_from_checkpoint`: go on from the newest job of this name that has one; without one, it begins anew.

        Raises:
            ClientError: the API refuses, or the data are missing.
        """
        is_resumed = self._auto_resume if resume_from_checkpoint is None else resume_from_checkpoint
        if is_resumed and (found := self._resumed(name)):
            return found
        body, machine = self._request(name, config, resources, data_path, dataset)
        job = self.client.jobs.create(**body)
        return SubmittedJob(job.id, job.name, machine.notes)

    def hyperparameter_search(
        self,
        model: str | None = None,
        param_space: Mapping[str, Any] | None = None,
        search_strategy: str = "bayesian",
        metric: str | None = None,
        cv: int | None = None,
        *,
        name: str = "search",
        config: Config | None = None,
        resources: Config | None = None,
        direction: Direction | None = None,
        n_trials: int | None = None,
        parallel: int = 1,
        data_path: str | Path | None = None,
        dataset: str | None = None,
    ) -> SubmittedJob:
        """Search the settings of a recipe; its id is taken where that of a job is, and stands for its best trial.

        `param_space`: by setting, a list of values, a pair (from, to), or a dimension of `POST /api/sweeps`. `search_strategy`: grid,
        random, bayesian, cmaes, gp. `n_trials`: how many at most (a grid: all). `config`: what all trials share.

        Raises:
            ClientError: the API refuses, or the data are missing.
        """
        shared = {
            **(config or {}),
            **({} if model is None else {"model": model}),
            **({} if cv is None else {"cv": cv}),
        }
        body, machine = self._request(name, shared, resources, data_path, dataset)
        recipe = next(one for one in self._known_recipes() if one.name == body["recipe"])
        asked = body | {
            "space": space_of(param_space or {}),
            "sampler": search_strategy,
            "objectives": objective_of(recipe, metric, direction),
            "parallel": parallel,
            "budget": {} if n_trials is None else {"trials": n_trials},
        }
        made = self.client.transport.send(Call("POST", SWEEPS, json=asked, has_key=True)).json()
        return SubmittedJob(made["id"], made["name"], machine.notes)

    def get_job_status(self, job: JobLike) -> JobStatus:
        """How far a job is: `{"status": "running", "progress": 0.45, "eta": "10min"}`."""
        try:
            found = self.client.jobs.get_progress(_id(job))
        except ClientError as error:
            sweep = find_sweep(self.client, _id(job)) if error.status == _NOT_FOUND else None
            if sweep is None:
                raise
            return {"status": sweep["state"], "progress": share_of(sweep), "eta": None}
        at = found.progress
        share = at.done / at.total if at is not None and at.total else 0.0
        is_done = JobState(found.state) is JobState.COMPLETED
        eta = duration(at.eta_s) if at is not None and JobState(found.state) is JobState.RUNNING else None
        return {"status": found.state, "progress": 1.0 if is_done else share, "eta": eta}

    def wait_for_completion(self, job: JobLike, timeout_s: float | None = None) -> JobDetail:
        """The job (of a search, that of its best trial), once it has completed; its checkpoints are copied to `checkpoint_dir`.

        Raises:
            JobNotCompletedError: it failed, or was cancelled.
            WaitTimeoutError: it is not over within `timeout_s`; it goes on.
        """
        try:
            found = self.client.jobs.wait(_id(job), timeout_s=timeout_s)
        except ClientError as error:
            sweep = wait_for_sweep(self.client, _id(job), timeout_s) if error.status == _NOT_FOUND else None
            if sweep is None:
                raise
            found = self.client.jobs.get(_best_of(sweep))
        self._copy_checkpoints(found.id)
        return completed(found)

    def get_results(self, job: JobLike) -> JobResults:
        """What a job has measured and left so far."""
        found = self._job(_id(job))
        figures, evaluation = self._figures(found)
        return {
            "status": found.state,
            "metrics": {name: one.value for name, one in figures.items()},
            "evaluation": evaluation,
            "artifacts": found.artifacts,
            "config": found.config,
        }

    def submit_batch_training(
        self, configs: Sequence[Config], resources: Config | None = None, *, name: str = "batch"
    ) -> list[SubmittedJob]:
        """Ask for many trainings; each configuration may have a `name` of its own."""
        return [
            self.submit_training_job(
                str(config.get("name") or f"{name}-{place}"),
                {key: value for key, value in config.items() if key != "name"},
                resources,
            )
            for place, config in enumerate(configs, 1)
        ]

    def wait_for_all(
        self, jobs: Iterable[JobLike], timeout_s: float | None = None, *, continue_on_error: bool = True
    ) -> list[JobDetail]:
        """All jobs, once they are over, however they ended; with `continue_on_error=False` the first that did not complete is raised.

        Raises:
            JobNotCompletedError: see above.
            WaitTimeoutError: one is not over when `timeout_s` have gone by since the call.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        done = []
        for job in jobs:
            left_s = None if deadline is None else max(0.01, deadline - time.monotonic())
            try:
                found = self.client.jobs.wait(_id(job), timeout_s=left_s)
            except WaitTimeoutError:
                raise WaitTimeoutError(_id(job), timeout_s or 0.0) from None
            done.append(found if continue_on_error else completed(found))
        return done

    def select_best_model(
        self, jobs: Iterable[JobLike], metric: str, direction: Direction | None = None
    ) -> BestModel:
        """The completed job whose metric is best; jobs that failed are left out.

        `metric`: by scikit-learn's name or the recipe's. `direction`: else as the recipe says.

        Raises:
            ClientError: no job has completed, one has no such metric, or the direction is not known.
        """
        found: list[tuple[JobDetail, Found]] = []
        for one in jobs:
            job = self.client.jobs.get(_id(one))
            if JobState(job.state) is JobState.COMPLETED:
                found.append((job, figure_of(job, self._figures(job)[0], metric)))
        if not found:
            raise ClientError(code="nothing_completed", detail=said(ja="完了したジョブがありません。", en="No job has completed."))  # fmt: skip
        way = direction or found[0][1].direction
        if way is None:
            raise ClientError(
                code="direction_unknown",
                detail=said(
                    ja=f"「{metric}」は大きいほど良いのか小さいほど良いのか決まっていません。direction に maximize か minimize を指定してください。",
                    en=f"It is not known whether “{metric}” is better larger or smaller. Set direction to maximize or minimize.",
                ),
            )
        pick = max if way == "maximize" else min
        job, figure = pick(found, key=lambda pair: pair[1].value)
        return BestModel(job.id, job.name, metric, figure.value, way, {j.id: one.value for j, one in found})

    def close(self) -> None:
        """Give the connections back."""
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _request(
        self,
        name: str,
        config: Config,
        resources: Config | None,
        data_path: str | Path | None,
        dataset: str | None,
    ) -> tuple[dict[str, Any], Machine]:
        """What a job is asked for with, and what it is given of the machine."""
        training = training_of(config)
        recipe = recipe_of(training, self._known_recipes())
        asked = {**training.resources, **(resources or {})}
        machine = machine_of(asked, self.client.system.describe(), self.client.system.sample_resources())
        for note in machine.notes:
            _log.warning("%s: %s", name, note)
        body: dict[str, Any] = {
            "name": name,
            "recipe": recipe.name,
            "device": machine.device,
            **training.more,
        }
        if machine.threads is not None:
            body["threads"] = machine.threads
        if training.base_model is not None:
            body["base_model"] = training.base_model
        body["config"] = self._settings(training, recipe)
        body["dataset_id"] = self._dataset_for(training, data_path, dataset)
        return body, machine

    def _job(self, id_: str) -> JobDetail:
        """A job, or that of the best trial of a search."""
        try:
            return self.client.jobs.get(id_)
        except ClientError as error:
            sweep = find_sweep(self.client, id_) if error.status == _NOT_FOUND else None
            if sweep is None:
                raise
            return self.client.jobs.get(_best_of(sweep))

    def _known_recipes(self) -> list[RecipeOut]:
        if not self._recipes:
            self._recipes = self.client.recipes.list().data
        return self._recipes

    def _settings(self, training: Training, recipe: RecipeOut) -> dict[str, Any]:
        settings = dict(training.settings)
        usual = {
            "model": training.model,
            "target": self._target,
            "checkpoint_interval": self._checkpoint_interval,
        }
        for name, value in usual.items():
            if value is not None and takes(recipe, name):
                settings.setdefault(name, value)
        return settings

    def _dataset_for(self, training: Training, data_path: str | Path | None, dataset: str | None) -> str:
        """The id of the data: of the call, of the configuration, of the orchestrator, or of the last training."""
        ids = (dataset, training.dataset)
        paths = (None if data_path is None else str(data_path), training.data_path)
        if found := next((one for one in ids if one), None):
            return self._remembered(found)
        if path := next((one for one in paths if one), None) or (None if self._dataset else self._data_path):
            return self._remembered(self.client.datasets.upload(file=path).dataset.id)
        if known := self._dataset or self._last_dataset:
            return self._remembered(known)
        raise ClientError(
            code="data_missing",
            detail=said(
                ja="学習するデータがありません。data_path（ファイル）か dataset（ID）を指定してください。",
                en="There are no data to train on. Give data_path (a file) or dataset (an id).",
            ),
        )

    def _remembered(self, dataset_id: str) -> str:
        self._last_dataset = dataset_id
        return dataset_id

    def _resumed(self, name: str) -> SubmittedJob | None:
        """The job that goes on from the checkpoint of the newest of this name; None where there is none to go on from."""
        for job in self.client.jobs.iterate(q=name, state=["cancelled", "failed"]):
            if job.name != name:
                continue
            try:
                made = self.client.jobs.resume(job.id)
            except ClientError as error:
                _log.info("%s: %s", name, error.detail)
                return None
            return SubmittedJob(made.id, made.name)
        return None

    def _figures(self, job: JobDetail) -> tuple[dict[str, Found], EvaluationDetail | None]:
        evaluation = None if job.evaluation_id is None else self.client.evaluations.get(job.evaluation_id)
        recipe = next((one for one in self._known_recipes() if one.name == job.recipe), None)
        return figures_of(job, evaluation, recipe), evaluation

    def _copy_checkpoints(self, job_id: str) -> None:
        if self._checkpoint_dir is None:
            return
        for one in self.client.artifacts.list(job_id).data:
            if one.kind in _CHECKPOINT_KINDS and one.download_url is not None:
                self.client.artifacts.download(
                    one.id, self._checkpoint_dir / job_id / f"{Path(one.path).name}.zip"
                )


def _best_of(sweep: Mapping[str, Any]) -> str:
    """The job of the best trial.

    Raises:
        JobNotCompletedError: no trial has completed.
    """
    best = sweep["best"]
    if best is None or best["job_id"] is None:
        raise JobNotCompletedError(sweep["id"], sweep["state"], "", sweep["end_reason"] or "")
    return str(best["job_id"])


def _id(job: JobLike) -> str:
    return job if isinstance(job, str) else job.id


__all__ = [
    "BestModel",
    "JobNotCompletedError",
    "JobResults",
    "JobStatus",
    "SubmittedJob",
    "TrainingOrchestrator",
]
