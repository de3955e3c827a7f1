"""Why a request in OpenAI's form is refused. OpenAI's clients expect 400 where our own API says 422."""

from llmlora.kit.errors import FieldProblem, InvalidInputError


class BadRequestError(InvalidInputError):
    """The request does not fit the API, in words that say where."""

    status = 400
    code = "invalid_request"
    ja = "リクエストが正しくありません。{reason_ja}"
    en = "The request is not valid. {reason_en}"


class ParameterUnsupportedError(InvalidInputError):
    """A parameter that would change the answer, and that we cannot honour."""

    status = 400
    code = "unsupported_parameter"
    ja = "{name} には対応していません。{advice_ja}"
    en = "{name} is not supported. {advice_en}"

    def __init__(
        self, name: str, advice_ja: str = "外してください。", advice_en: str = "Leave it out."
    ) -> None:
        super().__init__(name=name, advice_ja=advice_ja, advice_en=advice_en)
        detail = {language: self.detail(language) for language in ("ja", "en")}
        self.fields = (FieldProblem(f"/{name.replace('.', '/')}", detail["ja"], detail["en"]),)


class ContextLengthExceededError(InvalidInputError):
    """The messages do not fit into the model's context; OpenAI's own code, which clients look for."""

    status = 400
    code = "context_length_exceeded"
    ja = "{words_ja}"
    en = "{words_en}"
