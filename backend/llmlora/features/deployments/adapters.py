"""Finds the adapter that a job left, and the base model it was trained on."""

from dataclasses import dataclass
from pathlib import Path

from llmlora.contracts.recipe import BaseModelInput, FileInput, RunSpec
from llmlora.features.deployments.errors import AdapterNotFoundError, BaseUnknownError
from llmlora.kit.files import sha256_of_tree

FINAL_MODEL = "final_model"
TEMPLATE_NAME = "chat_template.jinja"
WEIGHTS_NAME = "adapter_model.safetensors"


@dataclass(frozen=True)
class TrainedAdapter:
    """A `final_model` directory and its base. `run_dir` None: the adapter comes from elsewhere."""

    directory: Path
    base: BaseModelInput
    sha256: str
    run_dir: Path | None = None
    max_length: int | None = None
    """The longest row of the training, where a run tells it."""

    @property
    def template(self) -> Path | None:
        """The chat template it was trained with, as a file."""
        path = self.directory / TEMPLATE_NAME
        return path if path.is_file() else None

    def as_input(self) -> FileInput:
        """The adapter as a recipe is given it."""
        return FileInput(path=self.directory, sha256=self.sha256)


def find_adapter(job_or_path: str, data_dir: Path, base: BaseModelInput | None = None) -> TrainedAdapter:
    """By job id (its newest epoch with a result), run directory or `final_model` directory.

    `base` is asked for only where no run tells it, and wins where it is given.

    Raises:
        AdapterNotFoundError: nothing finished is there.
        BaseUnknownError: neither a run nor `base` names the base model.
    """
    directory = _adapter_directory(job_or_path, data_dir)
    run_dir = directory.parent if (directory.parent / "spec.json").is_file() else None
    run = None if run_dir is None else RunSpec.model_validate_json((run_dir / "spec.json").read_bytes())
    if base is None and run is not None and "base_model" in run.inputs:
        base = run.inputs.base_model()
    if base is None:
        raise BaseUnknownError(path=directory)
    return TrainedAdapter(directory, base, sha256_of_tree(directory), run_dir, _max_length(run))


def _adapter_directory(job_or_path: str, data_dir: Path) -> Path:
    places = [Path(job_or_path)]
    if Path(job_or_path).name == job_or_path:
        epochs = (p for p in (data_dir / "jobs" / job_or_path).glob("*") if p.name.isdigit())
        places = [*sorted(epochs, key=lambda p: int(p.name), reverse=True), *places]
    for place in places:
        for directory in (place / FINAL_MODEL, place):
            if (directory / WEIGHTS_NAME).is_file():
                return directory.resolve()
    raise AdapterNotFoundError(where=job_or_path)


def _max_length(run: RunSpec | None) -> int | None:
    written = None if run is None else run.config.get("max_length")
    return written if isinstance(written, int) else None
