"""What can be wrong with a request for a job."""

from llmlora.kit.errors import ConflictError, InvalidInputError, NotFoundError


class ConfigInvalidError(InvalidInputError):
    """A recipe's config breaks a bound or names an unknown setting."""

    code = "config_invalid"
    ja = "設定が正しくありません。{problems_ja}"
    en = "The settings are not valid. {problems_en}"


class RecipeRefusesKindError(InvalidInputError):
    """The recipe does not take this kind of data set."""

    code = "recipe_refuses_kind"
    ja = "レシピ {recipe} は {kind} のデータを扱えません。扱える種類: {known}"
    en = "The recipe {recipe} does not take data of kind {kind}. It takes: {known}"


class JobNotFoundError(NotFoundError):
    """No job has that id."""

    code = "job_not_found"
    ja = "ジョブ {job_id} はありません。{data_dir}/jobs を確認してください。"
    en = "There is no job {job_id}. See {data_dir}/jobs."


class NothingToResumeError(InvalidInputError):
    """A job left no checkpoint that can be used."""

    code = "nothing_to_resume"
    ja = "ジョブ {job_id} には使えるチェックポイントがありません。最初から学習してください。"
    en = "The job {job_id} has no usable checkpoint. Start it again."


class JobBusyError(ConflictError):
    """Another process runs this job now."""

    code = "job_busy"
    ja = "ジョブ {job_id} は実行中です。終わってから再開してください。"
    en = "The job {job_id} is running. Resume it when it has ended."
