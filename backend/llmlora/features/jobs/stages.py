"""What of a chain is its newest: the jobs that the strip of a page shows."""

import json
from collections.abc import Sequence

from llmlora.contracts.states import JobState
from llmlora.recipes import RECIPES
from llmlora.tables.job import JobRow

FRUITLESS = frozenset({JobState.FAILED, JobState.CANCELLED})


def newest_of_stages(chain: Sequence[JobRow], seen_from: str) -> list[JobRow]:
    """The jobs of a chain (oldest first) without those that failed or were cancelled and were asked for again.

    Seen from one of these it is the chain as it stood before anything was resumed after that job.
    """
    newest = {_stage_of(job): job.id for job in chain}
    shown = [job for job in chain if job.state not in FRUITLESS or newest[_stage_of(job)] == job.id]
    before = next((place for place, job in enumerate(chain) if job.id == seen_from), None)
    if before is None or any(job.id == seen_from for job in shown):
        return shown
    resumed = (place for place, job in enumerate(chain) if place > before and job.resumes_job_id is not None)
    return newest_of_stages(chain[: next(resumed, before + 1)], seen_from)


def _stage_of(job: JobRow) -> str:
    """What a job is to do and for whom: two with the same are two tries. A setting that its recipe did not have yet when
    the job was made counts as its default."""
    recipe = RECIPES.get(job.recipe)
    config = {**recipe.defaults, **job.config} if recipe else job.config
    return json.dumps([job.recipe, job.name, config], sort_keys=True)
