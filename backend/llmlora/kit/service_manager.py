"""What is told to the service manager that started this process (systemd's protocol, sd_notify(3)); nothing where none did."""

import os
import socket
from collections.abc import Callable, MutableMapping
from contextlib import suppress

VARIABLE = "NOTIFY_SOCKET"


def take_notifier(environment: MutableMapping[str, str] = os.environ) -> Callable[[str], None]:
    """How to say `READY=1` and `STOPPING=1`. The address is taken out of the environment: programs that we start are not
    the service, and some of them would speak up, too."""
    address = environment.pop(VARIABLE, "")
    if not address.startswith(("/", "@")):
        return lambda _state: None
    place = f"\0{address[1:]}" if address.startswith("@") else address

    def notify(state: str) -> None:
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(state.encode(), place)

    return notify
