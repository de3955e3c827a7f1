"""Why an evaluation cannot be shown or compared."""

from llmlora.kit.errors import ConflictError, InvalidInputError, NotFoundError


class EvaluationNotFoundError(NotFoundError):
    """No evaluation has this id."""

    code = "evaluation_not_found"
    ja = "評価 {id} はありません。GET /api/evaluations の一覧で id を確認してください。"
    en = "There is no evaluation {id}. Check the ids in GET /api/evaluations."


class EvaluationOfItselfError(InvalidInputError):
    """Both sides of a comparison are one evaluation."""

    code = "evaluation_of_itself"
    ja = "同じ評価どうしは比較できません。with に別の評価の id を指定してください。"
    en = "An evaluation cannot be compared with itself. Pass the id of another one as `with`."


class EvaluationRowsGoneError(ConflictError):
    """The file that holds what was said of each row is gone or damaged."""

    code = "evaluation_rows_gone"
    ja = "ジョブ {job_id} の行ごとの結果（{file}）がないか、壊れています。そのジョブをもう一度実行すると、また見られます。"
    en = "The outcomes of the rows ({file}) of job {job_id} are gone or damaged. Run that job again to have them."
