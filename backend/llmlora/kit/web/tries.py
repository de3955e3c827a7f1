"""How often somebody may be wrong about the token."""

import hashlib
import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_WRONG = 10
WINDOW_S = 60.0
_MOST_ADDRESSES = 10_000
_IPV6_NETWORK_BITS = 64
"""Whoever has one IPv6 address has all of its network."""


class Tries:
    """Wrong tokens of the last minute, by the address they came from.

    The same wrong token counts once: a program that goes on with an outdated one guesses nothing, and locks nobody out.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, dict[bytes, float]] = OrderedDict()

    def wait_s(self, address: str) -> int:
        """For how long nothing from there is compared any more; 0: it is."""
        known = self._recent(_network_of(address))
        if len(known) < MOST_WRONG:
            return 0
        return max(1, math.ceil(min(known.values()) + WINDOW_S - self._clock()))

    def was_wrong(self, address: str, token: str) -> None:
        """Remember a wrong token."""
        network = _network_of(address)
        known = self._recent(network)
        known.setdefault(hashlib.sha256(token.encode()).digest(), self._clock())
        self._wrong[network] = known
        self._wrong.move_to_end(network)
        while len(self._wrong) > _MOST_ADDRESSES:
            self._wrong.popitem(last=False)

    def _recent(self, network: str) -> dict[bytes, float]:
        since = self._clock() - WINDOW_S
        known = {token: at for token, at in self._wrong.get(network, {}).items() if at > since}
        if not known:
            self._wrong.pop(network, None)
        return known


def _network_of(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, _IPV6_NETWORK_BITS), strict=False))
