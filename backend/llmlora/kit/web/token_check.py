"""Whether what is shown is the token of `LLMLORA_API_TOKEN`; compared in one place, so that guesses are counted in one."""

import hmac

from starlette.types import Scope

from llmlora.kit.errors import AppError
from llmlora.kit.settings import Settings
from llmlora.kit.web.tries import Tries


class TokenWrongError(AppError):
    """Another secret than that of `LLMLORA_API_TOKEN`."""

    status = 401
    code = "token_wrong"
    ja = "トークンが LLMLORA_API_TOKEN の値と一致しません。値を確認してください。"
    en = "The token does not match the value of LLMLORA_API_TOKEN. Check the value."


class TooManyTriesError(AppError):
    """Tokens are being guessed."""

    status = 429
    code = "too_many_tries"
    ja = "誤ったトークンが続いたため、受け付けを止めています。{wait_s} 秒待ってから、もう一度試してください。"
    en = "There were too many wrong tokens in a row. Wait {wait_s} s and try again."


class TokenCheck:
    """Compares what is shown with the token, as often as `Tries` allows."""

    def __init__(self, settings: Settings) -> None:
        self._token = settings.api_token.get_secret_value() if settings.api_token else None
        self._tries = Tries()

    @property
    def is_required(self) -> bool:
        """Whether there is a token."""
        return self._token is not None

    def compare(self, given: str, address: str) -> AppError | None:
        """None: it is the token. A right one, too, is refused where too many wrong ones came from."""
        wait_s = self._tries.wait_s(address)
        if wait_s:
            return TooManyTriesError(wait_s=wait_s)
        if self._token is not None and hmac.compare_digest(given.encode(), self._token.encode()):
            return None
        self._tries.was_wrong(address, given)
        return TokenWrongError()


def client_address(scope: Scope) -> str:
    """Where a request comes from."""
    client = scope.get("client")
    return str(client[0]) if client else ""
