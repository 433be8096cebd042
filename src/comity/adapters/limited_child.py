"""What a child that parses hostile input can be asked, and gives up before it reads the first byte."""

from __future__ import annotations

import resource
from struct import Struct
from typing import Final, Literal, TypeAlias, get_args

Work: TypeAlias = Literal[
    "evtx",
    "zip",
    "gzip",
    "zstd",
    "tar",
    "utf-16",
    "typed-csv",
    "table",
    "json",
    "event-xml",
    "event-text",
    "object-xml",
    "bzip2",
    "xz",
    "spaced-table",
    "returns",
    "otlp",
]

WORKS: Final[tuple[Work, ...]] = get_args(Work)

ORDER: Final = Struct(">BQIQQ")
"""What the preparing process is asked for: the place among :data:`WORKS`, bytes of memory, seconds of
processor, and of a part the bytes where it begins and ends. The descriptors that go with it are the file, the
pipe for what is made of it, and for errors."""
ENDED: Final = Struct(">i")
"""What it answers: nought when it is ready, and when it has taken an order; then the child's exit code, or
the negative number of the signal that ended it, or more than :data:`NOT_MADE` by the system's number of what
forbade it."""
NOT_MADE: Final = 1000


def module_of(work: Work) -> str:
    """The module whose ``prepare`` and ``main`` do this work."""
    return "comity.adapters.evtx_child" if work == "evtx" else "comity.adapters.unpack_child"


def limit_process(memory_bytes: int, cpu_seconds: int) -> None:
    """Bound memory, processor time, files, processes and core dumps of this process, for good."""
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 1 << 20),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))
    # One second more for the hard limit, so that the signal says which limit it was.
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard == resource.RLIM_INFINITY or cpu_seconds + 1 <= hard:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
