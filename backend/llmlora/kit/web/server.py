"""uvicorn servers that end well."""

import signal

import uvicorn


def stop_on_signals(server: uvicorn.Server) -> None:
    """End well on the first signal; uvicorn raises a signal it has seen once more when it has ended."""

    def stop(_number: int, _frame: object) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
