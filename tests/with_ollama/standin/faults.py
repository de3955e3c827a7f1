"""What the stand-in can do wrong on purpose, by route and for so many requests."""

from dataclasses import dataclass

WIRE = {
    "refuse": "closes the connection at once",
    "hang": "takes the request and never answers",
    "trickle": "sends one byte a second",
    "reset": "resets the connection in the middle of the body",
    "error_500": "answers 500",
    "bad_line": "breaks the first line of a stream",
    "cut_upload": "closes the connection in the middle of an upload, as when its disk is full",
    "no_success": "leaves out the line that ends a stream well",
}
BEHAVIOUR = {
    "disk_full": "has no space left: blobs, create, pull",
    "wrong_template": "create guesses a template of another family",
    "drop_stops": "create forgets the stop strings",
    "wrong_eos": "never samples the token that ends an answer",
}


@dataclass
class _Fault:
    mode: str
    route: str | None
    left: int | None


class Faults:
    """The faults that are set; each request that one meets uses it up by one."""

    def __init__(self) -> None:
        self._set: list[_Fault] = []

    def add(self, mode: str, route: str | None = None, times: int | None = None) -> None:
        """Do `mode` wrong on a route (None: on all), so many times (None: until cleared).

        Raises:
            ValueError: there is no such mode.
        """
        if mode not in WIRE | BEHAVIOUR:
            raise ValueError(f"unknown mode {mode!r}; known: {', '.join(WIRE | BEHAVIOUR)}")
        self._set.append(_Fault(mode, route, times))

    def clear(self) -> None:
        """Do everything right from now on."""
        self._set.clear()

    def take(self, mode: str, path: str) -> bool:
        """Whether this request meets the fault."""
        return self.first_of({mode}, path) is not None

    def first_of(self, modes: set[str], path: str) -> str | None:
        """The first fault set of these that the request meets."""
        for fault in self._set:
            hits = fault.route is None or f"{path}/".startswith(f"{fault.route}/")
            if fault.mode in modes and hits and fault.left != 0:
                fault.left = None if fault.left is None else fault.left - 1
                return fault.mode
        return None
