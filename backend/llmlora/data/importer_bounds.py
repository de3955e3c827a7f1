"""Bounds of the import child, and how it tells its parent what went wrong."""

import errno
import resource

from llmlora.data.errors import DiskFullError, FileNotReadableError, TooMuchMemoryError
from llmlora.data.importer_protocol import Refused, Request
from llmlora.data.raw import MIB
from llmlora.kit.errors import AppError

MEMORY_BYTES = 4 << 30  # address space: Arrow reserves far more than it touches
CPU_BASE_S = 120
CPU_BYTES_PER_S = 500_000


def limit_resources(size_bytes: int) -> None:
    """Bound this process: 4 GiB of address space and CPU seconds in proportion to the file."""
    cpu_s = CPU_BASE_S + size_bytes // CPU_BYTES_PER_S
    for kind, limit in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, cpu_s)):
        _, hard = resource.getrlimit(kind)
        ceiling = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        try:
            resource.setrlimit(kind, (ceiling, hard))
        except (ValueError, OSError):  # macOS knows no bound on address space
            continue


def error_of(error: BaseException, request: Request) -> Refused:
    """Any failure as a code and facts for the parent.

    Raises:
        BaseException: what is no fault of the file or the machine.
    """
    match error:
        case AppError():
            known = error
        case MemoryError():
            known = TooMuchMemoryError(limit_mib=MEMORY_BYTES // MIB)
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            known = DiskFullError(path=str(request.directory))
        case OSError():
            known = FileNotReadableError(
                path=error.filename or str(request.source), reason=error.strerror or str(error)
            )
        case _:
            raise error
    return Refused.of(known)
