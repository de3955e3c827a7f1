"""What can be wrong with a request for a sweep."""

from llmlora.kit.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError


class SweepNotFoundError(NotFoundError):
    """No sweep has that id."""

    code = "sweep_not_found"
    ja = "探索 {id} はありません。一覧で確認してください。"
    en = "There is no sweep {id}. Check the list of sweeps."


class SpaceInvalidError(InvalidInputError):
    """The space that is to be searched is not one of this recipe."""

    code = "sweep_space_invalid"
    ja = "探索する範囲が正しくありません。{problems_ja}"
    en = "The space to search is not valid. {problems_en}"


class ObjectiveUnknownError(InvalidInputError):
    """Trials are to be compared by what nobody can say is better or worse."""

    code = "sweep_objective_unknown"
    ja = "レシピ {recipe} の試行を何で比べるかが決まっていません。objectives に指標と向きを指定してください。使える指標: {known}"
    en = "It is not clear what trials of the recipe {recipe} are compared by. Name a metric and a direction in objectives. Metrics: {known}"


class SamplerUnfitError(InvalidInputError):
    """A sampler that cannot search this way."""

    code = "sweep_sampler_unfit"
    ja = "方式 {method} では、複数の目的を同時に探索できません。tpe、gp、random、grid のどれかを指定してください。"
    en = "The sampler {method} cannot search for several objectives at once. Use tpe, gp, random or grid."


class SweepOverError(ConflictError):
    """What was asked needs a sweep that has not ended."""

    code = "sweep_over"
    ja = "探索「{name}」はすでに終わっています。続けるには、試行を追加してください。"
    en = "The sweep “{name}” has ended. To go on, extend it with more trials."


class SamplerDiedError(UnavailableError):
    """The sampler's process has ended without an answer."""

    code = "sweep_sampler_died"
    ja = "次に試す設定を選ぶプロセスが途中で終了しました（{how}、最後の出力: {last}）。もう一度試してください。"
    en = "The process that chooses what to try next ended early ({how}; last output: {last}). Try again."
