"""What can be wrong with a request for a job."""

from llmlora.kit.errors import ConflictError, InvalidInputError, NotFoundError


class JobNotFoundError(NotFoundError):
    """No job has that id."""

    code = "job_not_found"
    ja = "ジョブ {job_id} はありません。./llmlora jobs list で確認してください。"
    en = "There is no job {job_id}. See ./llmlora jobs list."


class NothingToResumeError(InvalidInputError):
    """A job left no checkpoint that can be used."""

    code = "nothing_to_resume"
    ja = "ジョブ {job_id} には使えるチェックポイントがありません。最初から学習してください。"
    en = "The job {job_id} has no usable checkpoint. Start it again."


class InputMissingError(InvalidInputError):
    """A recipe's input was not named."""

    code = "job_input_missing"
    ja = "レシピ {recipe} には {missing} が必要です。"
    en = "The recipe {recipe} needs {missing}."


class InputUnusedError(InvalidInputError):
    """Something was named that the recipe does not read."""

    code = "job_input_unused"
    ja = "レシピ {recipe} は {unused} を使いません。外してください。"
    en = "The recipe {recipe} does not use {unused}. Leave it out."


class DependencyUnknownError(InvalidInputError):
    """`depends_on` names a job that does not exist."""

    code = "dependency_unknown"
    ja = "depends_on のジョブ {job_id} はありません。"
    en = "There is no job {job_id} for depends_on."


class DependencyFailedError(ConflictError):
    """`depends_on` names a job that can no longer complete."""

    code = "dependency_failed"
    ja = "depends_on のジョブ {job_id} は {state} で終わっています。完了したジョブを指定してください。"
    en = "The job {job_id} of depends_on has ended as {state}. Name one that completes."


class DeployNameAwaitedError(ConflictError):
    """An unfinished chain is to give its model the same name."""

    code = "deploy_name_awaited"
    ja = "{name} という名前は、まだ終わっていないジョブ {job_id} が使います。別の名前にするか、replace を true にしてください。"
    en = "The name {name} is that of the job {job_id}, which has not ended. Choose another name, or set replace to true."


class JobWithoutAdapterError(ConflictError):
    """What was asked needs a training that has left its adapter."""

    code = "job_without_adapter"
    ja = "ジョブ {job_id}（{state}）には、デプロイできるアダプターがありません。完了した学習のジョブを指定してください。"
    en = "The job {job_id} ({state}) has no adapter that could be deployed. Name a training that has completed."


class DeployUnderWayError(ConflictError):
    """The same deployment is being made."""

    code = "deploy_under_way"
    ja = "同じデプロイをジョブ {job_id} が行っています。終わるまで待つか、別の形式か名前を選んでください。"
    en = "The job {job_id} is making the same deployment. Wait for its end, or choose another format or name."


class AlreadyDeployedError(ConflictError):
    """The training is deployed in just this way."""

    code = "already_deployed"
    ja = "この学習は同じ形式で {name} としてデプロイ済みです。それを使うか、別の形式か名前を選んでください。"
    en = "This training is deployed in the same form already, as {name}. Use that, or choose another format or name."


class JobNotOverError(ConflictError):
    """What was asked needs a job that has ended."""

    code = "job_not_over"
    ja = "ジョブ {job_id} はまだ {state} です。終わってから、もう一度試してください。"
    en = "The job {job_id} is still {state}. Wait for its end (or cancel it), then try again."


class JobOverError(ConflictError):
    """What was asked needs a job that has not ended."""

    code = "job_over"
    ja = "ジョブ {job_id} はすでに {state} で終わっています。"
    en = "The job {job_id} has already ended as {state}."


class JobCompletedError(ConflictError):
    """A completed job has nothing left to resume."""

    code = "job_completed"
    ja = "ジョブ {job_id} は完了しています。同じ設定でもう一度実行するには複製してください。"
    en = "The job {job_id} is completed. Duplicate it to run the same again."


class JobInUseError(ConflictError):
    """Somebody still needs what this job made."""

    code = "job_in_use"
    ja = "ジョブ {job_id} とそのファイルは、使われているため削除できません。{needs_ja}"
    en = "The job {job_id} and its files are needed and cannot be deleted. {needs_en}"


class JobBusyError(ConflictError):
    """Another process runs this job now."""

    code = "job_busy"
    ja = "ジョブ {job_id} は実行中です。終わってから再開してください。"
    en = "The job {job_id} is running. Resume it when it has ended."


class TwoDirectionsError(InvalidInputError):
    """Events are asked for forward and backward at once."""

    code = "two_directions"
    ja = "after（そこから後）と tail（末尾から）は同時に使えません。before は tail と一緒に使ってください。"
    en = "`after` (forward from there) and `tail` (from the end) exclude each other; `before` goes with `tail`."
