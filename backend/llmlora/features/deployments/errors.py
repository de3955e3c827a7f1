"""Why something cannot be exported or served."""

from llmlora.kit.errors import ConflictError, InvalidInputError, NotFoundError

DEPLOYMENT_WORDS: dict[str, tuple[str, str]] = {
    "checking": ("検査中", "being checked"),
    "ready": ("使用できる状態", "ready"),
    "rejected": ("検査が不合格の状態", "rejected by its checks"),
    "changed": ("検査後に変更された状態", "changed since its checks"),
    "gone": ("削除された状態", "deleted"),
}
"""What a sentence says of a state: Japanese, English."""


class AdapterNotFoundError(NotFoundError):
    """A job has left no adapter."""

    code = "adapter_not_found"
    ja = "ジョブ {job_id} には、完成したアダプターがありません。完了した学習のジョブを指定してください。"
    en = "The job {job_id} has left no finished adapter. Specify a training that has completed."


class DeploymentNotFoundError(NotFoundError):
    """No deployment has this id, or came from this job."""

    code = "deployment_not_found"
    ja = "デプロイ {id} はありません。GET /api/deployments の一覧で id を確認してください。"
    en = "There is no deployment {id}. Check the ids in GET /api/deployments."


class DeploymentCheckingError(ConflictError):
    """Its gates run now."""

    code = "deployment_checking"
    ja = "{name} は検査中です。検査のジョブが終わるか中止されてから削除してください。"
    en = "{name} is being checked. Delete it after the job of the checks has ended or was cancelled."


class DeploymentFileGoneError(ConflictError):
    """A file that is served from does not exist any more."""

    code = "deployment_file_gone"
    ja = "{name} の配信に使うファイル {file} がなくなっています。元の場所に戻すか、モデルのページで「もう一度デプロイ」を選んでください。"
    en = "The file {file}, which {name} is served from, is missing. Put it back, or choose “Deploy again” on the Models page."


class DeploymentFileChangedError(ConflictError):
    """A file that is served from is not what the gates asked."""

    code = "deployment_file_changed"
    ja = "{name} の配信に使うファイル {file} が、検査のあとに変更されています。元に戻すか、モデルのページで「もう一度デプロイ」を選んでください。"
    en = "The file {file}, which {name} is served from, was changed after the checks. Restore it, or choose “Deploy again” on the Models page."


class DeploymentReplacedError(ConflictError):
    """Another model takes the name in this moment."""

    code = "deployment_being_replaced"
    ja = "{name} は新しいモデルに置き換えている途中です。少し待ってから、もう一度試してください。"
    en = "{name} is being replaced by a new model. Try again in a moment."


class DeploymentAsProvedError(ConflictError):
    """Nothing has happened to it, so there is nothing to mend."""

    code = "deployment_as_proved"
    ja = "{name} は{state}です。もう一度デプロイできるのは、検査のあとに変更または削除されたモデルだけです。"
    en = "{name} is {state}. Only a model that was changed or deleted after its checks can be deployed again."


class DeploymentSourceGoneError(ConflictError):
    """The job that made it is not known any more, so nobody can tell how it was made."""

    code = "deployment_source_gone"
    ja = "{name} をデプロイしたジョブの記録がありません。学習のページから、もう一度デプロイしてください。"
    en = "The record of the job that deployed {name} is gone. Deploy it again from the page of its training."


class DeploymentNotRejectedError(ConflictError):
    """Only a rejected deployment needs a person's word."""

    code = "deployment_not_rejected"
    ja = "{name} は{state}です。「それでも使う」を選べるのは、検査が不合格のモデルだけです。"
    en = "{name} is {state}. Only a model whose checks failed can be used anyway."


class BaseNotServableError(InvalidInputError):
    """llama.cpp needs a GGUF of the base model."""

    code = "base_not_servable"
    ja = "ベースモデル {reference} の GGUF がありません。先にベースモデルを GGUF に変換してください。"
    en = "There is no GGUF of the base model {reference}. Convert the base model to GGUF first."


class NoConversationError(InvalidInputError):
    """It answers with labels, not with text."""

    code = "no_conversation"
    ja = "{name} は予測モデルなので、会話には使えません。「予測を試す」のページか POST /api/deployments/{{id}}/predict を使ってください。"
    en = "{name} is a prediction model and takes no conversations. Use the Playground page or POST /api/deployments/{{id}}/predict."


class NoPredictionError(InvalidInputError):
    """It answers with text, not with labels."""

    code = "no_prediction"
    ja = "{name} は会話するモデルなので、予測には使えません。チャットのページを使ってください。"
    en = "{name} takes conversations and does not predict. Use the Chat page."


class PredictionNotReadyError(ConflictError):
    """It is being checked, or was rejected."""

    code = "prediction_not_ready"
    ja = "{name} は{state}なので、まだ予測に使えません。検査に合格してから、もう一度試してください。"
    en = "{name} is {state}, so it cannot predict. Try again when it has passed its checks."


class NoStandingEngineError(InvalidInputError):
    """A run asked for a model of an engine that only runs for what was deployed."""

    code = "no_standing_engine"
    ja = "{engine} は、デプロイしたモデルのためだけに動きます。このレシピからは使えません。"
    en = "{engine} only runs for deployed models, so this recipe cannot use it."


CELL_WORDS: dict[str, tuple[str, str]] = {
    "number": ("数値", "a number"),
    "boolean": ("true か false", "true or false"),
}
INPUT_WORDS: dict[str, tuple[str, str]] = {
    "text": ("テキスト（text）", "texts (text)"),
    "columns": ("表の行（columns）", "rows of a table (columns)"),
}


class InputTypeError(InvalidInputError):
    """The model takes something else than what it was asked about."""

    code = "prediction_input_type"
    ja = "{name} に入力できるのは{takes}です（指定: {given}）。items の type を合わせてください。"
    en = "{name} takes {takes} (given: {given}). Match the type of the items."


class InputColumnError(InvalidInputError):
    """A row names a column that the model does not read."""

    code = "prediction_column_unknown"
    ja = "{name} は「{column}」という列を読みません。読む列: {known}"
    en = "{name} does not read a column “{column}”. It reads: {known}"


class InputNumberError(InvalidInputError):
    """A cell is not of the type that its column has."""

    code = "prediction_cell_type"
    ja = "列「{column}」には{type}を入れてください（指定: {given}）。値がないときは null にします。"
    en = "The column “{column}” takes {type} (given: {given}). Where there is no value, give null."
