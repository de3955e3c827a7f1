"""`python -m llmlora.recipes.nursery DATA_DIR`: loads the learning libraries once and forks the children of runs from there.

Loading torch, transformers and peft costs a child six to eight seconds of a core; a fork of a process that has them
costs milliseconds. The worker (`engine.hosts.nursery`) speaks to it over a socket of packets, descriptor 3:

- a packet of `StartChild` with two descriptors, the child's pipe for events and its output, is answered by `ChildState`;
- every child's end is told by another `ChildState`, with its status.

The nursery itself computes nothing: when it forks it has no CUDA and no threads but those that numpy's OpenBLAS keeps
idle, which OpenBLAS ends before a fork by itself. Its children die with it, and it dies with its worker. The data root
is named for those who read a list of processes. Linux only.
"""

import gc
import importlib
import os
import selectors
import socket
from pathlib import Path

from pydantic import BaseModel

from llmlora.kit.processes import EVENTS_FD, die_with_parent, fork
from llmlora.recipes import BUILT_IN

MAX_PACKET_BYTES = 128 << 10
# Recipes of others are loaded by their children: what they start when they are imported, a fork would not have.
_PRELOADED = (
    "peft",
    "torch._dynamo",
    "transformers.models.llama.modeling_llama",
    *(f"llmlora.recipes.{name}.run" for name in sorted(BUILT_IN)),
)


class StartChild(BaseModel):
    """Start the run of a directory; `env` is the child's whole environment."""

    run_dir: Path
    env: dict[str, str]


class ChildState(BaseModel):
    """A child has started or, with a `status` (0–255, or minus the signal that ended it), is gone."""

    pid: int
    """Also its session and its process group."""
    status: int | None = None


def main() -> None:
    """Load, then fork until the worker closes its end."""
    die_with_parent()
    for name in _PRELOADED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is loaded stays shared between the children
    _serve(socket.socket(fileno=EVENTS_FD))


def _serve(link: socket.socket) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(link, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is not link:
                    pid = key.data
                    selector.unregister(key.fd)
                    os.close(key.fd)
                    _, status = os.waitpid(pid, 0)
                    _send(link, ChildState(pid=pid, status=os.waitstatus_to_exitcode(status)))
                elif (started := _fork(link)) is not None:
                    selector.register(os.pidfd_open(started), selectors.EVENT_READ, started)
                    _send(link, ChildState(pid=started))
                else:
                    return


def _send(link: socket.socket, message: BaseModel) -> None:
    link.sendall(message.model_dump_json().encode())


def _fork(link: socket.socket) -> int | None:
    """The next child's pid; None when the worker has closed its end."""
    packet, descriptors, _, _ = socket.recv_fds(link, MAX_PACKET_BYTES, 2)
    if not packet:
        return None
    order = StartChild.model_validate_json(packet)
    events, output = descriptors
    pid = fork(lambda: _run(order.run_dir), env=order.env, output=output, events_fd=events)
    for descriptor in descriptors:
        os.close(descriptor)
    return pid


def _run(run_dir: Path) -> int:
    status: int = importlib.import_module("llmlora.recipes.__main__").main(run_dir)
    return status


if __name__ == "__main__":
    main()
