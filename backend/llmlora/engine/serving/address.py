"""Where the inference program is found by an address that several machines or containers share (ADR 0038)."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from llmlora.kit.errors import InvalidInputError
from llmlora.kit.settings import Settings

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
DEFAULT_PORT = 80
# Below this path of the address each server of a model answers, under the port that it has on its machine.
SERVING = "/serving/"


class InferenceAddressError(InvalidInputError):
    """The inference program itself cannot listen at the address under which it is to be asked."""

    code = "inference_address"
    ja = "推論プロセスは {url} で待ち受けられません。LLMLORA_INFERENCE_URL を http://名前:ポート にしてください（https やパスは、リバースプロキシの手前で使うアドレスです）。"
    en = "The inference program cannot listen at {url}. Set its LLMLORA_INFERENCE_URL to http://name:port (https and paths are for those who ask through a reverse proxy)."


@dataclass(frozen=True)
class InferenceAddress:
    """`LLMLORA_INFERENCE_URL` and the secret to show there."""

    url: str
    token: str = field(repr=False)

    @property
    def is_of_this_machine(self) -> bool:
        """Whether it is on loopback: whoever keeps programs here keeps this one, too."""
        return urlsplit(self.url).hostname in LOOPBACK

    def served(self, base_url: str) -> str:
        """Where a server that listens at `base_url` on the program's machine answers those who ask by this address."""
        return f"{self.url}{SERVING}{urlsplit(base_url).port}"

    def listening(self) -> tuple[str, int]:
        """Host and port to bind: loopback where the address names it, else every address of the machine, for what others
        call it (a container's name, a name of the network) is rarely a name of its own.

        Raises:
            InferenceAddressError: it is no plain http://name:port.
        """
        try:
            parts = urlsplit(self.url)
            host, port = parts.hostname, parts.port or DEFAULT_PORT
        except ValueError as error:
            raise InferenceAddressError(url=self.url) from error
        if parts.scheme != "http" or parts.path or host is None:
            raise InferenceAddressError(url=self.url)
        if self.is_of_this_machine:
            return ("::1" if host == "::1" else "127.0.0.1"), port
        return ("::" if ":" in host else "0.0.0.0"), port  # noqa: S104 - behind the token


def inference_address(settings: Settings) -> InferenceAddress | None:
    """The address that the settings name; None: the program of this machine, by its record."""
    if settings.inference_url is None or settings.inference_token is None:
        return None
    return InferenceAddress(settings.inference_url, settings.inference_token.get_secret_value())
