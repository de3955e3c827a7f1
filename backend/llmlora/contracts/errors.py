"""Errors that belong to jobs, whoever raises them."""

from llmlora.kit.errors import AppError


class JobFailedError(AppError):
    """A job ran and failed. `failure_code`, `ja_text` and `en_text` carry the job's own words."""

    status = 500
    exit_code = 6
    code = "job_failed"
    ja = "ジョブが失敗しました（{failure_code}）: {ja_text}"
    en = "The job failed ({failure_code}): {en_text}"


class GateFailedError(AppError):
    """A gate is red: what is served does not answer as what was trained."""

    status = 500
    exit_code = 7
    code = "gate_failed"
    ja = "検査「{gate}」が不合格です: {ja_text}"
    en = "The check “{gate}” failed: {en_text}"
