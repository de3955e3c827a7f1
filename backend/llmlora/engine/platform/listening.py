"""Whether the API and the pages can listen where they shall, asked before anything is started."""

import asyncio
import errno
import socket
import time

from llmlora.engine.platform.errors import AddressUnusableError, PortTakenError
from llmlora.kit.settings import Settings

# An API that was just killed holds its port for a moment.
WAIT_S = 2.0


async def require_free_port(host: str, port: int, option: str) -> None:
    """Bind every address of `host` once, and let go. `option` sets the port: of the command line, or a variable.

    Raises:
        PortTakenError: another program listens there.
        AddressUnusableError: it is no address of this machine, or the port is not ours to take.
    """
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
            for family, kind, protocol, _, address in found:
                _bind(family, kind, protocol, address)
            return
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                reason = error.strerror or str(error)
                told = f"--host, {option}" if option.startswith("--") else option
                raise AddressUnusableError(host=host, port=port, reason=reason, option=told) from error
            if time.monotonic() > deadline:
                raise PortTakenError(host=host, port=port, option=option) from error
        await asyncio.sleep(0.1)


async def require_free_ports(settings: Settings) -> None:
    """`require_free_port` for the API and, unless switched off, the pages.

    Raises:
        PortTakenError: another program listens at one of them.
        AddressUnusableError: as `require_free_port`.
    """
    await require_free_port(settings.api_host, settings.api_port, "--api-port")
    if settings.pages_port:
        await require_free_port(settings.api_host, settings.pages_port, "--pages-port")


def _bind(family: int, kind: int, protocol: int, address: tuple[object, ...]) -> None:
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as uvicorn does
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        probe.bind(address)
