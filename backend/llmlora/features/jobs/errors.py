"""What can be wrong with a request for a job."""

from llmlora.kit.errors import ConflictError, InvalidInputError, NotFoundError


class JobNotFoundError(NotFoundError):
    """No job has that id."""

    code = "job_not_found"
    ja = "ジョブ {job_id} はありません。./llmlora jobs list で確認してください。"
    en = "There is no job {job_id}. Check ./llmlora jobs list."


class NothingToResumeError(InvalidInputError):
    """A job left no checkpoint that can be used."""

    code = "nothing_to_resume"
    ja = "ジョブ「{name}」には、再開に使えるチェックポイントがありません。最初から学習してください。"
    en = "The job “{name}” has no checkpoint to resume from. Train from the beginning."


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


class InputUnknownError(InvalidInputError):
    """`inputs` names what the recipe does not have."""

    code = "job_input_unknown"
    ja = "レシピ {recipe} に {unknown} という入力はありません。指定できる入力: {known}"
    en = "The recipe {recipe} has no input {unknown}. Inputs that can be named: {known}"


class InputContradictedError(InvalidInputError):
    """Two places of one request name different things for one input."""

    code = "job_input_contradicted"
    ja = "{field} と inputs の {name} は同じ入力ですが、値が違います。どちらか一方だけ指定してください。"
    en = "{field} and {name} of inputs are the same input with different values. Give only one of them."


class DependencyUnknownError(InvalidInputError):
    """`depends_on` names a job that does not exist."""

    code = "dependency_unknown"
    ja = "depends_on に指定したジョブ {job_id} はありません。番号を確認してください。"
    en = "There is no job {job_id}, which depends_on names. Check the id."


class DependencyFailedError(ConflictError):
    """`depends_on` names a job that can no longer complete."""

    code = "dependency_failed"
    ja = "depends_on に指定したジョブ「{name}」は完了せずに終わっています（{state}）。完了したジョブを指定してください。"
    en = "The job “{name}”, which depends_on names, ended without completing ({state}). Specify one that has completed."


class DeployNameAwaitedError(ConflictError):
    """An unfinished chain is to give its model the same name."""

    code = "deploy_name_awaited"
    ja = "{name} という名前は、まだ終わっていないジョブ「{job_name}」が使う予定です。別の名前にするか、置き換えを選んでください（replace: true）。"
    en = "The job “{job_name}”, which has not ended, is going to use the name {name}. Choose another name, or replace it (replace: true)."


class JobWithoutAdapterError(ConflictError):
    """What was asked needs a training that has left its adapter."""

    code = "job_without_adapter"
    ja = "ジョブ「{name}」（{state}）には、デプロイできるアダプターがありません。完了した学習のジョブを指定してください。"
    en = "The job “{name}” ({state}) has no adapter to deploy. Specify a training job that has completed."


class DeployUnderWayError(ConflictError):
    """The same deployment is being made."""

    code = "deploy_under_way"
    ja = "同じデプロイをジョブ「{name}」が進めています。終わるのを待つか、別の形式か名前を選んでください。"
    en = "The job “{name}” is already working on the same deployment. Wait until it ends, or choose another format or name."


class AlreadyDeployedError(ConflictError):
    """The training is deployed in just this way."""

    code = "already_deployed"
    ja = "この学習は、同じ形式で {name} としてデプロイ済みです。そのまま使うか、別の形式か名前を選んでください。"
    en = "This training is already deployed in the same format, as {name}. Use that, or choose another format or name."


class TargetUnfitError(InvalidInputError):
    """What the training makes is of a kind that the target does not serve."""

    code = "target_unfit"
    ja = "「{training}」で学習したモデルは、{target} にはデプロイできません。target に {known} を指定してください。"
    en = "What “{training}” trains cannot be deployed to {target}. Set target to one of: {known}."


class DeployOptionUnusedError(InvalidInputError):
    """A deployment is told something of conversations, and its target has none."""

    code = "deploy_option_unused"
    ja = "{target} では会話をしないため、{unused} は使われません。外してください。"
    en = "{target} holds no conversations and does not use {unused}. Leave it out."


class JobNotOverError(ConflictError):
    """What was asked needs a job that has ended."""

    code = "job_not_over"
    ja = "ジョブ「{name}」はまだ終わっていません（{state}）。終わるのを待つか中止してから、もう一度試してください。"
    en = "The job “{name}” has not ended yet ({state}). Wait until it ends or cancel it, then try again."


class JobOverError(ConflictError):
    """What was asked needs a job that has not ended."""

    code = "job_over"
    ja = "ジョブ「{name}」はすでに終わっています（{state}）。"
    en = "The job “{name}” has already ended ({state})."


class JobCompletedError(ConflictError):
    """A completed job has nothing left to resume."""

    code = "job_completed"
    ja = "ジョブ「{name}」は完了しているため、再開できません。同じ設定でもう一度実行するには、複製してください。"
    en = "The job “{name}” has completed and cannot be resumed. Duplicate it to run it again."


class JobInUseError(ConflictError):
    """Somebody still needs what this job made."""

    code = "job_in_use"
    ja = "ジョブ「{name}」とそのファイルは、使われているため削除できません。{needs_ja}"
    en = "The job “{name}” and its files are in use and cannot be deleted. {needs_en}"


class TwoDirectionsError(InvalidInputError):
    """Events are asked for forward and backward at once."""

    code = "two_directions"
    ja = "after（指定した番号より後）と tail（末尾から）は同時に使えません。before は tail と一緒に使ってください。"
    en = "`after` (what follows a number) and `tail` (the last ones) cannot be combined. Use `before` together with `tail`."


class SortUnknownError(InvalidInputError):
    """A list is to be sorted by what jobs do not have."""

    code = "job_sort_unknown"
    ja = "「{column}」では並べ替えられません。使えるのは {columns}、config.<設定>、last.<値>・min.<値>・max.<値> です。"
    en = "Jobs cannot be sorted by {column}. Use {columns}, config.<setting>, last.<metric>, min.<metric> or max.<metric>."
