"""Why a request about files or fine-tuning is refused, with the parameter that has to change."""

from llmlora.kit.errors import AppError, FieldProblem, InvalidInputError, NotFoundError


class _ParameterError(InvalidInputError):
    """Names the parameter in `param`."""

    status = 400

    def __init__(self, param: str, **facts: object) -> None:
        super().__init__(param=param, **facts)
        self.fields = (problem_of(self, param),)


class FileUnknownError(NotFoundError):
    """No file has that id."""

    code = "file_not_found"
    ja = "ファイル {id} はありません。GET /v1/files で確認してください。"
    en = "There is no file {id}. Check GET /v1/files."


class PurposeUnsupportedError(_ParameterError):
    """Files serve fine-tuning only."""

    code = "purpose_unsupported"
    ja = "purpose「{given}」には対応していません。fine-tune を指定してください。"
    en = "The purpose “{given}” is not supported. Use fine-tune."


class RowsRefusedError(_ParameterError):
    """Some rows of a training file cannot be used; OpenAI takes no file in part, and neither does this route."""

    code = "invalid_training_file"
    ja = "{read} 行のうち {refused} 行は使えません。{row} 行目: {first_ja}（POST /api/datasets/upload では、使える行だけを取り込めます）"
    en = (
        "{refused} of {read} rows cannot be used. Row {row}: {first_en} "
        "(POST /api/datasets/upload imports the usable rows of such a file.)"
    )


class FileParameterError(_ParameterError):
    """`training_file` names no file."""

    code = "invalid_training_file"
    ja = "{param} のファイル「{given}」はありません。POST /v1/files が返した id を指定してください。"
    en = "There is no file “{given}” for {param}. Pass the id that POST /v1/files returned."


class FineTuningJobUnknownError(NotFoundError):
    """No fine-tuning job has that id."""

    code = "fine_tuning_job_not_found"
    ja = "fine-tuning ジョブ {id} はありません。GET /v1/fine_tuning/jobs で確認してください。"
    en = "There is no fine-tuning job {id}. Check GET /v1/fine_tuning/jobs."


VERBS: dict[str, tuple[str, str]] = {
    "cancel": ("中止", "cancelled"),
    "pause": ("一時停止", "paused"),
    "resume": ("再開", "resumed"),
}


class FineTuningJobOverError(InvalidInputError):
    """What was asked does not fit the status."""

    status = 400
    code = "fine_tuning_job_status"
    ja = "fine-tuning ジョブ {id} の状態は {status} のため、{verb}できません。"
    en = "The fine-tuning job {id} is {status} and cannot be {verb}."


class CursorUnknownError(_ParameterError):
    """`after` names nothing in this list."""

    code = "after_unknown"
    ja = "{param} の「{given}」はこの一覧にありません。前のページの最後の id を指定してください。"
    en = "“{given}” of {param} is not in this list. Pass the last id of the previous page."


class ModelUnknownError(_ParameterError):
    """OpenAI's own code for a model that cannot be tuned."""

    code = "model_not_found"
    ja = (
        "ベースモデル「{given}」はありません。使えるもの: {known}。"
        "Hugging Face のモデルは hf:所有者/名前、手元のモデルは path:/ディレクトリ と書いてください。"
    )
    en = (
        "There is no base model “{given}”. Available: {known}. "
        "Write a Hugging Face model as hf:owner/name, a local one as path:/directory."
    )


class HyperparameterUnknownError(_ParameterError):
    """No setting of the recipe has that name."""

    code = "unknown_parameter"
    ja = "{param} という設定はありません。{meant_ja}使えるもの: {known}"
    en = "There is no setting {param}. {meant_en}Available: {known}"

    def __init__(self, param: str, *, nearest: str | None, known: str) -> None:
        meant = {"meant_ja": f"{nearest} ではありませんか。", "meant_en": f"Did you mean {nearest}? "}
        super().__init__(param, known=known, **(meant if nearest else dict.fromkeys(meant, "")))


class HyperparameterTwiceError(_ParameterError):
    """One setting was given two values."""

    code = "parameter_given_twice"
    ja = "{param} と {other} は同じ設定です。どちらか一方だけ指定してください。"
    en = "{param} and {other} are the same setting with different values. Give only one of them."


class HyperparameterInvalidError(InvalidInputError):
    """Settings outside their bounds."""

    status = 400
    code = "invalid_hyperparameter"
    ja = "設定が正しくありません。{problems_ja}"
    en = "The settings are not valid. {problems_en}"


def problem_of(error: AppError, param: str) -> FieldProblem:
    """An error as the problem of one parameter, written `a.b`."""
    return FieldProblem(f"/{param.replace('.', '/')}", error.detail("ja"), error.detail("en"))
