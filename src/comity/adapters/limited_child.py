"""What a child that parses hostile input gives up before it reads the first byte."""

from __future__ import annotations

import resource


def limit_process(memory_bytes: int, cpu_seconds: int) -> None:
    """Bound memory, processor time, files and core dumps of this process, for good."""
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 1 << 20),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))
    # One second more for the hard limit, so that the signal says which limit it was.
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard == resource.RLIM_INFINITY or cpu_seconds + 1 <= hard:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
